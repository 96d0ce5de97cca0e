//! What the engine promises, on both engines.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::task::{Context, Waker};

use store::testing::{Guard, fresh};
use store::{Col as _, Db, Engine, Error, Migration, Tx};

const STEPS: &[Migration] = &[
    Migration {
        number: 1,
        name: "things",
        sql: "CREATE TABLE things (id {id}, name TEXT NOT NULL CONSTRAINT things_name UNIQUE, blob {bytes}, yes BOOLEAN, \
              much DOUBLE PRECISION, at BIGINT);
              INSERT INTO things (name) VALUES ('first');",
    },
    Migration {
        number: 2,
        name: "parts",
        sql: "CREATE TABLE parts (id {id}, thing BIGINT NOT NULL REFERENCES things (id), \
              size BIGINT CONSTRAINT parts_size CHECK (size > 0))",
    },
];

const INSERT: &str = "INSERT INTO things (name) VALUES ($1) RETURNING id";
const COUNT: &str = "SELECT count(*) FROM things WHERE name LIKE $1";

/// Runs a test on every engine there is.
fn on_both<F: Future<Output = ()>>(test: impl Fn(Db, Guard) -> F) {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some((db, guard)) = fresh(engine) else { continue };
        db.migrate(STEPS).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(test(db, guard));
    }
}

fn insert(name: &str) -> impl Fn(&mut Tx<'_>) -> Result<i64, Error> + use<> {
    let name = name.to_owned();
    move |tx| Ok(tx.one(INSERT, &[&name])?.unwrap())
}

async fn count(db: &Db, like: &'static str) -> i64 {
    db.read(move |tx| tx.one::<i64>(COUNT, &[&like])).await.unwrap().unwrap()
}

#[test]
fn identity_columns_begin_at_1001() {
    on_both(async |db, _guard| {
        let first: Option<i64> = db.read(|tx| tx.one("SELECT id FROM things", &[])).await.unwrap();
        assert_eq!(first, Some(1001));
        assert_eq!(db.write(insert("second")).await.unwrap(), 1002);
    });
}

#[test]
fn every_kind_of_value_goes_in_and_comes_out() {
    type Things = (String, Option<Vec<u8>>, Option<bool>, Option<f64>, Option<i64>);
    const ALL: &str = "INSERT INTO things (at, much, yes, blob, name) VALUES ($5, $4, $3, $2, $1)";
    const BACK: &str = "SELECT name, blob, yes, much, at FROM things WHERE name <> 'first' ORDER BY name";
    on_both(async |db, _guard| {
        db.write(|tx| {
            tx.run(ALL, &[&"a", &[0_u8, 1, 255], &true, &1.5, &i64::MAX])?;
            tx.run(ALL, &[&"b".to_owned(), &vec![7_u8], &Some(false), &-0.25, &None::<i64>])?;
            tx.run(ALL, &[&"ü", &None::<Vec<u8>>, &None::<bool>, &None::<f64>, &Some(i64::MIN)])
        })
        .await
        .unwrap();
        let rows: Vec<Things> = db.scan(|tx| tx.rows(BACK, &[])).await.unwrap();
        let expected: Vec<Things> = vec![
            ("a".into(), Some(vec![0, 1, 255]), Some(true), Some(1.5), Some(i64::MAX)),
            ("b".into(), Some(vec![7]), Some(false), Some(-0.25), None),
            ("ü".into(), None, None, None, Some(i64::MIN)),
        ];
        assert_eq!(rows, expected);
    });
}

#[test]
fn a_cell_of_another_kind_is_an_error_that_names_the_column() {
    on_both(async |db, _guard| {
        let result: Result<Option<(i64, i64)>, Error> = db.read(|tx| tx.one("SELECT id, name FROM things", &[])).await;
        let Err(Error::Row { column: 1, why }) = result else { panic!("{result:?}") };
        assert_eq!(why, "expected an integer, found text");
        let none = db.read(|tx| tx.one::<i64>("SELECT at FROM things", &[])).await;
        assert!(matches!(none, Err(Error::Row { column: 0, .. })), "{none:?}");
        let beyond = db.read(|tx| tx.one::<(i64, i64)>("SELECT id FROM things", &[])).await;
        assert!(matches!(beyond, Err(Error::Row { column: 1, .. })), "{beyond:?}");
    });
    assert!(bool::from_cell(store::Value::Int(2)).is_err());
}

