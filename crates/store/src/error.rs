//! What can go wrong in the store, in the words a caller needs to choose an answer.

use std::time::Duration;

/// Whatever lies beneath an error.
pub type Source = Box<dyn std::error::Error + Send + Sync>;

/// A result of the store.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong in the store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The queue or the disk is full. Nothing was changed; try again.
    #[error("the store is full")]
    Full,
    /// The database cannot be reached, or its disk fails.
    ///
    /// From a write this may also mean that the commit was sent and its outcome is unknown: the unit is then there
    /// whole or not at all, but which of the two nobody can tell. An idempotency key settles it.
    #[error("the store is unavailable")]
    Unavailable(#[source] Source),
    /// A unique, foreign key, check or not-null rule was broken.
    #[error("the rule {constraint} was broken")]
    Conflict {
        /// PostgreSQL: the constraint's name. SQLite: the columns (`users.login`), the index or the check it names;
        /// `foreign key` for a foreign key, which SQLite does not name.
        constraint: String,
    },
    /// An earlier statement of this unit failed, and the unit went on.
    #[error("an earlier statement of this unit of work failed")]
    Poisoned,
    /// The unit panicked. It left nothing behind.
    #[error("the unit of work panicked")]
    Panicked,
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// A row does not look as the program expects.
    #[error("column {column}: {why}")]
    Row {
        /// The column's position, from 0.
        column: usize,
        /// What was expected and what was there. Never the value.
        why: String,
    },
    /// The store was written by a newer program.
    #[error("the store has migration {found}; this program knows only up to {known}: run the newer program")]
    Newer {
        /// The newest migration in the store.
        found: i64,
        /// The newest migration in the program.
        known: i64,
    },
    /// A migration that has run here is another one in this program.
    #[error("migration {number} ran here with another text: this store belongs to another build")]
    Altered {
        /// The migration.
        number: i64,
    },
    /// A mistake in the program or in the database's set-up.
    #[error("store: {0}")]
    Internal(#[source] Source),
}

impl Error {
    /// How long a client should wait before it tries again; `None` when trying again cannot help.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Full | Self::Closed => Some(Duration::from_secs(1)),
            Self::Unavailable(_) => Some(Duration::from_secs(2)),
            _ => None,
        }
    }

    pub(crate) fn internal(source: impl Into<Source>) -> Self {
        Self::Internal(source.into())
    }

    pub(crate) fn unavailable(source: impl Into<Source>) -> Self {
        Self::Unavailable(source.into())
    }
}

impl From<std::io::Error> for Error {
    /// A full disk is [`Error::Full`], any other trouble with a file [`Error::Unavailable`].
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind::{QuotaExceeded, StorageFull};
        match error.kind() {
            StorageFull | QuotaExceeded => Self::Full,
            _ => Self::unavailable(error),
        }
    }
}
