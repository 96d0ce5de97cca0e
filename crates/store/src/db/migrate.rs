//! Numbered steps that bring a database to the program's shape, forward only.

use std::path::Path;

use rusqlite::Batch;
use rusqlite::fallible_iterator::FallibleIterator as _;

use super::postgres::Server;
use super::sqlite::{Connection, Role, failure};
use super::{Engine, dialect, postgres};
use crate::error::{Error, Result};

/// One step. Once released it is never changed.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Its place, ascending.
    pub number: i64,
    /// What it does, for people.
    pub name: &'static str,
    /// One or more statements.
    pub sql: &'static str,
}

const RECORD: &str = "CREATE TABLE IF NOT EXISTS store_migrations \
                      (number BIGINT PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL)";
const RECORDED: &str = "SELECT number, checksum FROM store_migrations ORDER BY number";
const INSERT: &str = "INSERT INTO store_migrations (number, name, checksum) VALUES ($1, $2, $3)";

/// The steps that have not run yet.
fn pending<'a>(steps: &'a [Migration], recorded: &[(i64, String)]) -> Result<&'a [Migration]> {
    if !steps.is_sorted_by(|a, b| a.number < b.number) {
        return Err(Error::internal("migrations must be numbered in ascending order"));
    }
    let (found, known) = (recorded.last().map_or(0, |r| r.0), steps.last().map_or(0, |s| s.number));
    if found > known {
        return Err(Error::Newer { found, known });
    }
    for (at, (number, checksum)) in recorded.iter().enumerate() {
        let same = steps.get(at).is_some_and(|s| s.number == *number && s.checksum() == *checksum);
        if !same {
            return Err(Error::Altered { number: *number });
        }
    }
    Ok(steps.get(recorded.len()..).unwrap_or_default())
}

impl Migration {
    fn checksum(&self) -> String {
        blake3::hash(self.sql.as_bytes()).to_hex().to_string()
    }

    fn failed(&self, error: &Error) -> Error {
        let why = std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
        Error::internal(format!("migration {} ({}) failed: {why}", self.number, self.name))
    }
}

pub(super) fn sqlite(path: &Path, steps: &[Migration]) -> Result<()> {
    let connection = Connection::open(path, Role::Writer)?;
    let raw = connection.raw();
    let run = |sql: &str| raw.execute_batch(sql).map_err(|e| failure(e).error);
    // A table is rebuilt by making a new one and dropping the old, which the check would forbid half-way.
    run("PRAGMA foreign_keys=OFF; BEGIN EXCLUSIVE;")?;
    run(RECORD)?;
    let recorded = recorded(raw).map_err(|e| failure(e).error)?;
    for step in pending(steps, &recorded)? {
        step_on_sqlite(raw, step).map_err(|e| step.failed(&failure(e).error))?;
    }
    let loose = raw.prepare("PRAGMA foreign_key_check").and_then(|mut s| s.exists([])).map_err(|e| failure(e).error)?;
    if loose {
        return Err(Error::internal("after the migrations a foreign key points to nothing"));
    }
    run("COMMIT")
}

fn recorded(raw: &rusqlite::Connection) -> rusqlite::Result<Vec<(i64, String)>> {
    raw.prepare(RECORDED)?.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

fn step_on_sqlite(raw: &rusqlite::Connection, step: &Migration) -> rusqlite::Result<()> {
    let sql = dialect::render(step.sql, Engine::Sqlite);
    let mut batch = Batch::new(raw, &sql);
    while let Some(mut statement) = batch.next()? {
        statement.raw_execute()?;
        drop(statement);
        start_ids(raw)?;
    }
    raw.execute(INSERT, rusqlite::params![step.number, step.name, step.checksum()]).map(drop)
}

/// Lets every new identity column begin at the same number as on PostgreSQL. SQLite can do so only once the table is
/// there, and must do so before its first row.
fn start_ids(raw: &rusqlite::Connection) -> rusqlite::Result<()> {
    if !raw.prepare_cached("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'")?.exists([])? {
        return Ok(());
    }
    raw.prepare_cached(
        "INSERT INTO sqlite_sequence (name, seq) SELECT name, ?1 FROM sqlite_master \
         WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%' AND name NOT IN (SELECT name FROM sqlite_sequence)",
    )?
    .execute([dialect::FIRST_ID - 1])
    .map(drop)
}

pub(super) fn postgres(server: &Server, steps: &[Migration]) -> Result<()> {
    let mut session = server.connect(postgres::Role::Writer)?;
    // Another node may be migrating: wait for it. A step may take long.
    session
        .batch("SET lock_timeout = '10min'; SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0")?;
    session.batch("BEGIN; SELECT pg_advisory_xact_lock(hashtext('crossdock ' || current_schema()))")?;
    session.batch(RECORD)?;
    let recorded: Vec<(i64, String)> = session.rows(RECORDED, &[]).map_err(|failure| failure.error)?;
    for step in pending(steps, &recorded)? {
        session.batch(&dialect::render(step.sql, Engine::Postgres)).map_err(|e| step.failed(&e))?;
        let record = session.run(INSERT, &[&step.number, &step.name, &step.checksum()]);
        record.map_err(|failure| step.failed(&failure.error))?;
    }
    session.batch("COMMIT")
}
