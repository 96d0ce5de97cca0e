//! Time-ordered numbers for parcels, interchanges and their events (ruling 11): 41 bits of milliseconds since
//! 2025-01-01, 12 bits of node and sequence. They never go back, not even when the clock does or the program restarts.

use crate::{Error, Result};
use model::Time;
use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};
use store::Db;

/// 2025-01-01T00:00:00Z.
const EPOCH: i64 = 1_735_689_600_000;
/// Numbers a node can give in one millisecond.
const SEQUENCES: i64 = 256;
/// Nodes that can give numbers at once.
const NODES: i64 = 16;
/// How far ahead of the clock a node may give numbers: the store remembers that none lies beyond.
const AHEAD: Duration = Duration::from_secs(60);
/// Numbers there are at least after a lease was taken: a node that starts again right after a kill begins where the
/// lease it had would have ended.
const FRESH: i64 = 10_000 * SEQUENCES;
/// How long a node's part is its own without renewal.
const LEASE: Duration = Duration::from_secs(60);

/// Gives numbers.
#[derive(Debug)]
pub struct Numbers {
    holder: String,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    node: i64,
    /// The next number's position: milliseconds × sequences + sequence.
    next: i64,
    /// Positions from here on are not ours to give.
    end: i64,
}

fn position(time: Time) -> i64 {
    (time.0 - EPOCH).max(0) * SEQUENCES
}

impl Numbers {
    /// Leases a node's part of the numbers.
    pub async fn lease(db: &Db, holder: String, now: Time) -> Result<Self> {
        for node in 0..NODES {
            if let Some((floor, end)) = take(db, node, &holder, now).await? {
                let next = position(now).max(floor);
                return Ok(Self { holder, state: Mutex::new(State { node, next, end }) });
            }
        }
        Err(Error::internal("sixteen nodes are running already"))
    }

    /// What this node calls itself in leases.
    pub fn holder(&self) -> &str {
        &self.holder
    }

    /// Renews the lease; to be called well within its life.
    pub async fn renew(&self, db: &Db, now: Time) -> Result<()> {
        let node = self.state.lock().unwrap_or_else(PoisonError::into_inner).node;
        let taken = take(db, node, &self.holder, now).await?;
        let (_, end) = taken.ok_or_else(|| Error::internal("another node took over our numbers"))?;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.end = state.end.max(end);
        Ok(())
    }

    /// Lets the node's part go.
    pub async fn give_back(&self, db: &Db) -> Result<()> {
        let node = self.state.lock().unwrap_or_else(PoisonError::into_inner).node;
        let holder = self.holder.clone();
        db.write(move |tx| Ok(store::leases::give_back(tx, &lease_name(node), &holder)?)).await
    }

    /// A number later than all this node gave before.
    pub fn next(&self, now: Time) -> Result<i64> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let position = state.next.max(position(now));
        if position >= state.end {
            let wait = Duration::from_secs(1);
            return Err(Error::unavailable(wait, "The store has not renewed this node's lease. Try again."));
        }
        state.next = position + 1;
        Ok((position / SEQUENCES) << 12 | state.node << 8 | (position % SEQUENCES))
    }
}

fn lease_name(node: i64) -> String {
    format!("numbers {node}")
}

/// The floor a lease starts from, and the end of what it may give; none when another node holds it.
async fn take(db: &Db, node: i64, holder: &str, now: Time) -> Result<Option<(i64, i64)>> {
    let (name, holder) = (lease_name(node), holder.to_owned());
    db.write(move |tx| {
        let before = store::leases::floor(tx, &name)?.unwrap_or(0);
        let end = position(now.plus(AHEAD)).max(before + FRESH);
        let taken = store::leases::take(tx, &name, &holder, now, now.plus(LEASE), end)?;
        Ok(taken.map(|floor| (before, floor)))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::{Engine, testing};

    #[tokio::test]
    async fn numbers_rise_over_kills_and_clocks_that_go_back() {
        let (db, _guard) = testing::fresh(Engine::Sqlite).unwrap();
        db.migrate(store::MIGRATIONS).unwrap();
        let (mut last, day) = (0, 24 * 3600 * 1000);
        // Forty starts in one millisecond, then one on a clock that went back a day.
        for start in 0..41 {
            let now = Time(EPOCH + 500 * day - if start == 40 { day } else { 0 });
            let numbers = Numbers::lease(&db, "one".into(), now).await.unwrap();
            for _ in 0..1_000 {
                let next = numbers.next(now).unwrap();
                assert!(next > last && next <= model::LONG_MAX, "{next} after {last}");
                last = next;
            }
        }
    }

    #[tokio::test]
    async fn two_nodes_never_give_the_same_number() {
        let (db, _guard) = testing::fresh(Engine::Sqlite).unwrap();
        db.migrate(store::MIGRATIONS).unwrap();
        let now = Time(EPOCH + 1);
        let one = Numbers::lease(&db, "one".into(), now).await.unwrap();
        let two = Numbers::lease(&db, "two".into(), now).await.unwrap();
        let mut given: Vec<i64> = (0..1_000).flat_map(|_| [one.next(now).unwrap(), two.next(now).unwrap()]).collect();
        given.sort_unstable();
        given.dedup();
        assert_eq!(given.len(), 2_000);
    }
}
