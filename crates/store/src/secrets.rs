//! Secrets of the hub, wrapped by the master key (ruling 16). This crate never sees them open.

use crate::{db::Tx, error::Result};

pub(crate) const STATEMENTS: &[&str] = &[FIND, INSERT, DELETE];

const FIND: &str = "SELECT wrapped FROM secrets WHERE name = $1";
const INSERT: &str = "INSERT INTO secrets (name, wrapped) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
const DELETE: &str = "DELETE FROM secrets WHERE name = $1";

/// The wrapped secret.
pub fn find(tx: &mut Tx<'_>, name: &str) -> Result<Option<Vec<u8>>> {
    tx.one(FIND, &[&name])
}

/// Keeps a wrapped secret; false when there is one of that name.
pub fn insert(tx: &mut Tx<'_>, name: &str, wrapped: &[u8]) -> Result<bool> {
    Ok(tx.run(INSERT, &[&name, &wrapped])? == 1)
}

/// Forgets a secret.
pub fn delete(tx: &mut Tx<'_>, name: &str) -> Result<()> {
    tx.run(DELETE, &[&name]).map(drop)
}
