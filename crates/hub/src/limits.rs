//! Limits on how often (ruling 25): token buckets per address and per credential, in this process. Time is passed in.

use model::Time;
use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// So many a minute; 0 turns the limit off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PerMinute(pub u32);

/// When the table of buckets grows past this, those that are full again are forgotten.
const SWEEP_AT: usize = 10_000;

/// Buckets of one limit. A bucket starts full with a minute's worth and refills steadily.
#[derive(Debug)]
pub struct Buckets<K> {
    limit: PerMinute,
    buckets: Mutex<HashMap<K, Bucket>>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// Thousandths of a request, so that refilling needs no fractions.
    tokens: i64,
    at: Time,
}

const ONE: i64 = 60_000;

impl<K: Eq + Hash> Buckets<K> {
    /// Buckets for a limit.
    pub fn new(limit: PerMinute) -> Self {
        Self { limit, buckets: Mutex::default() }
    }

    fn refill(&self, bucket: Bucket, now: Time) -> Bucket {
        // One token is `ONE` parts; a minute (60,000 ms) refills `limit` tokens: `limit` parts a millisecond.
        let passed = (now.0 - bucket.at.0).max(0);
        let full = i64::from(self.limit.0) * ONE;
        let tokens = bucket.tokens.saturating_add(passed.saturating_mul(i64::from(self.limit.0))).min(full);
        Bucket { tokens, at: now }
    }

    fn with<T>(&self, key: K, now: Time, judge: impl FnOnce(&mut Bucket) -> T) -> T {
        let full = i64::from(self.limit.0) * ONE;
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= SWEEP_AT {
            buckets.retain(|_, bucket| self.refill(*bucket, now).tokens < full);
        }
        let fresh = Bucket { tokens: full, at: now };
        let bucket = buckets.entry(key).or_insert(fresh);
        *bucket = self.refill(*bucket, now);
        judge(bucket)
    }

    fn wait(&self, bucket: &Bucket) -> Duration {
        let missing = (ONE - bucket.tokens).max(0);
        let ms = missing / i64::from(self.limit.0).max(1) + 1;
        Duration::from_millis(u64::try_from(ms).unwrap_or(1000))
    }

    /// Takes one; else how long to wait.
    pub fn take(&self, key: K, now: Time) -> Result<(), Duration> {
        if self.limit.0 == 0 {
            return Ok(());
        }
        self.with(key, now, |bucket| {
            if bucket.tokens < ONE {
                return Err(self.wait(bucket));
            }
            bucket.tokens -= ONE;
            Ok(())
        })
    }

    /// Whether there is one left, without taking it; else how long to wait.
    pub fn check(&self, key: K, now: Time) -> Result<(), Duration> {
        if self.limit.0 == 0 || self.is_fresh(&key) {
            return Ok(());
        }
        self.with(key, now, |bucket| if bucket.tokens < ONE { Err(self.wait(bucket)) } else { Ok(()) })
    }

    /// A key without a bucket has not been seen: a look must not make one, or the table grows with every address.
    fn is_fresh(&self, key: &K) -> bool {
        !self.buckets.lock().unwrap_or_else(PoisonError::into_inner).contains_key(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minutes_worth_at_once_and_then_a_steady_rate() {
        let buckets = Buckets::new(PerMinute(3));
        for _ in 0..3 {
            assert!(buckets.take("a", Time(0)).is_ok());
        }
        let wait = buckets.take("a", Time(0)).unwrap_err();
        assert!((20_000..=20_001).contains(&(wait.as_millis() as i64)), "{wait:?}");
        assert!(buckets.take("b", Time(0)).is_ok(), "each has its own bucket");
        assert!(buckets.take("a", Time(20_000)).is_ok());
        assert!(buckets.take("a", Time(20_000)).is_err());
        assert!(buckets.take("a", Time(10_000)).is_err(), "a clock that goes back gives nothing");
    }

    #[test]
    fn a_look_takes_nothing_and_zero_is_no_limit() {
        let buckets = Buckets::new(PerMinute(1));
        for _ in 0..5 {
            assert!(buckets.check("a", Time(0)).is_ok());
        }
        assert!(buckets.take("a", Time(0)).is_ok());
        assert!(buckets.check("a", Time(0)).is_err());
        let none = Buckets::new(PerMinute(0));
        assert!((0..1000).all(|_| none.take("a", Time(0)).is_ok()));
    }
}
