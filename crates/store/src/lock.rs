//! One server at a time in a data folder.

use std::fs::{File, TryLockError};
use std::path::Path;

use crate::error::{Error, Result};

/// An exclusive lock on a data folder, held until it is dropped or the process ends, however it ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// A lock that could not be had.
#[derive(Debug, thiserror::Error)]
#[error("the data folder {folder} is in use: another `crossdock serve` holds it")]
pub struct Held {
    folder: String,
}

impl Lock {
    /// Takes the lock, without waiting.
    ///
    /// # Errors
    /// [`Error::Internal`] with [`Held`] when another process has it; the folder's own trouble otherwise.
    pub fn take(folder: &Path) -> Result<Self> {
        let file = File::options().create(true).truncate(false).write(true).open(folder.join("lock"))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(Error::internal(Held { folder: folder.display().to_string() })),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_server_is_refused_by_name_until_the_first_has_gone() {
        let folder = tempfile::tempdir().unwrap();
        let first = Lock::take(folder.path()).unwrap();
        let refused = Lock::take(folder.path()).unwrap_err().to_string();
        assert!(refused.contains(&folder.path().display().to_string()), "{refused}");
        assert!(refused.contains("crossdock serve"), "{refused}");
        drop(first);
        Lock::take(folder.path()).unwrap();
    }
}
