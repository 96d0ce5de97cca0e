//! What the engine counts.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A write unit that works longer than this is logged: it holds up every other writer on SQLite.
const SLOW: Duration = Duration::from_millis(20);

/// Counters since the store was opened.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Metrics {
    /// Write units run, each run of a repeated one included.
    pub units: AtomicU64,
    /// Transactions committed; on SQLite one holds many units.
    pub batches: AtomicU64,
    /// Runs that had to be repeated, and groups that had to be broken up.
    pub retries: AtomicU64,
    /// Write units that worked for more than 20 ms.
    pub slow_units: AtomicU64,
    /// Calls refused because the queue was full.
    pub queue_full: AtomicU64,
    /// Connections to PostgreSQL that were opened.
    pub connects: AtomicU64,
}

impl Metrics {
    pub(super) fn add(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Runs a write unit and watches how long it takes.
    pub(super) fn timed<T>(&self, work: impl FnOnce() -> T) -> T {
        let begun = Instant::now();
        let result = work();
        let took = begun.elapsed();
        Self::add(&self.units);
        if took > SLOW {
            Self::add(&self.slow_units);
            tracing::warn!(duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX), "slow write unit");
        }
        result
    }
}