#[test]
fn one_is_not_content_with_two_rows() {
    on_both(async |db, _guard| {
        db.write(insert("second")).await.unwrap();
        let result = db.read(|tx| tx.one::<i64>("SELECT id FROM things", &[])).await;
        assert!(matches!(result, Err(Error::Internal(_))), "{result:?}");
    });
}

#[test]
fn broken_rules_are_conflicts_with_a_name() {
    on_both(async |db, _guard| {
        let sqlite = db.engine() == Engine::Sqlite;
        for (sql, on_sqlite, on_postgres) in [
            ("INSERT INTO things (name) VALUES ('first')", "things.name", "things_name"),
            ("INSERT INTO things (name) VALUES (NULL)", "things.name", "name"),
            ("INSERT INTO parts (thing, size) VALUES (1001, 0)", "parts_size", "parts_size"),
            ("INSERT INTO parts (thing) VALUES (77)", "foreign key", "parts_thing_fkey"),
        ] {
            let result: Result<u64, Error> = db.write(move |tx| tx.run(sql, &[])).await;
            let Err(Error::Conflict { constraint }) = result else { panic!("{sql}: {result:?}") };
            assert_eq!(constraint, if sqlite { on_sqlite } else { on_postgres });
        }
    });
}

#[test]
fn a_unit_that_swallows_a_failed_statement_is_rolled_back() {
    on_both(async |db, _guard| {
        let result = db
            .write(|tx| {
                let _: Option<i64> = tx.one(INSERT, &[&"swallowed"])?;
                assert!(matches!(tx.one::<i64>(INSERT, &[&"first"]), Err(Error::Conflict { .. })));
                assert!(matches!(tx.one::<i64>(INSERT, &[&"other"]), Err(Error::Poisoned)));
                Ok::<_, Error>(())
            })
            .await;
        assert!(matches!(result, Err(Error::Poisoned)), "{result:?}");
        assert_eq!(count(&db, "swallowed").await, 0);
    });
}

#[test]
fn a_unit_that_fails_or_panics_leaves_nothing_and_hurts_nobody() {
    on_both(async |db, _guard| {
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..102 {
            let (db, good) = (db.clone(), insert(&format!("good {n}")));
            tasks.spawn(async move {
                let result = db.write(move |tx| match (n, good(tx)?) {
                    (50, _) => Err(Error::Closed),
                    (51, _) => panic!("a unit may do this"),
                    (_, id) => Ok(id),
                });
                (n, result.await)
            });
        }
        for (n, result) in tasks.join_all().await {
            match n {
                50 => assert!(matches!(result, Err(Error::Closed)), "{result:?}"),
                51 => assert!(matches!(result, Err(Error::Panicked)), "{result:?}"),
                _ => assert!(result.is_ok(), "{result:?}"),
            }
        }
        assert_eq!(count(&db, "good %").await, 100);
        assert_eq!(count(&db, "%").await, 101);
        let again = db.read(|_| -> Result<(), Error> { panic!("so may a read") }).await;
        assert!(matches!(again, Err(Error::Panicked)));
    });
}

#[test]
fn reads_and_scans_cannot_write() {
    on_both(async |db, _guard| {
        assert!(db.read(insert("by a read")).await.is_err());
        assert!(db.scan(insert("by a scan")).await.is_err());
        assert_eq!(count(&db, "by %").await, 0);
        db.write(insert("by a write")).await.unwrap();
    });
}

