//! Fresh databases for tests.

use std::io::Write as _;
use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::db::{Db, Engine, Options};
use crate::error::{Error, Result};

/// The variable that names a PostgreSQL server for tests; `tools/postgres start` prints it.
pub const POSTGRES: &str = "CROSSDOCK_TEST_POSTGRES";

/// Keeps a test's database, and removes it when dropped.
#[derive(Debug)]
pub struct Guard {
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Folder(tempfile::TempDir),
    Schema { server: String, name: String },
}

/// The address of a schema on a server.
fn address(server: &str, schema: &str) -> String {
    let more = if server.contains('?') { '&' } else { '?' };
    format!("{server}{more}options=-csearch_path%3D{schema}")
}

impl Guard {
    /// The folder the database lies in, where it lies in one.
    #[must_use]
    pub fn folder(&self) -> Option<&std::path::Path> {
        match &self.kind {
            Kind::Folder(folder) => Some(folder.path()),
            Kind::Schema { .. } => None,
        }
    }

    /// The address of the database on PostgreSQL, to be opened once more in another way.
    #[must_use]
    pub fn address(&self) -> Option<String> {
        match &self.kind {
            Kind::Folder(_) => None,
            Kind::Schema { server, name } => Some(address(server, name)),
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Kind::Schema { server, name } = &self.kind {
            let _ = statement(server, &format!("DROP SCHEMA {name} CASCADE"));
        }
    }
}

/// A fresh database. `None`, and a line on the error output, when there is no server for the engine.
///
/// # Panics
/// When the database cannot be made.
#[must_use]
pub fn fresh(engine: Engine) -> Option<(Db, Guard)> {
    fresh_with(engine, Options { connections: 4, readers: 4, ..Options::default() })
}

/// A fresh database with options, see [`fresh`].
///
/// # Panics
/// When the database cannot be made.
#[must_use]
#[expect(clippy::panic, reason = "a test without a database must fail, and say why")]
pub fn fresh_with(engine: Engine, options: Options) -> Option<(Db, Guard)> {
    let made = match engine {
        Engine::Sqlite => sqlite(options),
        Engine::Postgres => postgres(server()?, options),
    };
    Some(made.unwrap_or_else(|error| panic!("a fresh {engine:?} database: {error:?}")))
}

/// The address of the PostgreSQL server for tests.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "tests only")]
pub fn server() -> Option<String> {
    static SAID: Once = Once::new();
    let server = std::env::var(POSTGRES).ok().filter(|server| !server.is_empty());
    if server.is_none() {
        // Straight to the error output: what a passing test prints is not shown, and what was left out must be seen.
        SAID.call_once(|| {
            let line = format!("left out: these tests on PostgreSQL, since {POSTGRES} is not set (see ./test)");
            let _ = writeln!(std::io::stderr(), "{line}");
        });
    }
    server
}

fn sqlite(options: Options) -> Result<(Db, Guard)> {
    let folder = tempfile::tempdir()?;
    let db = Db::sqlite(&folder.path().join("store.db"), options)?;
    Ok((db, Guard { kind: Kind::Folder(folder) }))
}

fn postgres(server: String, options: Options) -> Result<(Db, Guard)> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let name = format!("test_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    statement(&server, &format!("DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}"))?;
    let guard = Guard { kind: Kind::Schema { server: server.clone(), name: name.clone() } };
    let db = Db::postgres(&address(&server, &name), options)?;
    Ok((db, guard))
}

fn statement(server: &str, sql: &str) -> Result<()> {
    let run = || -> std::result::Result<(), postgres::Error> {
        postgres::Client::connect(server, postgres::NoTls)?.batch_execute(sql)
    };
    // The driver brings a runtime of its own, which must not start on a thread of another.
    let done = std::thread::scope(|scope| scope.spawn(run).join());
    done.map_err(|_| Error::Panicked)?.map_err(Error::unavailable)
}
