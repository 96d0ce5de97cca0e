//! What a unit of work sees of the database.

use super::value::{Arg, FromRow};
use super::{postgres, sqlite};
use crate::error::{Error, Result};

/// The database in the hands of one unit of work.
///
/// Any call that fails poisons the unit: the calls after it answer [`Error::Poisoned`], and the unit is rolled back
/// even if it returns `Ok`. PostgreSQL works so by nature; SQLite is made to, so that a unit behaves alike on both.
/// To go on after a conflict write `ON CONFLICT DO NOTHING` and look at the count.
pub struct Tx<'a> {
    connection: Connection<'a>,
    fault: Option<Fault>,
}

pub(super) enum Connection<'a> {
    Sqlite(&'a sqlite::Connection),
    Postgres(&'a mut postgres::Session),
}

/// What a failed call means for the unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The unit failed.
    Statement,
    /// Another unit was in the way: run this one again.
    Again,
    /// The connection is gone or can no longer be trusted.
    Lost,
}

/// A failed call: the error for the unit, and what the engine makes of it.
pub(super) struct Failure {
    pub error: Error,
    pub fault: Fault,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, fault: Fault::Statement }
    }
}

impl<'a> Tx<'a> {
    pub(super) fn new(connection: Connection<'a>) -> Self {
        Self { connection, fault: None }
    }

    /// Whether no other unit can write while this one runs, so that no row needs a lock: the engine has one writer.
    #[must_use]
    pub fn is_alone(&self) -> bool {
        matches!(self.connection, Connection::Sqlite(_))
    }

    pub(super) fn fault(&self) -> Option<Fault> {
        self.fault
    }

    /// Runs a statement that gives no rows and says how many rows it touched.
    ///
    /// # Errors
    /// [`Error::Conflict`], [`Error::Unavailable`], [`Error::Full`], [`Error::Poisoned`], or [`Error::Internal`] for a
    /// statement that is wrong.
    pub fn run(&mut self, sql: &'static str, args: &[&dyn Arg]) -> Result<u64> {
        self.call(|connection| match connection {
            Connection::Sqlite(c) => c.run(sql, args),
            Connection::Postgres(c) => c.run(sql, args),
        })
    }

    /// All rows of a statement.
    ///
    /// # Errors
    /// As [`run`](Self::run), and [`Error::Row`].
    pub fn rows<T: FromRow>(&mut self, sql: &'static str, args: &[&dyn Arg]) -> Result<Vec<T>> {
        self.call(|connection| match connection {
            Connection::Sqlite(c) => c.rows(sql, args),
            Connection::Postgres(c) => c.rows(sql, args),
        })
    }

    /// The row of a statement that gives one row or none.
    ///
    /// # Errors
    /// As [`rows`](Self::rows); more than one row is [`Error::Internal`].
    pub fn one<T: FromRow>(&mut self, sql: &'static str, args: &[&dyn Arg]) -> Result<Option<T>> {
        self.call(|connection| match connection {
            Connection::Sqlite(c) => c.one(sql, args),
            Connection::Postgres(c) => c.one(sql, args),
        })
    }

    /// Prepares a statement without running it.
    pub(super) fn prepare(&mut self, sql: &'static str) -> Result<()> {
        self.call(|connection| match connection {
            Connection::Sqlite(c) => c.check(sql),
            Connection::Postgres(c) => c.check(sql),
        })
    }

    fn call<T>(&mut self, call: impl FnOnce(&mut Connection<'a>) -> Result<T, Failure>) -> Result<T> {
        if self.fault.is_some() {
            return Err(Error::Poisoned);
        }
        call(&mut self.connection).map_err(|failure| {
            self.fault = Some(failure.fault);
            failure.error
        })
    }
}

pub(super) fn too_many_rows() -> Failure {
    Error::internal("a statement that should give one row gave more").into()
}
