//! Keys: made, replaced, shown. A key's text exists between its making and its sealing, and again after the record of
//! its showing is durable; nowhere else.

use crate::{Context, Error, Result, operation::Revealed, seal::Sealed};
use model::*;
use std::time::Duration;
use store::keys::{Current, NewKey};

/// How long a replaced key may go on working, at most.
pub const LONGEST_GRACE: Duration = Duration::from_secs(7 * 24 * 3600);

/// Bytes of a lookup code that stand in the audit log: enough to match a leaked key, useless for anything else.
const FINGERPRINT: usize = 8;

pub(crate) fn fingerprint(lookup: &[u8; 32]) -> Vec<u8> {
    lookup.iter().take(FINGERPRINT).copied().collect()
}

/// A key that was made, still sealed.
pub struct Minted {
    /// On its way out.
    pub key: Revealed,
    /// Its fingerprint.
    pub fingerprint: Vec<u8>,
}

impl Context<'_, '_> {
    fn data_key(&mut self, network: NetworkId) -> Result<Vec<u8>> {
        let wrapped = store::networks::find_data_key(self.tx, network)?;
        wrapped.ok_or_else(|| Error::internal("a network has no data key"))
    }

    /// Makes a user's primary key; its fingerprint.
    pub(crate) fn mint_primary(&mut self, user: &User, expires: Option<Time>) -> Result<Vec<u8>> {
        Ok(self.mint(user, expires)?.fingerprint)
    }

    fn mint(&mut self, user: &User, expires: Option<Time>) -> Result<Minted> {
        let (vault, chance) = (&self.hub.vault, &self.hub.chance);
        let text = KeyText::primary(&chance.bytes()?);
        let mut sealed = Sealed {
            network: user.network,
            user: user.id,
            uuid: chance.bytes()?,
            ciphertext: Vec::new(),
            data_key: self.data_key(user.network)?,
        };
        sealed.ciphertext = vault.seal(&sealed, &text, chance)?;
        let lookup = vault.lookup(text.expose());
        let new = NewKey {
            user: user.id,
            kind: KeyKind::Primary,
            uuid: sealed.uuid,
            lookup,
            sealed: Some(sealed.ciphertext.clone()),
            hint: text.hint(),
            scopes: None,
            parent: None,
            expires,
        };
        store::keys::insert(self.tx, &new, self.now)?;
        Ok(Minted { key: Revealed::sealed(sealed), fingerprint: fingerprint(&lookup) })
    }

    /// Replaces a user's primary key: the old one ends with this unit of work, or after the grace asked for.
    pub fn generate_key(&mut self, user: &User, grace: Duration) -> Result<Revealed> {
        self.about(format!("user {}", user.id));
        let user = &self.hold_user(user)?;
        self.require_changeable(user)?;
        if grace > LONGEST_GRACE {
            let most = LONGEST_GRACE.as_secs();
            return Err(Error::parameter("graceSeconds", format!("must be from 0 to {most}")));
        }
        let ends_root_key_file = user.level == AuthLevel::Root
            && store::keys::current(self.tx, user.id)?.is_some_and(|key| self.hub.root_key_file_holds(&key.lookup));
        let until = (!grace.is_zero()).then(|| self.now.plus(grace));
        store::keys::revoke_primary(self.tx, user.id, self.now, until)?;
        store::sessions::revoke_of_keys(self.tx, user.id, self.now, until)?;
        let minted = self.mint(user, None)?;
        self.note.fingerprint = Some(minted.fingerprint);
        Ok(minted.key.ending_root_key_file(ends_root_key_file))
    }

    /// A user's current primary key, on its way out. A terminated user's is not found (api-keys 4).
    pub fn reveal_key(&mut self, user: &User) -> Result<Revealed> {
        self.about(format!("user {}", user.id));
        if user.status == Status::Terminated {
            return Err(Error::not_found("API key"));
        }
        self.require_rank_over(user)?;
        let (current, sealed) = self.current_key(user)?.ok_or_else(|| Error::not_found("API key"))?;
        self.note.fingerprint = Some(fingerprint(&current.lookup));
        Ok(Revealed::sealed(sealed))
    }

    /// The caller's own primary key, on its way out; none when there is none.
    pub fn reveal_own_key(&mut self, user: &User) -> Result<Option<Revealed>> {
        self.about(format!("user {}", user.id));
        let Some((current, sealed)) = self.current_key(user)? else { return Ok(None) };
        self.note.fingerprint = Some(fingerprint(&current.lookup));
        Ok(Some(Revealed::sealed(sealed)))
    }

    fn current_key(&mut self, user: &User) -> Result<Option<(Current, Sealed)>> {
        let Some(mut current) = store::keys::current(self.tx, user.id)? else { return Ok(None) };
        let Some(ciphertext) = current.sealed.take() else { return Ok(None) };
        let data_key = current.data_key.take().ok_or_else(|| Error::internal("a network has no data key"))?;
        let sealed = Sealed { network: user.network, user: user.id, uuid: current.uuid, ciphertext, data_key };
        Ok(Some((current, sealed)))
    }

    /// Moves a user's primary key into another network's care (ruling 17).
    pub(crate) fn reseal_primary(&mut self, user: &User, network: NetworkId) -> Result<()> {
        let Some((current, from)) = self.current_key(user)? else { return Ok(()) };
        let data_key = self.data_key(network)?;
        let to = Sealed { network, user: user.id, uuid: from.uuid, ciphertext: Vec::new(), data_key };
        let ciphertext = self.hub.vault.reseal(&from, &to, &self.hub.chance)?;
        Ok(store::keys::reseal(self.tx, current.id, &ciphertext)?)
    }

    /// What may be told of the caller's own key without showing it: its number, its last four characters, its last use.
    pub fn key_facts(&mut self, user: &User) -> Result<Option<KeyFacts>> {
        let Some(current) = store::keys::current(self.tx, user.id)? else { return Ok(None) };
        let last_used = store::keys::last_use(self.tx, current.id)?;
        Ok(Some(KeyFacts { id: current.id, hint: current.hint, last_used }))
    }
}

/// What may be told of a key without showing it.
#[derive(Clone, Debug)]
pub struct KeyFacts {
    /// Its number.
    pub id: KeyId,
    /// Its last four characters.
    pub hint: String,
    /// When it was last used, to the minute, as far as that was flushed.
    pub last_used: Option<Time>,
}
