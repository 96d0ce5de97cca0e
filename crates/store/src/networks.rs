//! Networks.

use crate::{
    db::{FromRow, Row, Tx},
    error::Result,
    sql::{Only, fold, id, name, time},
};
use model::*;

pub(crate) const STATEMENTS: &[&str] = &[FIND, INSERT, TOUCH, INSERT_DATA_KEY, FIND_DATA_KEY, ALL, DELETE_DATA_KEYS];

const FIND: &str = "SELECT network_id, unique_id, company_name, status, routing_policy, created_at, modified_at
    FROM networks WHERE network_id = $1";
const INSERT: &str = "INSERT INTO networks
    (unique_id, unique_key, company_name, status, routing_policy, rev, created_at, modified_at)
    VALUES ($1, $2, $3, $4, $5, 0, $6, $6) ON CONFLICT (unique_key) DO NOTHING RETURNING network_id";
const TOUCH: &str = "UPDATE networks SET rev = rev + 1 WHERE network_id = $1";
const INSERT_DATA_KEY: &str = "INSERT INTO data_keys (network_id, wrapped, created_at) VALUES ($1, $2, $3)";
const FIND_DATA_KEY: &str = "SELECT wrapped FROM data_keys WHERE network_id = $1";

const ALL: &str = "SELECT network_id FROM networks ORDER BY network_id";
const DELETE_DATA_KEYS: &str = "DELETE FROM data_keys";

impl FromRow for Network {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: id(row, 0)?,
            unique_id: row.get(1)?,
            company_name: row.get(2)?,
            status: name(row, 3)?,
            routing_policy: name(row, 4)?,
            created: time(row, 5)?,
            modified: time(row, 6)?,
        })
    }
}

/// The network.
pub fn find(tx: &mut Tx<'_>, network: NetworkId) -> Result<Option<Network>> {
    tx.one(FIND, &[&network.get()])
}

/// A new network; `None` when the short name is taken.
pub fn insert(tx: &mut Tx<'_>, unique_id: &UniqueId, company: &CompanyName, now: Time) -> Result<Option<NetworkId>> {
    let made = tx.one::<Only<NetworkId>>(
        INSERT,
        &[
            &unique_id.as_str(),
            &fold(unique_id.as_str()),
            &company.as_str(),
            &Status::Active.as_str(),
            &RoutingPolicy::TradingPartnerPairs.as_str(),
            &now.0,
        ],
    )?;
    Ok(made.map(|m| m.0))
}

/// Takes the network's row, so that rules over several of its rows are judged one at a time (ruling 10).
pub fn take(tx: &mut Tx<'_>, network: NetworkId) -> Result<()> {
    tx.run(TOUCH, &[&network.get()]).map(drop)
}

/// Keeps the wrapped data key of a network.
pub fn insert_data_key(tx: &mut Tx<'_>, network: NetworkId, wrapped: &[u8], now: Time) -> Result<()> {
    tx.run(INSERT_DATA_KEY, &[&network.get(), &wrapped, &now.0]).map(drop)
}

/// The wrapped data key of a network.
pub fn find_data_key(tx: &mut Tx<'_>, network: NetworkId) -> Result<Option<Vec<u8>>> {
    tx.one(FIND_DATA_KEY, &[&network.get()])
}

/// Every network. For `recover`, which works while nothing else does.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<NetworkId>> {
    Ok(tx.rows::<Only<NetworkId>>(ALL, &[])?.into_iter().map(|n| n.0).collect())
}

/// Forgets every data key, and with them every sealed key.
pub fn delete_data_keys(tx: &mut Tx<'_>) -> Result<()> {
    tx.run(DELETE_DATA_KEYS, &[]).map(drop)
}
