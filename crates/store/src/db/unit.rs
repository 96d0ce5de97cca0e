//! Units of work without their types, so that a queue can hold them.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::sync::oneshot;

use super::Tx;
use crate::error::{Error, Result};

/// A unit in a queue.
pub(super) trait Unit: Send {
    /// Runs the unit and keeps what it returned. True when its changes are to be committed.
    fn attempt(&mut self, tx: &mut Tx<'_>) -> bool;

    /// Answers the caller: `Ok` with what the last attempt returned, `Err` with the engine's own trouble.
    fn settle(self: Box<Self>, verdict: Result<()>);
}

/// Runs a unit and nothing else: whatever it does, the caller's thread lives on.
///
/// The closure is called again after a retry, and may have left shared state half changed when it panicked; that state
/// is its owner's affair, the database's is rolled back. Hence `AssertUnwindSafe`.
pub(super) fn guarded<T, E: From<Error>>(unit: &impl Fn(&mut Tx<'_>) -> Result<T, E>, tx: &mut Tx<'_>) -> Result<T, E> {
    match catch_unwind(AssertUnwindSafe(|| unit(tx))) {
        Ok(Ok(_)) if tx.fault().is_some() => Err(Error::Poisoned.into()),
        Ok(result) => result,
        Err(_) => Err(Error::Panicked.into()),
    }
}

struct Typed<F, T, E> {
    unit: F,
    result: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Unit for Typed<F, T, E>
where
    F: Fn(&mut Tx<'_>) -> Result<T, E> + Send,
    T: Send,
    E: From<Error> + Send,
{
    fn attempt(&mut self, tx: &mut Tx<'_>) -> bool {
        self.result.insert(guarded(&self.unit, tx)).is_ok()
    }

    fn settle(self: Box<Self>, verdict: Result<()>) {
        let result = match verdict {
            Ok(()) => self.result.unwrap_or_else(|| Err(Error::internal("a unit was answered before it ran").into())),
            Err(error) => Err(error.into()),
        };
        // The caller may have gone away; the unit's outcome stands all the same.
        let _ = self.reply.send(result);
    }
}

/// A unit for the queue, and where its answer will arrive.
pub(super) fn unit<F, T, E>(unit: F) -> (Box<dyn Unit>, oneshot::Receiver<Result<T, E>>)
where
    F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<Error> + Send + 'static,
{
    let (reply, answer) = oneshot::channel();
    (Box::new(Typed { unit, result: None, reply }), answer)
}
