//! When keys were last used: to the minute, in memory, flushed by a job (api-keys 7). Nothing is written on the request
//! path; a kill loses at most the time between two flushes.

use model::{Id, KeyId, Time};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

const MINUTE: i64 = 60_000;

/// Uses that are not in the store yet.
#[derive(Debug, Default)]
pub struct Uses(Mutex<HashMap<i64, i64>>);

impl Uses {
    /// Notes that a key signed in.
    pub fn note(&self, key: i64, now: Time) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key, now.0 / MINUTE * MINUTE);
    }
    /// Takes what is not in the store yet.
    pub fn take(&self) -> Vec<(KeyId, Time)> {
        let uses = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        uses.into_iter().filter_map(|(key, at)| Some((KeyId::new(key)?, Time(at)))).collect()
    }
}
