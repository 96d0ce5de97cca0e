//! Trading ids: the EDI addresses of mailboxes, and the table that routes to them.

use crate::{
    db::{FromRow, Row, Tx},
    error::Result,
    sql::{Only, fold, id, made, name},
};
use model::*;

pub(crate) const STATEMENTS: &[&str] = &[FIND, INSERT, CLAIM, DIRECTORY, ROUTE, BY_ID, OTHER_QUALIFIER];

const FIND: &str = "SELECT trading_id, network_id, mailbox_id, qualifier, edi_id, description, status, routing_group,
    standard FROM trading_ids WHERE trading_id = $1";
const INSERT: &str = "INSERT INTO trading_ids (network_id, mailbox_id, qualifier, edi_id, qualifier_key, edi_id_key,
    description, status, routing_group, standard, use_type, created_at, modified_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12) RETURNING trading_id";
const CLAIM: &str = "INSERT INTO addresses (name_space, qualifier_key, edi_id_key, trading_id)
    VALUES ($1, $2, $3, $4) ON CONFLICT (name_space, qualifier_key, edi_id_key) DO NOTHING";
const DIRECTORY: &str = "SELECT trading_id, network_id, mailbox_id, qualifier, edi_id, description, status,
    routing_group, standard FROM trading_ids
    WHERE qualifier_key = $1 AND edi_id_key = $2 AND status <> 'Terminated' ORDER BY trading_id LIMIT 100";
const ROUTE: &str = "SELECT t.trading_id, t.network_id, t.mailbox_id, t.status, t.use_type, m.status, n.status,
    n.routing_policy
    FROM addresses a JOIN trading_ids t ON t.trading_id = a.trading_id
    JOIN mailboxes m ON m.mailbox_id = t.mailbox_id JOIN networks n ON n.network_id = t.network_id
    WHERE a.name_space = $1 AND a.qualifier_key = $2 AND a.edi_id_key = $3";
const BY_ID: &str = "SELECT t.trading_id, t.network_id, t.mailbox_id, t.status, t.use_type, m.status, n.status,
    n.routing_policy
    FROM trading_ids t JOIN mailboxes m ON m.mailbox_id = t.mailbox_id JOIN networks n ON n.network_id = t.network_id
    WHERE t.trading_id = $1";
const OTHER_QUALIFIER: &str = "SELECT qualifier_key FROM addresses WHERE name_space = $1 AND edi_id_key = $2
    ORDER BY qualifier_key LIMIT 1";

impl FromRow for TradingPartner {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: id(row, 0)?,
            network: id(row, 1)?,
            mailbox: id(row, 2)?,
            qualifier: row.get(3)?,
            edi_id: row.get(4)?,
            description: row.get(5)?,
            status: name(row, 6)?,
            routing_group: name(row, 7)?,
            standard: name(row, 8)?,
        })
    }
}

/// The trading id.
pub fn find(tx: &mut Tx<'_>, trading_id: TradingId) -> Result<Option<TradingPartner>> {
    tx.one(FIND, &[&trading_id.get()])
}

/// What a new trading id is made of.
#[derive(Debug)]
pub struct NewTradingId<'a> {
    /// Its mailbox.
    pub mailbox: &'a Mailbox,
    /// Qualifier as given.
    pub qualifier: &'a str,
    /// EDI id as given.
    pub edi_id: &'a str,
    /// What its owner calls it.
    pub description: &'a str,
    /// Routing group.
    pub routing_group: RoutingGroup,
    /// Standard shown.
    pub standard: EdiStandard,
    /// The name spaces in which it can be reached.
    pub spaces: &'a [NameSpace],
    /// What kind of data it takes.
    pub use_type: UseType,
}

/// A new, active trading id with its addresses; `None` when an address is taken by another live id.
pub fn insert(tx: &mut Tx<'_>, new: &NewTradingId<'_>, now: Time) -> Result<Option<TradingId>> {
    let (qualifier, edi_id) = (fold(new.qualifier), fold(new.edi_id));
    let row = tx.one::<Only<TradingId>>(
        INSERT,
        &[
            &new.mailbox.network.get(),
            &new.mailbox.id.get(),
            &new.qualifier,
            &new.edi_id,
            &qualifier,
            &edi_id,
            &new.description,
            &Status::Active.as_str(),
            &new.routing_group.as_str(),
            &new.standard.as_str(),
            &new.use_type.as_str(),
            &now.0,
        ],
    )?;
    let trading_id = made(row).map(|m| m.0)?;
    for space in new.spaces {
        if tx.run(CLAIM, &[&space.as_str(), &qualifier, &edi_id, &trading_id.get()])? == 0 {
            return Ok(None);
        }
    }
    Ok(Some(trading_id))
}

/// The live ids of an address in any standard.
pub fn directory(tx: &mut Tx<'_>, qualifier: &str, edi_id: &str) -> Result<Vec<TradingPartner>> {
    tx.rows(DIRECTORY, &[&fold(qualifier), &fold(edi_id)])
}

/// One end of a route, with everything that decides about it.
#[derive(Clone, Debug)]
pub struct End {
    /// The id.
    pub id: TradingId,
    /// Its network.
    pub network: NetworkId,
    /// Its mailbox.
    pub mailbox: MailboxId,
    /// State of the id.
    pub status: Status,
    /// What kind of data it takes.
    pub use_type: UseType,
    /// State of the mailbox.
    pub mailbox_status: Status,
    /// State of the network.
    pub network_status: Status,
    /// Routing policy of the network.
    pub policy: RoutingPolicy,
}
impl FromRow for End {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: id(row, 0)?,
            network: id(row, 1)?,
            mailbox: id(row, 2)?,
            status: name(row, 3)?,
            use_type: name(row, 4)?,
            mailbox_status: name(row, 5)?,
            network_status: name(row, 6)?,
            policy: name(row, 7)?,
        })
    }
}

/// The live id an address leads to (ruling 37): one indexed read.
pub fn route(tx: &mut Tx<'_>, space: NameSpace, qualifier: &str, edi_id: &str) -> Result<Option<End>> {
    tx.one(ROUTE, &[&space.as_str(), &fold(qualifier), &fold(edi_id)])
}

/// An id as one end of a route.
pub fn end(tx: &mut Tx<'_>, trading_id: TradingId) -> Result<Option<End>> {
    tx.one(BY_ID, &[&trading_id.get()])
}

/// Another qualifier under which an EDI id is registered: a hint for whoever mistyped it.
pub fn other_qualifier(tx: &mut Tx<'_>, space: NameSpace, edi_id: &str) -> Result<Option<String>> {
    tx.one(OTHER_QUALIFIER, &[&space.as_str(), &fold(edi_id)])
}
