//! Time and chance, passed in so that tests can set them. The only place that asks the machine for either.

use crate::{Error, Result};
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use model::Time;
use std::{
    sync::atomic::{AtomicI64, Ordering::Relaxed},
    time::SystemTime,
};

/// The time.
#[derive(Debug)]
pub enum Clock {
    /// The machine's.
    System,
    /// One that a test moves: milliseconds since 1970.
    Set(AtomicI64),
}

impl Clock {
    /// Now.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    pub fn now(&self) -> Time {
        match self {
            Self::Set(at) => Time(at.load(Relaxed)),
            Self::System => {
                let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
                Time(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
            }
        }
    }
    /// Moves a set clock on; the machine's stays.
    pub fn advance(&self, span: std::time::Duration) {
        if let Self::Set(at) = self {
            at.fetch_add(i64::try_from(span.as_millis()).unwrap_or(0), Relaxed);
        }
    }
}

/// Random bytes from the operating system's generator.
#[derive(Debug, Default)]
pub struct Chance(SystemRandom);

impl Chance {
    /// Fills `bytes`.
    pub fn fill(&self, bytes: &mut [u8]) -> Result<()> {
        self.0.fill(bytes).map_err(|_| Error::internal("the system's random generator failed"))
    }
    /// Random bytes.
    pub fn bytes<const N: usize>(&self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }
}