#[test]
fn a_scan_sees_one_state() {
    on_both(async |db, _guard| {
        let (writer, runtime) = (db.clone(), tokio::runtime::Handle::current());
        let (before, after) = db
            .scan(move |tx| {
                let before: Option<i64> = tx.one(COUNT, &[&"%"])?;
                let writer = writer.clone();
                let done = runtime.spawn(async move { writer.write(insert("meanwhile")).await });
                while !done.is_finished() {
                    std::thread::yield_now();
                }
                Ok::<_, Error>((before, tx.one::<i64>(COUNT, &[&"%"])?))
            })
            .await
            .unwrap();
        assert_eq!(before, after);
        assert_eq!(count(&db, "%").await, 2);
    });
}

#[test]
fn arguments_must_be_as_many_as_the_statement_takes() {
    on_both(async |db, _guard| {
        for args in 0..=3 {
            let ok = db.read(move |tx| {
                let all: [&dyn store::Arg; 3] = [&1_i64, &2_i64, &3_i64];
                tx.rows::<i64>("SELECT id FROM things WHERE id = $2 AND at = $1 AND at = $2", &all[..args])
            });
            assert_eq!(ok.await.is_ok(), args == 2, "{args}");
        }
    });
}

#[test]
fn check_prepares_and_runs_nothing() {
    on_both(async |db, _guard| {
        db.check("SELECT id FROM things WHERE id = $1 {skip locked}").unwrap();
        db.check("DELETE FROM things").unwrap();
        assert!(db.check("SELECT wrong FROM things").is_err());
        assert_eq!(count(&db, "%").await, 1);
    });
}

#[test]
fn migrations_run_once_and_refuse_another_build() {
    on_both(async |db, _guard| {
        db.migrate(STEPS).unwrap();
        let third = Migration { number: 3, name: "third", sql: "CREATE TABLE third (id {id}); SELECT wrong" };
        let Err(Error::Internal(why)) = db.migrate(&[STEPS[0], STEPS[1], third]) else { panic!("a wrong step ran") };
        assert!(why.to_string().contains("migration 3 (third)"), "{why}");
        assert!(db.check("SELECT id FROM third").is_err(), "half a step is there");

        let third = Migration { sql: "CREATE TABLE third (id {id})", ..third };
        db.migrate(&[STEPS[0], STEPS[1], third]).unwrap();
        assert!(matches!(db.migrate(STEPS), Err(Error::Newer { found: 3, known: 2 })));
        let altered = Migration { sql: "CREATE TABLE parts (id {id})", ..STEPS[1] };
        assert!(matches!(db.migrate(&[STEPS[0], altered, third]), Err(Error::Altered { number: 2 })));
        assert!(matches!(db.migrate(&[STEPS[0], third]), Err(Error::Altered { number: 2 })));
        assert!(db.migrate(&[STEPS[1], STEPS[0]]).is_err());
    });
}

#[test]
fn several_nodes_may_migrate_at_once() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let Some((db, _guard)) = fresh(engine) else { continue };
        std::thread::scope(|scope| {
            let nodes: Vec<_> = (0..4).map(|_| scope.spawn(|| db.migrate(STEPS))).collect();
            for node in nodes {
                node.join().unwrap().unwrap();
            }
        });
    }
}

#[test]
fn a_closed_store_answers_so_and_has_finished_its_work() {
    on_both(async |db, guard| {
        let write = |n: i64| {
            let db = db.clone();
            async move { db.write(insert(&format!("last {n}"))).await }
        };
        // Polled once each, in order, so that all are in the queue when it closes.
        let mut writes: Vec<_> = (0..50).map(|n| Box::pin(write(n))).collect();
        for write in &mut writes {
            let mut context = Context::from_waker(Waker::noop());
            assert!(write.as_mut().poll(&mut context).is_pending());
        }
        db.close().await;
        for write in writes {
            write.await.unwrap();
        }
        assert!(matches!(db.write(insert("late")).await, Err(Error::Closed)));
        assert!(matches!(db.read(insert("late")).await, Err(Error::Closed)));
        assert!(matches!(db.scan(insert("late")).await, Err(Error::Closed)));
        if let Some(folder) = guard.folder() {
            assert!(!folder.join("store.db-wal").exists(), "the log was left behind");
            let again = Db::sqlite(&folder.join("store.db"), store::Options::default()).unwrap();
            assert_eq!(count(&again, "last %").await, 50);
        }
    });
}
