//! Partnerships (interconnects) between trading ids.

use crate::{
    db::{FromRow, Row, Tx},
    error::Result,
    sql::{Only, id, name, time},
};
use model::*;

pub(crate) const STATEMENTS: &[&str] = &[FIND, FIND_PAIR, INSERT, ACCEPT];

const FIND: &str = "SELECT interconnect_id, id_from, id_to, status, interconnect_status, from_accepted, to_accepted,
    created_at, modified_at FROM partners WHERE interconnect_id = $1";
const FIND_PAIR: &str = "SELECT interconnect_id, id_from, id_to, status, interconnect_status, from_accepted,
    to_accepted, created_at, modified_at FROM partners
    WHERE id_low = $1 AND id_high = $2 AND status <> 'Terminated'";
const INSERT: &str = "INSERT INTO partners (id_from, id_to, id_low, id_high, status, interconnect_status,
    from_accepted, to_accepted, created_at, modified_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
    ON CONFLICT (id_low, id_high) WHERE status <> 'Terminated' DO NOTHING RETURNING interconnect_id";
const ACCEPT: &str = "UPDATE partners SET from_accepted = TRUE, to_accepted = TRUE,
    interconnect_status = 'Completed', modified_at = $2
    WHERE interconnect_id = $1 AND status <> 'Terminated' AND interconnect_status = 'Pending'";

impl FromRow for Partner {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: id(row, 0)?,
            from: id(row, 1)?,
            to: id(row, 2)?,
            status: name(row, 3)?,
            interconnect_status: name(row, 4)?,
            from_accepted: row.get(5)?,
            to_accepted: row.get(6)?,
            created: time(row, 7)?,
            modified: time(row, 8)?,
        })
    }
}

/// The partnership.
pub fn find(tx: &mut Tx<'_>, partner: PartnerId) -> Result<Option<Partner>> {
    tx.one(FIND, &[&partner.get()])
}

fn pair(a: TradingId, b: TradingId) -> (i64, i64) {
    (a.get().min(b.get()), a.get().max(b.get()))
}

/// The live partnership of two ids, in either order.
pub fn find_pair(tx: &mut Tx<'_>, a: TradingId, b: TradingId) -> Result<Option<Partner>> {
    let (low, high) = pair(a, b);
    tx.one(FIND_PAIR, &[&low, &high])
}

/// A new partnership; `None` when the pair has a live one.
pub fn insert(
    tx: &mut Tx<'_>,
    from: TradingId,
    to: TradingId,
    accepted: (bool, bool),
    now: Time,
) -> Result<Option<PartnerId>> {
    let (low, high) = pair(from, to);
    let status = match accepted {
        (true, true) => InterconnectStatus::Completed,
        _ => InterconnectStatus::Pending,
    };
    let made = tx.one::<Only<PartnerId>>(
        INSERT,
        &[
            &from.get(),
            &to.get(),
            &low,
            &high,
            &Status::Active.as_str(),
            &status.as_str(),
            &accepted.0,
            &accepted.1,
            &now.0,
        ],
    )?;
    Ok(made.map(|m| m.0))
}

/// Completes a pending partnership; false when it is not pending.
pub fn accept(tx: &mut Tx<'_>, partner: PartnerId, now: Time) -> Result<bool> {
    Ok(tx.run(ACCEPT, &[&partner.get(), &now.0])? == 1)
}
