//! SQLite: connections, and readers that work in place.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use rusqlite::config::DbConfig;
use rusqlite::ffi::{self, ErrorCode};
use rusqlite::{CachedStatement, OpenFlags};

use super::tx::{Failure, Fault, too_many_rows};
use super::value::{Arg, FromRow, Raw, Row};
use super::{Engine, dialect};
use crate::error::{Error, Result};

/// How long a connection waits for another process (a backup, the `sqlite3` shell) before it gives up.
const BUSY: &str = "PRAGMA busy_timeout=5000;";

/// `mmap_size=0`: a failing disk under a mapped file kills the process instead of failing a call.
const COMMON: &str = "PRAGMA foreign_keys=ON; PRAGMA mmap_size=0; PRAGMA trusted_schema=OFF; \
                      PRAGMA temp_store=MEMORY; PRAGMA synchronous=FULL; PRAGMA fullfsync=ON; \
                      PRAGMA checkpoint_fullfsync=ON;";

const WRITER: &str = "PRAGMA journal_size_limit=67108864; PRAGMA cache_size=-32000;";
const READER: &str = "PRAGMA query_only=ON; PRAGMA cache_size=-8000;";

/// How a connection will be used.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Writer,
    Reader,
}

/// One connection with its prepared statements.
pub(super) struct Connection {
    raw: rusqlite::Connection,
    role: Role,
    rendered: RefCell<HashMap<&'static str, Box<str>>>,
    broken: Cell<bool>,
}

impl Connection {
    pub(super) fn open(path: &Path, role: Role) -> Result<Self> {
        let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        if role == Role::Writer {
            flags |= OpenFlags::SQLITE_OPEN_CREATE;
        }
        let raw = rusqlite::Connection::open_with_flags(path, flags).map_err(opening)?;
        raw.execute_batch(BUSY).map_err(opening)?;
        if role == Role::Writer {
            let mode = pragma(&raw, "PRAGMA journal_mode=WAL").map_err(opening)?;
            if mode != ["wal"] {
                return Err(Error::internal(format!(
                    "SQLite cannot keep a write-ahead log here (journal mode {mode:?})"
                )));
            }
        }
        raw.execute_batch(COMMON).map_err(opening)?;
        raw.execute_batch(if role == Role::Writer { WRITER } else { READER }).map_err(opening)?;
        raw.set_prepared_statement_cache_capacity(1024);
        // A plan that may look at bound values, as it does for partial indexes, is made anew at each binding: three times
        // the price of the read itself. With this guarantee a statement keeps its plan.
        raw.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(opening)?;
        // SQLite opens a file for reading when it fails to open it for writing, and says nothing.
        if role == Role::Writer && raw.is_readonly("main").map_err(opening)? {
            return Err(Error::unavailable("the database file cannot be written"));
        }
        Ok(Self { raw, role, rendered: RefCell::default(), broken: Cell::new(false) })
    }

    /// The driver's own connection, for what is not a unit of work.
    pub(super) fn raw(&self) -> &rusqlite::Connection {
        &self.raw
    }

    /// Whether the connection met an error after which only a new one can be trusted.
    pub(super) fn is_broken(&self) -> bool {
        self.broken.get()
    }

    /// Gives the connection up: the next use of it opens another.
    pub(super) fn distrust(&self) {
        self.broken.set(true);
    }

    /// Ends a transaction that is not to be.
    pub(super) fn abandon(&self) {
        if !self.raw.is_autocommit() && self.control("ROLLBACK").is_err() {
            self.distrust();
        }
    }

    /// Copies the log into the database file and empties it. Another process that reads may keep part of it.
    pub(super) fn checkpoint(&self) -> Result<()> {
        let done = self.raw.prepare("PRAGMA wal_checkpoint(TRUNCATE)").and_then(|mut s| {
            let mut rows = s.raw_query();
            while rows.next()?.is_some() {}
            Ok(())
        });
        done.map_err(|e| self.failure(e).error)
    }

    /// Runs one of the engine's own statements.
    pub(super) fn control(&self, sql: &'static str) -> Result<(), Failure> {
        self.raw.prepare_cached(sql).and_then(|mut s| s.raw_execute()).map(drop).map_err(|e| self.failure(e))
    }

    pub(super) fn run(&self, sql: &'static str, args: &[&dyn Arg]) -> Result<u64, Failure> {
        let mut statement = self.prepare(sql, args)?;
        let touched = statement.raw_execute().map_err(|e| self.failure(e))?;
        Ok(u64::try_from(touched).unwrap_or(u64::MAX))
    }

    pub(super) fn rows<T: FromRow>(&self, sql: &'static str, args: &[&dyn Arg]) -> Result<Vec<T>, Failure> {
        let mut statement = self.prepare(sql, args)?;
        let mut rows = statement.raw_query();
        let mut all = Vec::new();
        while let Some(row) = rows.next().map_err(|e| self.failure(e))? {
            all.push(T::from_row(&Row(Raw::Sqlite(row)))?);
        }
        Ok(all)
    }

    pub(super) fn one<T: FromRow>(&self, sql: &'static str, args: &[&dyn Arg]) -> Result<Option<T>, Failure> {
        let mut statement = self.prepare(sql, args)?;
        let mut rows = statement.raw_query();
        let Some(row) = rows.next().map_err(|e| self.failure(e))? else { return Ok(None) };
        let value = T::from_row(&Row(Raw::Sqlite(row)))?;
        match rows.next().map_err(|e| self.failure(e))? {
            None => Ok(Some(value)),
            Some(_) => Err(too_many_rows()),
        }
    }

