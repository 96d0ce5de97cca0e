//! Group commit on SQLite: what one unit does wrong hits no other, whatever SQLite does to their transaction.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Waker};

use store::testing::{Guard, fresh_with};
use store::{Db, Engine, Error, Migration, Options, Tx};

const STEPS: &[Migration] = &[Migration {
    number: 1,
    name: "things",
    sql: "CREATE TABLE things (name TEXT NOT NULL UNIQUE, content {bytes});
          CREATE TABLE parts (thing TEXT REFERENCES things (name) DEFERRABLE INITIALLY DEFERRED)",
}];
const INSERT: &str = "INSERT INTO things (name, content) VALUES ($1, $2)";
const PAGES: &str = "PRAGMA max_page_count=100";

type Outcome = (String, Result<(), Error>);
type Pending = Pin<Box<dyn Future<Output = Outcome> + Send>>;

fn store(options: Options) -> (Db, Guard) {
    let (db, guard) = fresh_with(Engine::Sqlite, options).unwrap();
    db.migrate(STEPS).unwrap();
    (db, guard)
}

/// Puts a unit in the queue.
fn queue(db: &Db, name: &str, unit: impl Fn(&mut Tx<'_>) -> Result<(), Error> + Send + Sync + 'static) -> Pending {
    let (db, name) = (db.clone(), name.to_owned());
    let mut pending: Pending = Box::pin(async move { (name, db.write(unit).await) });
    assert!(pending.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    pending
}

fn insert(name: &str, bytes: usize) -> impl Fn(&mut Tx<'_>) -> Result<(), Error> + use<> {
    let (name, content) = (name.to_owned(), vec![7_u8; bytes]);
    move |tx| tx.run(INSERT, &[&name, &content]).map(drop)
}

/// Holds the writer until the sender is dropped, so that all that is queued meanwhile is one group.
fn hold(db: &Db) -> (Pending, std::sync::mpsc::Sender<()>) {
    let (go, gate) = std::sync::mpsc::channel::<()>();
    let gate = std::sync::Mutex::new(gate);
    let held = queue(db, "gate", move |_| {
        let _ = gate.lock().unwrap().recv();
        Ok(())
    });
    (held, go)
}

fn names(db: &Db) -> Vec<String> {
    block(db.scan(|tx| tx.rows::<String>("SELECT name FROM things ORDER BY name", &[]))).unwrap()
}

fn block<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// Settles all, and says which were refused; what was accepted must be there, and nothing else.
fn settle(db: &Db, pending: Vec<Pending>) -> Vec<(String, Error)> {
    let (mut accepted, mut refused) = (Vec::new(), Vec::new());
    for one in pending {
        match block(one) {
            (name, Ok(())) => accepted.push(name),
            (name, Err(error)) => refused.push((name, error)),
        }
    }
    accepted.retain(|name| name != "gate");
    accepted.sort();
    assert_eq!(names(db), accepted);
    refused
}

#[test]
fn a_unit_that_fills_the_disk_takes_nobody_with_it() {
    let (db, _guard) = store(Options::default());
    block(db.write(|tx| tx.rows::<i64>(PAGES, &[]).map(drop))).unwrap();
    let (held, go) = hold(&db);
    let mut pending = vec![held];
    for n in 0..60 {
        let bytes = if n % 20 == 10 { 1_000_000 } else { 10 };
        let name = format!("{n:03}");
        pending.push(queue(&db, &name, insert(&name, bytes)));
    }
    drop(go);
    let refused = settle(&db, pending);
    let names: Vec<&str> = refused.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["010", "030", "050"]);
    assert!(refused.iter().all(|(_, error)| matches!(error, Error::Full)), "{refused:?}");
    assert!(db.metrics().retries.load(Ordering::Relaxed) >= 3, "SQLite did not roll the transaction back");

    block(db.write(|tx| tx.rows::<i64>("PRAGMA max_page_count=1000000", &[]).map(drop))).unwrap();
    block(db.write(insert("space is back", 1_000_000))).unwrap();
}

#[test]
fn a_unit_that_swallows_a_full_disk_is_not_taken_for_done() {
    let (db, _guard) = store(Options::default());
    block(db.write(|tx| tx.rows::<i64>(PAGES, &[]).map(drop))).unwrap();
    let (held, go) = hold(&db);
    let large = insert("large", 1_000_000);
    let swallow = move |tx: &mut Tx<'_>| {
        insert("before", 10)(tx)?;
        assert!(matches!(large(tx), Err(Error::Full)));
        Ok(())
    };
    let pending =
        vec![held, queue(&db, "a", insert("a", 10)), queue(&db, "before", swallow), queue(&db, "b", insert("b", 10))];
    drop(go);
    let refused = settle(&db, pending);
    assert!(matches!(refused.as_slice(), [(name, Error::Poisoned)] if name == "before"), "{refused:?}");
}

