//! Why a command did not do what it was asked for: one line for a person, with the remedy.

use hub::StartError;
use std::{fmt, io, path::Path};

/// A command's failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed(pub String);

impl Failed {
    /// Trouble with a file or folder.
    pub fn at(path: &Path, error: &io::Error) -> Self {
        Self(format!("{}: {error}", path.display()))
    }
}
impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl std::error::Error for Failed {}

impl From<StartError> for Failed {
    fn from(error: StartError) -> Self {
        Self(error.to_string())
    }
}
impl From<hub::Error> for Failed {
    fn from(error: hub::Error) -> Self {
        StartError::Hub(error).into()
    }
}
impl From<store::Error> for Failed {
    fn from(error: store::Error) -> Self {
        let mut text = error.to_string();
        let mut next = std::error::Error::source(&error);
        while let Some(cause) = next {
            let cause_text = cause.to_string();
            if !text.contains(&cause_text) {
                text = format!("{text}: {cause_text}");
            }
            next = cause.source();
        }
        Self(text)
    }
}
