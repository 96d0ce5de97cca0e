//! SQLite's one writer: many units of work share one physical transaction, a savepoint each (group commit).
//!
//! What must stay true: no unit runs outside a transaction; no caller hears of success before `COMMIT` returned; no
//! caller hears of a refusal that rests on rows of another unit before that unit's rows are durable; what one unit
//! does wrong hits no other unit.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;

use super::metrics::Metrics;
use super::sqlite::{Connection, Role};
use super::tx::{self, Failure, Fault, Tx};
use super::unit::Unit;
use crate::error::{Error, Result};

/// A batch takes no further unit once it has worked this long, so that the first in it need not wait for the last.
const BATCH_TIME: Duration = Duration::from_millis(20);

/// How often a group is run again before its units are run one by one.
const GROUP_TRIES: usize = 3;

type Units = VecDeque<Box<dyn Unit>>;

pub(super) struct Writer {
    pub path: PathBuf,
    pub queue: Receiver<Box<dyn Unit>>,
    pub batch: usize,
    pub metrics: Arc<Metrics>,
    pub connection: Connection,
}

/// How the transaction of a group ended.
enum End {
    /// All that ran is durable.
    Committed,
    /// Nothing is there, and nobody has heard of it: all that ran may run again.
    RolledBack { trouble: Trouble, at_commit: bool },
    /// There is no working database for anyone, or the outcome of the commit is unknown.
    Failed(Trouble),
}

/// The engine's trouble, told to any number of callers.
enum Trouble {
    Full,
    Conflict(String),
    Unavailable(String),
}

impl Trouble {
    fn error(&self) -> Error {
        match self {
            Self::Full => Error::Full,
            Self::Conflict(constraint) => Error::Conflict { constraint: constraint.clone() },
            Self::Unavailable(why) => Error::unavailable(why.clone()),
        }
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        match error {
            Error::Full => Self::Full,
            Error::Conflict { constraint } => Self::Conflict(constraint),
            Error::Unavailable(source) => Self::Unavailable(source.to_string()),
            other => Self::Unavailable(other.to_string()),
        }
    }
}

impl Writer {
    /// Works until the queue is closed and empty.
    pub(super) fn work(mut self) {
        while let Ok(first) = self.queue.recv() {
            // Units are guarded one by one. This is for a mistake in the writer itself: the batch goes unanswered,
            // which its callers notice, and the next one begins on a new connection.
            if catch_unwind(AssertUnwindSafe(|| self.group(first))).is_err() {
                self.connection.distrust();
            }
        }
        // Whatever cannot be copied now stays in the log for the next start.
        let _ = self.connection.checkpoint();
    }

    /// Runs a unit and whatever else is waiting, and answers them all.
    fn group(&mut self, first: Box<dyn Unit>) {
        let mut waiting = Units::from([first]);
        let (mut tries, mut alone) = (0, false);
        while !waiting.is_empty() {
            let mut ran = Units::new();
            let end = match self.ready() {
                Ok(()) => self.transaction(&mut waiting, &mut ran, if alone { 1 } else { self.batch }, tries == 0),
                Err(error) => End::Failed(error.into()),
            };
            match end {
                End::Committed => answer(ran, || Ok(())),
                End::RolledBack { trouble, .. } if alone => answer(ran, || Err(trouble.error())),
                End::RolledBack { at_commit, .. } => {
                    alone = at_commit || tries >= GROUP_TRIES;
                    ran.append(&mut waiting);
                    waiting = ran;
                }
                End::Failed(trouble) => {
                    ran.append(&mut waiting);
                    answer(ran, || Err(trouble.error()));
                }
            }
            tries += 1;
        }
    }

    /// Makes sure there is a connection to be trusted.
    ///
    /// The new one is opened before the old one closes. A log whose last connection closes is read again from the file
    /// by the next, and the file may hold a transaction whose `fsync` failed: it would come back to life, never having
    /// reached the disk, with later ones built upon it.
    fn ready(&mut self) -> Result<()> {
        if self.connection.is_broken() {
            self.connection = Connection::open(&self.path, Role::Writer)?;
        }
        Ok(())
    }

    /// Runs up to `limit` of the waiting units in one transaction, and moves them to `ran`.
    ///
    /// With `open`, units that arrive meanwhile join in.
    fn transaction(&mut self, waiting: &mut Units, ran: &mut Units, limit: usize, open: bool) -> End {
        if let Err(failure) = self.connection.control("BEGIN IMMEDIATE") {
            return End::Failed(failure.error.into());
        }
        let begun = Instant::now();
        while ran.len() < limit {
            let more = || if open && begun.elapsed() < BATCH_TIME { self.queue.try_recv().ok() } else { None };
            let Some(unit) = waiting.pop_front().or_else(more) else { break };
            if let Err(error) = self.unit(unit, ran) {
                self.connection.abandon();
                return End::RolledBack { trouble: error.into(), at_commit: false };
            }
        }
        match self.connection.control("COMMIT") {
            Ok(()) => {
                Metrics::add(&self.metrics.batches);
                End::Committed
            }
            // Perhaps all of it reached the file but not the disk. Nothing may count on it, nor run twice.
            Err(Failure { error, fault: Fault::Lost }) => {
                self.connection.abandon();
                End::Failed(error.into())
            }
            Err(failure) => {
                self.connection.abandon();
                End::RolledBack { trouble: failure.error.into(), at_commit: true }
            }
        }
    }

    /// Runs one unit in a savepoint and moves it to `ran`. An error means that the whole transaction is gone.
    ///
    /// A unit that took the transaction with it is answered here: only its own error, since it cannot run again.
    fn unit(&mut self, mut unit: Box<dyn Unit>, ran: &mut Units) -> Result<()> {
        let connection = &self.connection;
        if let Err(failure) = connection.control("SAVEPOINT unit") {
            ran.push_back(unit);
            return Err(failure.error);
        }
        let mut tx = Tx::new(tx::Connection::Sqlite(connection));
        let keep = self.metrics.timed(|| unit.attempt(&mut tx));
        if connection.is_broken() || connection.raw().is_autocommit() {
            Metrics::add(&self.metrics.retries);
            let own = tx.fault().ok_or_else(|| Error::internal("a unit of work ended its own transaction"));
            unit.settle(own.map(drop));
            return Err(Error::unavailable("the transaction was rolled back by another unit's failure"));
        }
        let end = if keep {
            connection.control("RELEASE unit")
        } else {
            connection.control("ROLLBACK TO unit").and_then(|()| connection.control("RELEASE unit"))
        };
        ran.push_back(unit);
        end.map_err(|failure| failure.error)
    }
}

fn answer(units: Units, verdict: impl Fn() -> Result<()>) {
    for unit in units {
        unit.settle(verdict());
    }
}