#[test]
fn a_unit_refused_by_the_commit_takes_nobody_with_it() {
    let (db, _guard) = store(Options::default());
    let (held, go) = hold(&db);
    let mut pending = vec![held];
    for n in 0..20 {
        let name = format!("{n:03}");
        let good = insert(&name, 10);
        pending.push(queue(&db, &name, move |tx| {
            good(tx)?;
            let thing = if n == 7 { "nobody" } else { "000" };
            tx.run("INSERT INTO parts (thing) VALUES ($1)", &[&thing]).map(drop)
        }));
    }
    drop(go);
    let refused = settle(&db, pending);
    assert!(matches!(refused.as_slice(), [(name, Error::Conflict { .. })] if name == "007"), "{refused:?}");
}

#[test]
fn a_panic_among_a_hundred_is_one_failure() {
    let (db, _guard) = store(Options::default());
    let (held, go) = hold(&db);
    let mut pending = vec![held];
    for n in 0..100 {
        let name = format!("{n:03}");
        let good = insert(&name, 10);
        pending.push(queue(&db, &name, move |tx| {
            good(tx)?;
            assert_ne!(n, 42, "a unit may panic");
            Ok(())
        }));
    }
    drop(go);
    let refused = settle(&db, pending);
    assert!(matches!(refused.as_slice(), [(name, Error::Panicked)] if name == "042"), "{refused:?}");
    assert!(db.metrics().batches.load(Ordering::Relaxed) < 50, "they did not share transactions");
}

#[test]
fn a_full_queue_refuses_at_once() {
    let (db, _guard) = store(Options { queue: 4, ..Options::default() });
    let (held, go) = hold(&db);
    // The gate may still be in the queue or already at work.
    let mut pending = vec![held];
    let mut full = 0;
    for n in 0..10 {
        let (db, name) = (db.clone(), format!("{n:03}"));
        let unit = insert(&name, 10);
        let mut one: Pending = Box::pin(async move { (name, db.write(unit).await) });
        match one.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            std::task::Poll::Pending => pending.push(one),
            std::task::Poll::Ready((_, Err(Error::Full))) => full += 1,
            std::task::Poll::Ready(other) => panic!("{other:?}"),
        }
    }
    assert!(full >= 5, "{full}");
    assert_eq!(db.metrics().queue_full.load(Ordering::Relaxed), full);
    drop(go);
    assert!(settle(&db, pending).is_empty());
    block(db.write(insert("later", 10))).unwrap();
}

#[test]
fn a_refusal_waits_for_the_rows_it_rests_on() {
    // A machine that is busy may part "b" and "c"; then there was nothing to see.
    assert!((0..20).any(|_| refusal_in_a_group_that_is_rolled_back() == 2), "they never shared a transaction");
}

/// "b" looks for "a", which the failure of "c" takes away once: its answer must come from its second run.
fn refusal_in_a_group_that_is_rolled_back() -> u64 {
    let (db, _guard) = store(Options::default());
    block(db.write(|tx| tx.rows::<i64>(PAGES, &[]).map(drop))).unwrap();
    let (held, go) = hold(&db);
    let runs = Arc::new(AtomicU64::new(0));
    let seen = Arc::clone(&runs);
    let look = move |tx: &mut Tx<'_>| {
        seen.fetch_add(1, Ordering::Relaxed);
        insert("a", 10)(tx)
    };
    let pending =
        vec![held, queue(&db, "a", insert("a", 10)), queue(&db, "b", look), queue(&db, "c", insert("c", 1_000_000))];
    drop(go);
    let refused = settle(&db, pending);
    let names: Vec<&str> = refused.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["b", "c"]);
    runs.load(Ordering::Relaxed)
}

#[test]
fn a_slow_unit_is_counted() {
    let (db, _guard) = store(Options::default());
    let slow = |_: &mut Tx<'_>| {
        let begun = std::time::Instant::now();
        while begun.elapsed() < std::time::Duration::from_millis(25) {}
        Ok::<_, Error>(())
    };
    block(db.write(slow)).unwrap();
    assert_eq!(db.metrics().slow_units.load(Ordering::Relaxed), 1);
}
