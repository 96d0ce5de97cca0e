//! Counters for Prometheus, as text. They name no network, no user and no id.

use axum::http::StatusCode;
use std::{
    fmt::Write,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};
use store::Db;

/// Answers by the first digit of their status.
#[derive(Debug, Default)]
pub struct Counters([AtomicU64; 6]);

impl Counters {
    /// Counts an answer.
    pub fn count(&self, status: StatusCode) {
        if let Some(counter) = self.0.get(usize::from(status.as_u16() / 100)) {
            counter.fetch_add(1, Relaxed);
        }
    }

    /// Everything that is counted.
    pub fn text(&self, db: &Db) -> String {
        let mut text = String::from(
            "# HELP crossdock_requests_total Answered requests by class of status.\n# TYPE crossdock_requests_total counter\n",
        );
        for (class, counter) in self.0.iter().enumerate().skip(2) {
            let _ = writeln!(text, "crossdock_requests_total{{status=\"{class}xx\"}} {}", counter.load(Relaxed));
        }
        let metrics = db.metrics();
        for (name, help, counter) in [
            ("store_units", "Write units run, repeated runs included.", &metrics.units),
            ("store_commits", "Transactions committed; one may hold many units.", &metrics.batches),
            ("store_retries", "Write units that ran again.", &metrics.retries),
            ("store_slow_units", "Write units that worked for more than 20 ms.", &metrics.slow_units),
            ("store_queue_full", "Calls refused because the store's queue was full.", &metrics.queue_full),
            ("store_connects", "Connections opened to PostgreSQL.", &metrics.connects),
        ] {
            let value = counter.load(Relaxed);
            let _ = write!(
                text,
                "# HELP crossdock_{name}_total {help}\n# TYPE crossdock_{name}_total counter\ncrossdock_{name}_total {value}\n"
            );
        }
        text
    }
}
