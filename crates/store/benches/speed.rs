//! How fast the engine is, beside a bare loop over the driver in the same run.
//!
//! `cargo bench -p crossdock-store --features testing`; `CROSSDOCK_TEST_POSTGRES` adds PostgreSQL.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement for people")]

use std::time::{Duration, Instant};

use store::testing::fresh_with;
use store::{Db, Engine, Error, Migration, Options};

const STEPS: &[Migration] = &[Migration {
    number: 1,
    name: "things",
    sql: "CREATE TABLE things (id {id}, name TEXT NOT NULL, at BIGINT NOT NULL)",
}];
const INSERT: &str = "INSERT INTO things (name, at) VALUES ($1, $2)";
const FIND: &str = "SELECT id, name, at FROM things WHERE id = $1";
const ROWS: i64 = 10_000;
const LENGTH: Duration = Duration::from_secs(2);

fn main() {
    bare();
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some((db, _guard)) = fresh_with(engine, Options::default()) else { continue };
        db.migrate(STEPS).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
        runtime.block_on(async {
            fill(&db).await;
            for callers in [1, 2, 64] {
                let reads = measure(&db, callers, |db, n| async move {
                    let id = 1001 + n.wrapping_mul(7919) % ROWS;
                    let row = db.read(move |tx| tx.one::<(i64, String, i64)>(FIND, &[&id])).await?;
                    assert_eq!(row.map(|row| row.0), Some(id));
                    Ok(())
                });
                println!("{engine:?}: {callers:>3} callers: {:>9.0} point reads/s", reads.await);
            }
            for callers in [1, 64, 256] {
                let writes = measure(&db, callers, |db, n| async move {
                    db.write(move |tx| tx.run(INSERT, &[&"a durable row", &n])).await.map(drop)
                });
                println!("{engine:?}: {callers:>3} callers: {:>9.0} durable units/s", writes.await);
            }
            println!("{engine:?}: {:?}", db.metrics());
        });
    }
}

async fn fill(db: &Db) {
    let fill = db.write(|tx| {
        for n in 0..ROWS {
            tx.run(INSERT, &[&"some name", &n])?;
        }
        Ok::<_, Error>(())
    });
    fill.await.unwrap();
}

/// Calls per second.
async fn measure<F>(db: &Db, callers: i64, call: fn(Db, i64) -> F) -> f64
where
    F: Future<Output = Result<(), Error>> + Send + 'static,
{
    let begun = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for caller in 0..callers {
        let db = db.clone();
        tasks.spawn(async move {
            let mut calls = 0_u32;
            while begun.elapsed() < LENGTH {
                call(db.clone(), i64::from(calls) * callers + caller).await.unwrap();
                calls += 1;
            }
            calls
        });
    }
    let calls: u32 = tasks.join_all().await.into_iter().sum();
    f64::from(calls) / begun.elapsed().as_secs_f64()
}

/// The driver alone, on one thread: a cached statement read by key, and one commit per row.
fn bare() {
    let folder = tempfile::tempdir().unwrap();
    let db = rusqlite::Connection::open(folder.path().join("bare.db")).unwrap();
    db.execute_batch(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
         CREATE TABLE things (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, at BIGINT NOT NULL);
         INSERT INTO sqlite_sequence VALUES ('things', 1000); BEGIN;",
    )
    .unwrap();
    let insert = |n: i64| db.prepare_cached(INSERT).unwrap().execute(("some name", n)).unwrap();
    (0..ROWS).for_each(|n| assert_eq!(insert(n), 1));
    db.execute_batch("COMMIT").unwrap();
    let reads = repeat(|n| {
        let id = 1001 + n.wrapping_mul(7919) % ROWS;
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?));
        let row: (i64, String, i64) = db.prepare_cached(FIND).unwrap().query_row([id], read).unwrap();
        assert_eq!(row.0, id);
    });
    println!("bare rusqlite, 1 thread: {reads:>9.0} point reads/s");
    let writes = repeat(|n| assert_eq!(insert(n), 1));
    println!("bare rusqlite, 1 thread: {writes:>9.0} durable rows/s, one commit each");
}

fn repeat(call: impl Fn(i64)) -> f64 {
    let begun = Instant::now();
    let mut calls = 0_u32;
    while begun.elapsed() < LENGTH {
        call(i64::from(calls));
        calls += 1;
    }
    f64::from(calls) / begun.elapsed().as_secs_f64()
}
