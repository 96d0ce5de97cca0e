//! Sessions of tokens, their refresh texts, and the read that signs a token in.

use crate::{
    db::{FromRow, Row, Tx},
    error::Result,
    sign_in::SignIn,
    sql::{id, made, name, opt_id, opt_name},
    users,
};
use model::*;

pub(crate) const STATEMENTS: &[&str] = &[
    SIGN_IN,
    INSERT,
    FIND,
    ROTATE,
    REVOKE,
    REVOKE_OF_KEYS,
    REVOKE_ALL,
    INSERT_REFRESH,
    FIND_REFRESH,
    USE_REFRESH,
    USE_REFRESHES,
    OVER,
    DELETE_REFRESHES,
    DELETE,
];

const SIGN_IN: &str = "SELECT s.session_id, CASE WHEN s.key_id IS NULL THEN NULL ELSE 'Session' END,
    s.token_expires_at, s.revoked_at, s.valid_until, n.status, m.status, n.shape, u.shape,
    u.user_id, u.network_id, u.mailbox_id, u.trading_id, u.login, u.email, u.first_name, u.last_name, u.level,
    u.status, u.created_at
    FROM sessions s JOIN users u ON u.user_id = s.user_id JOIN networks n ON n.network_id = u.network_id
    LEFT JOIN mailboxes m ON m.mailbox_id = u.mailbox_id WHERE s.token_id = $1";
const INSERT: &str = "INSERT INTO sessions (user_id, key_id, token_id, token_expires_at, created_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6) RETURNING session_id";
const FIND: &str = "SELECT session_id, user_id, key_id, token_expires_at, expires_at, revoked_at, valid_until
    FROM sessions WHERE token_id = $1";
const FIND_REFRESH: &str = "SELECT s.session_id, s.user_id, s.key_id, s.token_expires_at, s.expires_at, s.revoked_at,
    s.valid_until, r.used_at FROM refreshes r JOIN sessions s ON s.session_id = r.session_id WHERE r.lookup = $1";
const ROTATE: &str = "UPDATE sessions SET token_id = $3, token_expires_at = $4
    WHERE session_id = $1 AND revoked_at IS NULL AND (CAST($2 AS {bytes}) IS NULL OR token_id = $2)";
const REVOKE: &str = "UPDATE sessions SET revoked_at = $2, valid_until = NULL WHERE session_id = $1";
const REVOKE_OF_KEYS: &str = "UPDATE sessions SET revoked_at = COALESCE(revoked_at, $2),
    valid_until = CASE WHEN revoked_at IS NULL THEN CAST($3 AS BIGINT) END
    WHERE user_id = $1 AND key_id IS NOT NULL AND (revoked_at IS NULL OR valid_until IS NOT NULL)";
const REVOKE_ALL: &str = "UPDATE sessions SET revoked_at = COALESCE(revoked_at, $2), valid_until = NULL
    WHERE user_id = $1 AND (revoked_at IS NULL OR valid_until IS NOT NULL)";
const INSERT_REFRESH: &str = "INSERT INTO refreshes (lookup, session_id) VALUES ($1, $2)";
const USE_REFRESHES: &str = "UPDATE refreshes SET used_at = $2 WHERE session_id = $1 AND used_at IS NULL";
const USE_REFRESH: &str = "UPDATE refreshes SET used_at = $2 WHERE lookup = $1 AND used_at IS NULL";
const OVER: &str = "SELECT session_id FROM sessions WHERE expires_at < $1 ORDER BY session_id LIMIT $2";
const DELETE_REFRESHES: &str = "DELETE FROM refreshes WHERE session_id = $1";
const DELETE: &str = "DELETE FROM sessions WHERE session_id = $1";

struct Token(SignIn);
impl FromRow for Token {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self(SignIn {
            credential: row.get(0)?,
            kind: opt_name(row, 1)?,
            lookup: [0; 32],
            scopes: None,
            expires: Some(Time(row.get(2)?)),
            revoked: row.get::<Option<i64>>(3)?.map(Time),
            valid_until: row.get::<Option<i64>>(4)?.map(Time),
            last_used: None,
            network: name(row, 5)?,
            mailbox: opt_name(row, 6)?,
            network_shape: opt_name(row, 7)?,
            user_shape: opt_name(row, 8)?,
            user: users::from_columns(row, 9)?,
        }))
    }
}

/// The account a token belongs to: one indexed, joined read (ruling 4).
pub fn sign_in(tx: &mut Tx<'_>, token: &[u8; 16]) -> Result<Option<SignIn>> {
    Ok(tx.one::<Token>(SIGN_IN, &[&token.as_slice()])?.map(|t| t.0))
}

