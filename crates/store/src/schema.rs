//! The shape of the store, as numbered steps, and the list of every statement that works on it.

use crate::{
    Migration, audit, blobs, interchanges, keys, leases, mailboxes, networks, parcels, partners, secrets, sessions,
};
use crate::{trading_ids, users};

/// The steps that bring a store to this program's shape. A step that was released never changes.
pub const MIGRATIONS: &[Migration] =
    &[Migration { number: 1, name: "first", sql: include_str!("schema/0001_first.sql") }];

/// Every statement of the noun modules, so that a test can prepare each on both engines.
pub fn statements() -> impl Iterator<Item = &'static str> {
    [
        audit::STATEMENTS,
        blobs::STATEMENTS,
        interchanges::STATEMENTS,
        keys::STATEMENTS,
        leases::STATEMENTS,
        mailboxes::STATEMENTS,
        networks::STATEMENTS,
        parcels::STATEMENTS,
        partners::STATEMENTS,
        secrets::STATEMENTS,
        sessions::STATEMENTS,
        trading_ids::STATEMENTS,
        users::STATEMENTS,
    ]
    .into_iter()
    .flatten()
    .copied()
}
