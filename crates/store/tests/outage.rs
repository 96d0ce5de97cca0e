//! PostgreSQL that goes away, comes back, and gets in its own way.

#![expect(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "a test panics, and starts tasks")]

mod proxy;

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use proxy::{Cut, Proxy};
use store::testing::{Guard, fresh};
use store::{Db, Engine, Error, Migration, Options, Tx};

const STEPS: &[Migration] = &[Migration {
    number: 1,
    name: "things",
    sql: "CREATE TABLE things (id {id}, name TEXT NOT NULL); CREATE TABLE sums (id BIGINT PRIMARY KEY, sum BIGINT);
          INSERT INTO sums (id, sum) VALUES (1, 0), (2, 0)",
}];
const INSERT: &str = "INSERT INTO things (name) VALUES ($1)";
const NAMES: &str = "SELECT name FROM things ORDER BY name";
const ADD: &str = "UPDATE sums SET sum = sum + 1 WHERE id = $1";
const SUMS: &str = "SELECT sum FROM sums ORDER BY id";

/// No call may take longer than this while the server is down.
const PATIENCE: Duration = Duration::from_millis(1500);

fn options() -> Options {
    Options { connections: 8, ..Options::default() }
}

fn database() -> Option<(Db, Guard)> {
    let (db, guard) = fresh(Engine::Postgres)?;
    db.migrate(STEPS).unwrap();
    Some((db, guard))
}

fn insert(name: String) -> impl Fn(&mut Tx<'_>) -> Result<(), Error> {
    move |tx| tx.run(INSERT, &[&name]).map(drop)
}

async fn names(db: &Db) -> Vec<String> {
    db.scan(|tx| tx.rows::<String>(NAMES, &[])).await.unwrap()
}

/// Writes until told to stop, and says what was accepted and what was answered "unavailable".
async fn load(db: Db, task: usize, stop: Arc<AtomicU64>) -> (Vec<String>, Vec<String>) {
    let (mut accepted, mut unknown) = (Vec::new(), Vec::new());
    for n in 0.. {
        if stop.load(Ordering::Relaxed) == 1 {
            break;
        }
        let name = format!("{task}-{n:06}");
        match db.write(insert(name.clone())).await {
            Ok(()) => accepted.push(name),
            Err(Error::Unavailable(_)) => unknown.push(name),
            Err(other) => panic!("{other:?}"),
        }
    }
    (accepted, unknown)
}

/// Runs writers on `db` while `trouble` does its work, then looks whether all that was accepted is there, once.
async fn under_load(db: &Db, trouble: impl AsyncFnOnce()) {
    let stop = Arc::new(AtomicU64::new(0));
    let tasks: Vec<_> = (0..6).map(|task| tokio::spawn(load(db.clone(), task, Arc::clone(&stop)))).collect();
    trouble().await;
    stop.store(1, Ordering::Relaxed);
    let (mut accepted, mut unknown) = (BTreeSet::new(), BTreeSet::new());
    for task in tasks {
        let (yes, perhaps) = task.await.unwrap();
        accepted.extend(yes);
        unknown.extend(perhaps);
    }
    assert!(!accepted.is_empty());
    until_it_works(db).await;
    let there = names(db).await;
    let set: BTreeSet<String> = there.iter().cloned().collect();
    assert_eq!(set.len(), there.len(), "a unit ran twice");
    assert!(accepted.is_subset(&set), "lost: {:?}", accepted.difference(&set).collect::<Vec<_>>());
    let unexpected: Vec<_> = set.difference(&accepted).filter(|name| !unknown.contains(*name)).collect();
    assert_eq!(unexpected, ["again"], "rows nobody was told of");
}

