//! Keys of users, and the read that signs a key in.

use crate::{
    db::{FromRow, Row, Tx},
    error::Result,
    sign_in::SignIn,
    sql::{Only, id, made},
};
use model::*;

pub(crate) const STATEMENTS: &[&str] =
    &[SIGN_IN, INSERT, CURRENT, RESEAL, REVOKE_PRIMARY, REVOKE_CHILDREN, REVOKE, REVOKE_ALL, NOTE_USE, LAST_USE];

const SIGN_IN: &str = "SELECT k.key_id, k.kind, k.lookup, k.scopes, k.expires_at, k.revoked_at, k.valid_until,
    k.last_used_at, n.status, m.status, n.shape, u.shape,
    u.user_id, u.network_id, u.mailbox_id, u.trading_id, u.login, u.email, u.first_name, u.last_name, u.level,
    u.status, u.created_at
    FROM keys k JOIN users u ON u.user_id = k.user_id JOIN networks n ON n.network_id = u.network_id
    LEFT JOIN mailboxes m ON m.mailbox_id = u.mailbox_id WHERE k.lookup = $1";
const INSERT: &str = "INSERT INTO keys
    (user_id, kind, uuid, lookup, sealed, hint, scopes, parent_key_id, created_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING key_id";
const CURRENT: &str = "SELECT k.key_id, k.uuid, k.sealed, k.lookup, k.hint, d.wrapped
    FROM keys k JOIN users u ON u.user_id = k.user_id LEFT JOIN data_keys d ON d.network_id = u.network_id
    WHERE k.user_id = $1 AND k.kind = 'Primary' AND k.revoked_at IS NULL";
const RESEAL: &str = "UPDATE keys SET sealed = $2 WHERE key_id = $1 AND revoked_at IS NULL";
const REVOKE_PRIMARY: &str = "UPDATE keys SET revoked_at = COALESCE(revoked_at, $2),
    valid_until = CASE WHEN revoked_at IS NULL THEN CAST($3 AS BIGINT) END, sealed = NULL
    WHERE user_id = $1 AND kind = 'Primary' AND (revoked_at IS NULL OR valid_until IS NOT NULL)";
const REVOKE_CHILDREN: &str = "UPDATE keys SET revoked_at = COALESCE(revoked_at, $2),
    valid_until = CASE WHEN revoked_at IS NULL THEN CAST($3 AS BIGINT) END
    WHERE user_id = $1 AND kind = 'Session' AND (revoked_at IS NULL OR valid_until IS NOT NULL)";
const REVOKE_ALL: &str = "UPDATE keys SET revoked_at = COALESCE(revoked_at, $2), valid_until = NULL, sealed = NULL
    WHERE user_id = $1";
const REVOKE: &str = "UPDATE keys SET revoked_at = COALESCE(revoked_at, $2), valid_until = NULL, sealed = NULL
    WHERE key_id = $1";
const NOTE_USE: &str = "UPDATE keys SET last_used_at = $2
    WHERE key_id = $1 AND (last_used_at IS NULL OR last_used_at < $2)";
const LAST_USE: &str = "SELECT last_used_at FROM keys WHERE key_id = $1";

/// The account a lookup code belongs to: one indexed, joined read (ruling 4).
pub fn sign_in(tx: &mut Tx<'_>, lookup: &[u8; 32]) -> Result<Option<SignIn>> {
    tx.one(SIGN_IN, &[&lookup.as_slice()])
}

/// What a new key is made of.
pub struct NewKey<'a> {
    /// Its owner.
    pub user: UserId,
    /// What it is for.
    pub kind: KeyKind,
    /// Random number that binds the ciphertext to this key (ruling 17).
    pub uuid: [u8; 16],
    /// Keyed hash that signs in.
    pub lookup: [u8; 32],
    /// Ciphertext of a key that can be shown again.
    pub sealed: Option<Vec<u8>>,
    /// The last four characters.
    pub hint: String,
    /// Scopes, blank separated; none: the kind's full rights.
    pub scopes: Option<&'a str>,
    /// The primary key a session key was made from, and dies with.
    pub parent: Option<KeyId>,
    /// When it ends by itself.
    pub expires: Option<Time>,
}

/// Keeps a new key.
pub fn insert(tx: &mut Tx<'_>, new: &NewKey<'_>, now: Time) -> Result<KeyId> {
    let row = tx.one::<Only<KeyId>>(
        INSERT,
        &[
            &new.user.get(),
            &new.kind.as_str(),
            &new.uuid.as_slice(),
            &new.lookup.as_slice(),
            &new.sealed,
            &new.hint,
            &new.scopes,
            &new.parent.map(Id::get),
            &now.0,
            &new.expires.map(|t| t.0),
        ],
    )?;
    made(row).map(|m| m.0)
}

/// The current primary key of a user, as it is kept.
pub struct Current {
    /// The key's id.
    pub id: KeyId,
    /// Random number that binds the ciphertext to this key.
    pub uuid: [u8; 16],
    /// Ciphertext.
    pub sealed: Option<Vec<u8>>,
    /// Keyed hash; its head is the fingerprint in the audit log.
    pub lookup: [u8; 32],
    /// The last four characters.
    pub hint: String,
    /// The data key of the owner's network, wrapped.
    pub data_key: Option<Vec<u8>>,
}
impl FromRow for Current {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: id(row, 0)?,
            uuid: row.get(1)?,
            sealed: row.get(2)?,
            lookup: row.get(3)?,
            hint: row.get(4)?,
            data_key: row.get(5)?,
        })
    }
}

/// The current primary key of a user.
pub fn current(tx: &mut Tx<'_>, user: UserId) -> Result<Option<Current>> {
    tx.one(CURRENT, &[&user.get()])
}

/// Replaces the ciphertext of a live key.
pub fn reseal(tx: &mut Tx<'_>, key: KeyId, sealed: &[u8]) -> Result<()> {
    tx.run(RESEAL, &[&key.get(), &sealed]).map(drop)
}

/// Ends the user's primary key and the session keys made from it, at once or (`valid_until`) after a grace period.
/// Primary keys that were still in a grace period end now. Their ciphertexts are destroyed.
pub fn revoke_primary(tx: &mut Tx<'_>, user: UserId, now: Time, valid_until: Option<Time>) -> Result<()> {
    let until = valid_until.map(|t| t.0);
    tx.run(REVOKE_PRIMARY, &[&user.get(), &now.0, &until])?;
    tx.run(REVOKE_CHILDREN, &[&user.get(), &now.0, &until]).map(drop)
}

/// Ends every key of a user and destroys the ciphertexts.
pub fn revoke_all(tx: &mut Tx<'_>, user: UserId, now: Time) -> Result<()> {
    tx.run(REVOKE_ALL, &[&user.get(), &now.0]).map(drop)
}

/// Ends a key.
pub fn revoke(tx: &mut Tx<'_>, key: KeyId, now: Time) -> Result<()> {
    tx.run(REVOKE, &[&key.get(), &now.0]).map(drop)
}

/// Notes when keys were last used. Never goes back.
pub fn note_use(tx: &mut Tx<'_>, uses: &[(KeyId, Time)]) -> Result<()> {
    for (key, at) in uses {
        tx.run(NOTE_USE, &[&key.get(), &at.0])?;
    }
    Ok(())
}

/// When a key was last used, to the minute, as far as it was flushed.
pub fn last_use(tx: &mut Tx<'_>, key: KeyId) -> Result<Option<Time>> {
    Ok(tx.one::<Option<i64>>(LAST_USE, &[&key.get()])?.flatten().map(Time))
}