    pub(super) fn check(&self, sql: &'static str) -> Result<(), Failure> {
        self.raw.prepare(&dialect::render(sql, Engine::Sqlite)).map(drop).map_err(|e| self.failure(e))
    }

    fn prepare(&self, sql: &'static str, args: &[&dyn Arg]) -> Result<CachedStatement<'_>, Failure> {
        let mut statement = if sql.contains('{') {
            let mut rendered = self.rendered.borrow_mut();
            let text = rendered.entry(sql).or_insert_with(|| dialect::render(sql, Engine::Sqlite).into());
            self.raw.prepare_cached(text)
        } else {
            self.raw.prepare_cached(sql)
        }
        .map_err(|e| self.failure(e))?;
        self.bind(&mut statement, args)?;
        Ok(statement)
    }

    /// SQLite takes `$2` for a name and numbers the names in the order it meets them: bind by name.
    fn bind(&self, statement: &mut CachedStatement<'_>, args: &[&dyn Arg]) -> Result<(), Failure> {
        if statement.parameter_count() != args.len() {
            let (takes, given) = (statement.parameter_count(), args.len());
            return Err(Error::internal(format!("the statement takes {takes} arguments, {given} were given")).into());
        }
        for (number, arg) in args.iter().enumerate() {
            let name = PARAMETERS.get(number).copied().unwrap_or("");
            let index = statement.parameter_index(name).map_err(|e| self.failure(e))?;
            let index =
                index.ok_or_else(|| Error::internal(format!("the statement has no parameter {}", number + 1)))?;
            statement.raw_bind_parameter(index, arg.value()).map_err(|e| self.failure(e))?;
        }
        Ok(())
    }

    fn failure(&self, error: rusqlite::Error) -> Failure {
        let wrong = self.role == Role::Reader && error.sqlite_error_code() == Some(ErrorCode::ReadOnly);
        let failure = if wrong { Error::internal(error).into() } else { failure(error) };
        if failure.fault == Fault::Lost {
            self.broken.set(true);
        }
        failure
    }
}

macro_rules! parameters {
    ($($number:literal)*) => { [$(concat!("$", $number)),*] };
}
const PARAMETERS: [&str; 40] = parameters!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20
    21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40);

/// Runs a pragma to its end and gives what it says.
///
/// SQLite says "wal" before it has written so: whether that worked shows in the step after the row.
fn pragma(raw: &rusqlite::Connection, sql: &str) -> rusqlite::Result<Vec<String>> {
    raw.prepare(sql)?.query_map([], |row| row.get(0))?.collect()
}

fn opening(error: rusqlite::Error) -> Error {
    failure(error).error
}

/// What an error of SQLite means.
pub(super) fn failure(error: rusqlite::Error) -> Failure {
    let rusqlite::Error::SqliteFailure(code, message) = &error else { return Error::internal(error).into() };
    match code.code {
        ErrorCode::DiskFull => Error::Full.into(),
        ErrorCode::ConstraintViolation => {
            Error::Conflict { constraint: constraint(code.extended_code, message.as_deref().unwrap_or("")) }.into()
        }
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Error::unavailable(error).into(),
        ErrorCode::SystemIoFailure
        | ErrorCode::CannotOpen
        | ErrorCode::ReadOnly
        | ErrorCode::OutOfMemory
        | ErrorCode::FileLockingProtocolFailed
        | ErrorCode::NotADatabase
        | ErrorCode::DatabaseCorrupt => Failure { error: Error::unavailable(error), fault: Fault::Lost },
        _ => Error::internal(error).into(),
    }
}

/// `UNIQUE constraint failed: users.login` → `users.login`.
fn constraint(extended: i32, message: &str) -> String {
    if extended == ffi::SQLITE_CONSTRAINT_FOREIGNKEY {
        return "foreign key".to_owned();
    }
    message.split_once(": ").map_or(message, |(_, name)| name).to_owned()
}

/// Reader connections, one thread each as far as they reach.
///
/// Every thread has a place of its own where it looks first, so that threads do not queue for one another and a
/// connection's caches stay with the core that filled them.
pub(super) struct Readers {
    path: PathBuf,
    slots: Box<[Slot]>,
}

/// A slot keeps to its own cache lines.
#[repr(align(128))]
#[derive(Default)]
struct Slot(Mutex<Option<Connection>>);

static THREADS: AtomicUsize = AtomicUsize::new(0);
thread_local! {
    static THREAD: usize = THREADS.fetch_add(1, Ordering::Relaxed);
}

impl Readers {
    pub(super) fn new(path: &Path, count: usize) -> Self {
        Self { path: path.to_owned(), slots: (0..count.max(1)).map(|_| Slot::default()).collect() }
    }

    /// Lends a connection for the length of one call.
    pub(super) fn with<T>(&self, work: impl FnOnce(&Connection) -> T) -> Result<T> {
        let mut slot = self.slot();
        let connection = match slot.take() {
            Some(connection) => connection,
            None => Connection::open(&self.path, Role::Reader)?,
        };
        let result = work(&connection);
        if !connection.is_broken() && connection.raw.is_autocommit() {
            *slot = Some(connection);
        }
        Ok(result)
    }

    /// Closes every connection that is at rest; those at work close when their work is done.
    pub(super) fn close(&self) {
        for slot in &self.slots {
            slot.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        }
    }

    fn slot(&self) -> MutexGuard<'_, Option<Connection>> {
        let count = self.slots.len();
        let own = THREAD.with(|thread| thread % count);
        for at in (own..count).chain(0..own) {
            match self.slots[at].0.try_lock() {
                Ok(guard) => return guard,
                Err(TryLockError::Poisoned(guard)) => return guard.into_inner(),
                Err(TryLockError::WouldBlock) => {}
            }
        }
        self.slots[own].0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
