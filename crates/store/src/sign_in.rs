//! What one read of the store tells about a presented credential: key or session → user → mailbox → network.

use crate::{
    db::{FromRow, Row},
    error::Result,
    sql::{name, opt_name},
    users,
};
use model::*;

/// A credential and the account it belongs to. Whether it may sign in is the hub's judgement.
pub struct SignIn {
    /// The key's or session's number.
    pub credential: i64,
    /// What the key is for. For a session: [`KeyKind::Session`] when it was made from a key, else `None`.
    pub kind: Option<KeyKind>,
    /// The stored keyed hash of a key, to be compared in constant time. Zeros for a session.
    pub lookup: [u8; 32],
    /// Scopes, blank separated.
    pub scopes: Option<String>,
    /// When it ends by itself.
    pub expires: Option<Time>,
    /// When it was ended.
    pub revoked: Option<Time>,
    /// Until when it works although it was ended: the grace period of a replaced key.
    pub valid_until: Option<Time>,
    /// When a key was last used, to the minute.
    pub last_used: Option<Time>,
    /// State of the user's network.
    pub network: Status,
    /// State of the user's mailbox.
    pub mailbox: Option<Status>,
    /// Shape profile of the network.
    pub network_shape: Option<Shape>,
    /// Shape profile of the user.
    pub user_shape: Option<Shape>,
    /// The user.
    pub user: User,
}

impl FromRow for SignIn {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            credential: row.get(0)?,
            kind: opt_name(row, 1)?,
            lookup: row.get(2)?,
            scopes: row.get(3)?,
            expires: row.get::<Option<i64>>(4)?.map(Time),
            revoked: row.get::<Option<i64>>(5)?.map(Time),
            valid_until: row.get::<Option<i64>>(6)?.map(Time),
            last_used: row.get::<Option<i64>>(7)?.map(Time),
            network: name(row, 8)?,
            mailbox: opt_name(row, 9)?,
            network_shape: opt_name(row, 10)?,
            user_shape: opt_name(row, 11)?,
            user: users::from_columns(row, 12)?,
        })
    }
}