async fn until_it_works(db: &Db) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while let Err(error) = db.write(insert("again".to_owned())).await {
        assert!(Instant::now() < deadline, "the store did not recover: {error:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn run<F: Future<Output = ()>>(test: F) {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(test);
}

#[test]
fn terminated_connections_are_replaced_and_nothing_accepted_is_lost() {
    const TERMINATE: &str = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = $1";
    let Some((db, guard)) = database() else { return };
    let name = format!("victim{}", std::process::id());
    let address = format!("{}&application_name={name}", guard.address().unwrap());
    run(async {
        let victim = Db::postgres(&address, options()).unwrap();
        let mut killed = 0;
        under_load(&victim, async || {
            for _ in 0..20 {
                let name = name.clone();
                killed += db.scan(move |tx| tx.one::<i64>(TERMINATE, &[&name])).await.unwrap().unwrap();
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
        .await;
        assert!(killed > 20, "{killed}");
        assert!(victim.metrics().connects.load(Ordering::Relaxed) > 10);
    });
}

#[test]
fn a_server_that_stops_is_said_so_at_once_and_used_when_it_is_back() {
    if database().is_none() {
        return;
    }
    let server = Own::start();
    run(async {
        let db = Db::postgres(&server.address, options()).unwrap();
        db.migrate(STEPS).unwrap();
        under_load(&db, async || {
            for _ in 0..2 {
                tokio::time::sleep(Duration::from_millis(100)).await;
                server.tool("halt");
                for _ in 0..20 {
                    let begun = Instant::now();
                    let read = db.read(|tx| tx.rows::<String>(NAMES, &[])).await;
                    assert!(matches!(read, Err(Error::Unavailable(_))), "{read:?}");
                    assert!(read.unwrap_err().retry_after().is_some());
                    assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
                }
                server.tool("start");
            }
        })
        .await;
    });
}

/// A server of the test's own, which it may stop.
struct Own {
    name: String,
    address: String,
}

impl Own {
    fn start() -> Self {
        let mut own = Self { name: format!("outage{}", std::process::id()), address: String::new() };
        let line = own.tool("start");
        own.address = line.trim().split_once('=').unwrap().1.to_owned();
        own
    }

    fn tool(&self, command: &str) -> String {
        let tool = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tools/postgres");
        let output = Command::new(tool).args([command, &self.name]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        self.tool("stop");
    }
}

#[test]
fn a_connection_lost_before_the_commit_is_no_concern_of_the_caller() {
    let Some((_db, guard)) = database() else { return };
    run(async {
        let proxy = Proxy::start(&guard.address().unwrap());
        let db = Db::postgres(proxy.address(), options()).unwrap();
        db.write(insert("warm".to_owned())).await.unwrap();
        let (runs, cut) = (Arc::new(AtomicU64::new(0)), proxy.clone());
        let seen = Arc::clone(&runs);
        db.write(move |tx| {
            tx.run(INSERT, &[&"once"])?;
            if seen.fetch_add(1, Ordering::Relaxed) == 0 {
                cut.drop_connections();
            }
            tx.run(INSERT, &[&"twice"])
        })
        .await
        .unwrap();
        assert_eq!(runs.load(Ordering::Relaxed), 2);
        assert_eq!(names(&db).await, ["once", "twice", "warm"]);
    });
}

#[test]
fn a_connection_lost_in_the_commit_is_unavailable_and_never_repeated() {
    let Some((_db, guard)) = database() else { return };
    run(async {
        let proxy = Proxy::start(&guard.address().unwrap());
        let db = Db::postgres(proxy.address(), options()).unwrap();
        for (cut, name, there) in [(Cut::Before, "cut before", false), (Cut::After, "cut after", true)] {
            let runs = Arc::new(AtomicU64::new(0));
            let seen = Arc::clone(&runs);
            proxy.cut_commit(cut);
            let result = db
                .write(move |tx| {
                    seen.fetch_add(1, Ordering::Relaxed);
                    tx.run(INSERT, &[&name])
                })
                .await;
            assert!(matches!(result, Err(Error::Unavailable(_))), "{result:?}");
            assert_eq!(runs.load(Ordering::Relaxed), 1);
            let deadline = Instant::now() + Duration::from_secs(5);
            while names(&db).await.contains(&name.to_owned()) != there {
                assert!(Instant::now() < deadline, "{name}");
            }
        }
    });
}

#[test]
fn deadlocked_units_run_again() {
    let Some((db, _guard)) = database() else { return };
    run(async {
        let tasks: Vec<_> = (0..2_i64)
            .map(|task| {
                let (db, first) = (db.clone(), 1 + task % 2);
                tokio::spawn(async move {
                    for _ in 0..4 {
                        db.write(move |tx| {
                            tx.run("SET LOCAL deadlock_timeout = '20ms'", &[])?;
                            tx.run(ADD, &[&first])?;
                            tx.run("SELECT pg_sleep(0.01)", &[])?;
                            tx.run(ADD, &[&(3 - first)])
                        })
                        .await
                        .unwrap();
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(db.scan(|tx| tx.rows::<i64>(SUMS, &[])).await.unwrap(), [8, 8]);
        assert!(db.metrics().retries.load(Ordering::Relaxed) > 0, "there was no deadlock");
    });
}

#[test]
fn units_that_cannot_be_put_in_a_row_run_again() {
    let Some((db, _guard)) = database() else { return };
    run(async {
        let tasks: Vec<_> = (0..2)
            .map(|_| {
                let db = db.clone();
                tokio::spawn(async move {
                    let mut done = 0;
                    while done < 50 {
                        match db.write(add_by_hand).await {
                            Ok(_) => done += 1,
                            // The other was in the way every time.
                            Err(Error::Unavailable(_)) => {}
                            Err(other) => panic!("{other:?}"),
                        }
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(db.scan(|tx| tx.rows::<i64>(SUMS, &[])).await.unwrap(), [100, 0]);
        let retries = db.metrics().retries.load(Ordering::Relaxed);
        assert!(retries > 0, "nothing had to run again");
        assert!(db.metrics().units.load(Ordering::Relaxed) >= 100 + retries);
    });
}

fn add_by_hand(tx: &mut Tx<'_>) -> Result<u64, Error> {
    tx.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", &[])?;
    let sum: Option<i64> = tx.one("SELECT sum FROM sums WHERE id = 1", &[])?;
    tx.run("UPDATE sums SET sum = $1 WHERE id = 1", &[&(sum.unwrap_or(0) + 1)])
}

#[test]
fn a_full_pool_answers_when_it_is_free_and_a_full_queue_at_once() {
    let Some((_db, guard)) = database() else { return };
    run(async {
        let few = Options { connections: 2, queue: 2, ..Options::default() };
        let db = Db::postgres(&guard.address().unwrap(), few).unwrap();
        let sleep = |tx: &mut Tx<'_>| tx.run("SELECT pg_sleep(0.2)", &[]).map(drop);
        let tasks: Vec<_> = (0..10)
            .map(|_| {
                let db = db.clone();
                tokio::spawn(async move { db.write(sleep).await })
            })
            .collect();
        let (mut done, mut full) = (0, 0);
        for task in tasks {
            match task.await.unwrap() {
                Ok(()) => done += 1,
                Err(Error::Full) => full += 1,
                Err(other) => panic!("{other:?}"),
            }
        }
        assert!(done >= 2 && full >= 7, "{done} {full}");
    });
}