/// A session of tokens.
#[derive(Clone, Debug)]
pub struct Session {
    /// Its number.
    pub id: i64,
    /// Whose it is.
    pub user: UserId,
    /// The key it was made from, and dies with; none for a password sign-in.
    pub key: Option<KeyId>,
    /// When its current token ends.
    pub token_expires: Time,
    /// When it ends however often it is refreshed.
    pub expires: Time,
    /// When it was ended.
    pub revoked: Option<Time>,
    /// Until when it works although it was ended.
    pub valid_until: Option<Time>,
}
fn session(row: &Row<'_>) -> Result<Session> {
    Ok(Session {
        id: row.get(0)?,
        user: id(row, 1)?,
        key: opt_id(row, 2)?,
        token_expires: Time(row.get(3)?),
        expires: Time(row.get(4)?),
        revoked: row.get::<Option<i64>>(5)?.map(Time),
        valid_until: row.get::<Option<i64>>(6)?.map(Time),
    })
}
impl FromRow for Session {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        session(row)
    }
}

/// Opens a session with its first token.
pub fn insert(
    tx: &mut Tx<'_>,
    user: UserId,
    key: Option<KeyId>,
    token: &[u8; 16],
    token_expires: Time,
    now: Time,
    expires: Time,
) -> Result<i64> {
    let args: [&dyn crate::db::Arg; 6] =
        [&user.get(), &key.map(Id::get), &token.as_slice(), &token_expires.0, &now.0, &expires.0];
    made(tx.one::<i64>(INSERT, &args)?)
}

/// The session whose current token this is.
pub fn find(tx: &mut Tx<'_>, token: &[u8; 16]) -> Result<Option<Session>> {
    tx.one(FIND, &[&token.as_slice()])
}

/// A refresh text: its session, and when it was used.
pub struct Refresh {
    /// The session it belongs to.
    pub session: Session,
    /// When it was used; a second use ends the session.
    pub used: Option<Time>,
}
impl FromRow for Refresh {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self { session: session(row)?, used: row.get::<Option<i64>>(7)?.map(Time) })
    }
}

/// The refresh text.
pub fn find_refresh(tx: &mut Tx<'_>, lookup: &[u8; 32]) -> Result<Option<Refresh>> {
    tx.one(FIND_REFRESH, &[&lookup.as_slice()])
}

/// Adds a refresh text to a session.
pub fn insert_refresh(tx: &mut Tx<'_>, lookup: &[u8; 32], session: i64) -> Result<()> {
    tx.run(INSERT_REFRESH, &[&lookup.as_slice(), &session]).map(drop)
}

/// Uses up a refresh text; false when it was used before.
pub fn use_refresh(tx: &mut Tx<'_>, lookup: &[u8; 32], now: Time) -> Result<bool> {
    Ok(tx.run(USE_REFRESH, &[&lookup.as_slice(), &now.0])? == 1)
}

/// Uses up every refresh text of a session.
pub fn use_refreshes(tx: &mut Tx<'_>, session: i64, now: Time) -> Result<()> {
    tx.run(USE_REFRESHES, &[&session, &now.0]).map(drop)
}

/// Gives a live session a new token in place of the old one; with `old`, only if that is still its token.
pub fn rotate(tx: &mut Tx<'_>, session: i64, old: Option<&[u8; 16]>, token: &[u8; 16], expires: Time) -> Result<bool> {
    let old = old.map(|o| o.as_slice());
    Ok(tx.run(ROTATE, &[&session, &old, &token.as_slice(), &expires.0])? == 1)
}

/// Ends a session.
pub fn revoke(tx: &mut Tx<'_>, session: i64, now: Time) -> Result<()> {
    tx.run(REVOKE, &[&session, &now.0]).map(drop)
}

/// Ends the sessions that were made from keys of a user, at once or after a grace period.
pub fn revoke_of_keys(tx: &mut Tx<'_>, user: UserId, now: Time, valid_until: Option<Time>) -> Result<()> {
    tx.run(REVOKE_OF_KEYS, &[&user.get(), &now.0, &valid_until.map(|t| t.0)]).map(drop)
}

/// Forgets sessions that were over before a time, `most` at most; how many.
pub fn forget(tx: &mut Tx<'_>, before: Time, most: i64) -> Result<usize> {
    let over: Vec<i64> = tx.rows(OVER, &[&before.0, &most])?;
    for session in &over {
        tx.run(DELETE_REFRESHES, &[session])?;
        tx.run(DELETE, &[session])?;
    }
    Ok(over.len())
}

/// Ends every session of a user.
pub fn revoke_all(tx: &mut Tx<'_>, user: UserId, now: Time) -> Result<()> {
    tx.run(REVOKE_ALL, &[&user.get(), &now.0]).map(drop)
}
