//! Every statement is understood by both engines, and none is missing from the list.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use store::{Db, Engine, MIGRATIONS, statements, testing};

fn prepare_all(engine: Engine) {
    let Some((db, _guard)) = testing::fresh(engine) else { return };
    migrate(&db);
    let wrong: Vec<String> =
        statements().filter_map(|sql| db.check(sql).err().map(|e| format!("{engine:?}: {e:?}\n{sql}"))).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn migrate(db: &Db) {
    db.migrate(MIGRATIONS).unwrap();
    db.migrate(MIGRATIONS).unwrap();
}

#[test]
fn every_statement_prepares_on_sqlite() {
    prepare_all(Engine::Sqlite);
}

#[test]
fn every_statement_prepares_on_postgresql() {
    prepare_all(Engine::Postgres);
}

/// A statement is a `const NAME: &str`; it must stand in its module's STATEMENTS.
#[test]
fn no_statement_is_missing_from_the_list() {
    let mut consts = 0;
    for file in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src")).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|e| e != "rs") || path.ends_with("files.rs") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let listed = text.split("STATEMENTS").nth(1).and_then(|t| t.split(';').next()).unwrap_or_default();
        let names: Vec<&str> = listed.split(|c: char| !c.is_ascii_uppercase() && c != '_').collect();
        for line in text.lines().filter(|l| l.starts_with("const ") && l.contains(": &str")) {
            let name = line.trim_start_matches("const ").split(':').next().unwrap();
            assert!(names.contains(&name), "{}: {name}", path.display());
            consts += 1;
        }
    }
    assert_eq!(consts, statements().count());
}
