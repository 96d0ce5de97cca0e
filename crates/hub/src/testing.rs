//! For tests: makes what no operation makes yet. Compiled under the feature `testing` only, which no program has.

use crate::{Hub, Result};
use model::{KeyKind, KeyText, Time, UserId};
use store::{Tx, keys::NewKey};

impl Hub {
    /// A key of any kind but primary for a user, as a later stage's operations will make it.
    pub fn mint_for_test(
        &self,
        tx: &mut Tx<'_>,
        user: UserId,
        kind: KeyKind,
        scopes: Option<&str>,
        expires: Option<Time>,
    ) -> Result<KeyText> {
        let text = self.random_key(kind)?;
        let (uuid, lookup, hint) = (self.chance.bytes()?, self.vault.lookup(text.expose()), text.hint());
        let new = NewKey { user, kind, uuid, lookup, sealed: None, hint, scopes, parent: None, expires };
        store::keys::insert(tx, &new, self.clock.now())?;
        Ok(text)
    }

    /// The keyed hash under which a key lies in the store.
    pub fn lookup_for_test(&self, text: &str) -> [u8; 32] {
        self.vault.lookup(text)
    }
}
