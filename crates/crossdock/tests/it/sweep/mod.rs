//! The sweep: every operation, level, distance, kind of credential and state of account, against `contract/access.csv` and
//! `contract/credentials.csv`. And the mutation run: whatever changes in the access table, the sweep must notice.

mod access_sweep;
mod credentials;
mod mutation;
mod scene;
mod table;

use crate::support::{Answer, World};
pub use scene::{Scene, With};
use table::Expected;
pub use table::{Distance, access};

/// A cell that was not as the contract says.
fn deviates(cell: &str, expected: Expected, answer: &Answer) -> Option<String> {
    (answer.status != expected).then(|| format!("{cell}: expected {expected}, got {}: {}", answer.status, answer.text))
}

/// All that was done, as the store knows it: a refusal leaves it as it was.
async fn done(w: &World) -> i64 {
    w.count(
        "SELECT (SELECT count(*) FROM audit WHERE verdict = 'done') + (SELECT count(*) FROM parcel_events)
             + (SELECT count(*) FROM sessions)",
        &[],
    )
    .await
}
