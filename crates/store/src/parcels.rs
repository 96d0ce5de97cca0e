//! Parcels, what they hold, and every move they make.

use crate::{
    db::{FromRow, Row, Tx},
    error::Result,
    scope::{Page, Scope},
    sql::{id, name, opt_id, time},
};
use model::*;

pub(crate) const STATEMENTS: &[&str] = &[
    FIND,
    INSERT,
    INSERT_DELIVERY,
    PENDING,
    COUNT_PENDING,
    SET_STATUS,
    NOTE_DOWNLOAD,
    RANGES,
    UNCONFIRMED,
    SOURCE,
    INSERT_EVENT,
    TAKE,
    INSERT_ROUTING,
    ROUTINGS,
    ADVANCE_ROUTING,
    END_ROUTING,
    STATES,
    NAME_ENDS,
];

const FIND: &str = "SELECT parcel_id, direction, network_id, mailbox_id, file_name, byte_count, status, id_from, id_to,
    created_at, modified_at FROM parcels WHERE parcel_id = $1";
const INSERT: &str = "INSERT INTO parcels (parcel_id, direction, network_id, mailbox_id, blob_id, source_parcel_id,
    file_name, byte_count, status, id_from, id_to, created_at, modified_at, download_count)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, 0)";
const INSERT_DELIVERY: &str = "INSERT INTO deliveries (parcel_id, position, interchange_id, starts_at, ends_at)
    VALUES ($1, $2, $3, $4, $5)";
const PENDING: &str = "SELECT parcel_id, direction, network_id, mailbox_id, file_name, byte_count, status, id_from,
    id_to, created_at, modified_at FROM parcels
    WHERE direction = 'InBox' AND status = 'InBoxReady'
      AND (CAST($1 AS BIGINT) IS NULL OR network_id = $1) AND (CAST($2 AS BIGINT) IS NULL OR mailbox_id = $2)
      AND (CAST($3 AS BIGINT) IS NULL OR id_to = $3) AND (CAST($4 AS BIGINT) IS NULL OR mailbox_id = $4)
    ORDER BY parcel_id LIMIT $5 OFFSET $6";
const COUNT_PENDING: &str = "SELECT count(*) FROM (SELECT 1 AS one FROM parcels
    WHERE direction = 'InBox' AND status = 'InBoxReady'
      AND (CAST($1 AS BIGINT) IS NULL OR network_id = $1) AND (CAST($2 AS BIGINT) IS NULL OR mailbox_id = $2)
      AND (CAST($3 AS BIGINT) IS NULL OR id_to = $3) AND (CAST($4 AS BIGINT) IS NULL OR mailbox_id = $4) LIMIT 10001) AS few";
const SET_STATUS: &str = "UPDATE parcels SET status = $3, modified_at = $4 WHERE parcel_id = $1 AND status = $2";
const NOTE_DOWNLOAD: &str = "UPDATE parcels SET downloaded_at = $2, download_count = download_count + 1
    WHERE parcel_id = $1";
const RANGES: &str = "SELECT starts_at, ends_at FROM deliveries WHERE parcel_id = $1 ORDER BY position";
const UNCONFIRMED: &str = "SELECT count(*) FROM parcels
    WHERE source_parcel_id = $1 AND status NOT IN ('InBoxTransferred', 'InBoxArchived', 'Cancelled')";
const SOURCE: &str = "SELECT source_parcel_id FROM parcels WHERE parcel_id = $1";
const INSERT_EVENT: &str = "INSERT INTO parcel_events (event_id, parcel_id, at, event, status_from, status_to, user_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7)";

const TAKE: &str = "UPDATE parcels SET modified_at = modified_at WHERE parcel_id = $1";
const INSERT_ROUTING: &str = "INSERT INTO routings (parcel_id, next_position, whole_network, user_id)
    VALUES ($1, 0, $2, $3)";
const ROUTINGS: &str = "SELECT r.parcel_id, r.next_position, r.whole_network, r.user_id, p.mailbox_id
    FROM routings r JOIN parcels p ON p.parcel_id = r.parcel_id
    WHERE r.parcel_id > $1 ORDER BY r.parcel_id LIMIT $2";
const ADVANCE_ROUTING: &str = "UPDATE routings SET next_position = $3 WHERE parcel_id = $1 AND next_position = $2";
const END_ROUTING: &str = "DELETE FROM routings WHERE parcel_id = $1";
const NAME_ENDS: &str = "UPDATE parcels SET
    id_from = (SELECT min(id_from) FROM interchanges i WHERE i.parcel_id = $1 HAVING count(DISTINCT id_from) = 1),
    id_to = (SELECT min(id_to) FROM interchanges i WHERE i.parcel_id = $1 HAVING count(DISTINCT id_to) = 1)
    WHERE parcel_id = $1";
const STATES: &str = "SELECT COALESCE(sum(CASE WHEN reason_code IS NOT NULL AND status_code <> 'E1110'
      AND reason_code <> 'E1111' THEN 1 ELSE 0 END), 0) > 0, count(*) > 0
    FROM interchanges WHERE parcel_id = $1 AND status = 'Suspended'";

impl FromRow for Parcel {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: id(row, 0)?,
            direction: name(row, 1)?,
            network: id(row, 2)?,
            mailbox: id(row, 3)?,
            file_name: row.get(4)?,
            bytes: row.get(5)?,
            status: name(row, 6)?,
            from: opt_id(row, 7)?,
            to: opt_id(row, 8)?,
            created: time(row, 9)?,
            modified: time(row, 10)?,
        })
    }
}

/// The parcel.
pub fn find(tx: &mut Tx<'_>, parcel: ParcelId) -> Result<Option<Parcel>> {
    tx.one(FIND, &[&parcel.get()])
}

/// Keeps a new parcel cut from `blob`; an inbound one names the sender's parcel as its source.
pub fn insert(tx: &mut Tx<'_>, parcel: &Parcel, blob: i64, source: Option<ParcelId>) -> Result<()> {
    tx.run(
        INSERT,
        &[
            &parcel.id.get(),
            &parcel.direction.as_str(),
            &parcel.network.get(),
            &parcel.mailbox.get(),
            &blob,
            &source.map(Id::get),
            &parcel.file_name,
            &parcel.bytes,
            &parcel.status.as_str(),
            &parcel.from.map(Id::get),
            &parcel.to.map(Id::get),
            &parcel.created.0,
        ],
    )
    .map(drop)
}

/// A byte range of the sender's content: start, and end (exclusive).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// First byte.
    pub start: i64,
    /// After the last byte.
    pub end: i64,
}
impl FromRow for Range {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self { start: row.get(0)?, end: row.get(1)? })
    }
}

/// Adds an interchange to an inbound parcel.
pub fn insert_delivery(
    tx: &mut Tx<'_>,
    parcel: ParcelId,
    position: i64,
    interchange: InterchangeId,
    range: Range,
) -> Result<()> {
    tx.run(INSERT_DELIVERY, &[&parcel.get(), &position, &interchange.get(), &range.start, &range.end]).map(drop)
}

/// The byte ranges an inbound parcel consists of, in order.
pub fn ranges(tx: &mut Tx<'_>, parcel: ParcelId) -> Result<Vec<Range>> {
    tx.rows(RANGES, &[&parcel.get()])
}

/// Parcels that wait to be confirmed, oldest first (decision D5), and how many there are in all.
pub fn pending(tx: &mut Tx<'_>, scope: Scope, mailbox: Option<MailboxId>, page: Page) -> Result<(Vec<Parcel>, i64)> {
    let (network, at, to) = (scope.network(), scope.traffic_mailbox(), scope.trading_id());
    let of = mailbox.map(Id::get);
    let rows = tx.rows(PENDING, &[&network, &at, &to, &of, &page.limit, &page.skip])?;
    let total = tx.one::<i64>(COUNT_PENDING, &[&network, &at, &to, &of])?.unwrap_or(0);
    Ok((rows, total))
}

/// Moves a parcel from one status to another; false when it was not in the first. Writes no event: see [`insert_event`].
pub fn set_status(tx: &mut Tx<'_>, parcel: ParcelId, from: ParcelStatus, to: ParcelStatus, now: Time) -> Result<bool> {
    Ok(tx.run(SET_STATUS, &[&parcel.get(), &from.as_str(), &to.as_str(), &now.0])? == 1)
}

/// Notes that a parcel was downloaded.
pub fn note_download(tx: &mut Tx<'_>, parcel: ParcelId, now: Time) -> Result<()> {
    tx.run(NOTE_DOWNLOAD, &[&parcel.get(), &now.0]).map(drop)
}

/// The sender's parcel an inbound one was cut from.
pub fn source(tx: &mut Tx<'_>, parcel: ParcelId) -> Result<Option<ParcelId>> {
    let source = tx.one::<Option<i64>>(SOURCE, &[&parcel.get()])?.flatten();
    Ok(source.and_then(ParcelId::new))
}

/// How many inbound parcels cut from a sender's parcel still wait to be confirmed.
pub fn unconfirmed(tx: &mut Tx<'_>, source: ParcelId) -> Result<i64> {
    Ok(tx.one::<i64>(UNCONFIRMED, &[&source.get()])?.unwrap_or(0))
}

/// A move of a parcel, for whoever asks later where it went.
#[derive(Debug)]
pub struct Event {
    /// Its time-ordered number.
    pub id: i64,
    /// The parcel.
    pub parcel: ParcelId,
    /// What happened.
    pub event: &'static str,
    /// Status before.
    pub from: Option<ParcelStatus>,
    /// Status after.
    pub to: ParcelStatus,
    /// Who did it; none for the hub itself.
    pub user: Option<UserId>,
}

/// Keeps a move.
pub fn insert_event(tx: &mut Tx<'_>, event: &Event, now: Time) -> Result<()> {
    tx.run(
        INSERT_EVENT,
        &[
            &event.id,
            &event.parcel.get(),
            &now.0,
            &event.event,
            &event.from.map(ParcelStatus::as_str),
            &event.to.as_str(),
            &event.user.map(Id::get),
        ],
    )
    .map(drop)
}

/// Takes a parcel's row, so that rules over what was cut from it are judged one at a time (ruling 10).
pub fn take(tx: &mut Tx<'_>, parcel: ParcelId) -> Result<()> {
    tx.run(TAKE, &[&parcel.get()]).map(drop)
}

/// A parcel whose interchanges a job routes in batches.
#[derive(Clone, Debug)]
pub struct Routing {
    /// The parcel.
    pub parcel: ParcelId,
    /// The interchange it goes on with.
    pub next: i64,
    /// Whether its sender may use any id of the network, and not just those of the mailbox.
    pub whole_network: bool,
    /// Who uploaded it.
    pub user: Option<UserId>,
    /// The mailbox it goes out from.
    pub mailbox: MailboxId,
}
impl FromRow for Routing {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            parcel: id(row, 0)?,
            next: row.get(1)?,
            whole_network: row.get(2)?,
            user: opt_id(row, 3)?,
            mailbox: id(row, 4)?,
        })
    }
}

/// Leaves the routing of a parcel to the job.
pub fn insert_routing(tx: &mut Tx<'_>, parcel: ParcelId, whole_network: bool, user: Option<UserId>) -> Result<()> {
    tx.run(INSERT_ROUTING, &[&parcel.get(), &whole_network, &user.map(Id::get)]).map(drop)
}

/// Parcels that wait for the job, oldest first, behind one of them; 0 is before all.
pub fn routings(tx: &mut Tx<'_>, after: i64, limit: i64) -> Result<Vec<Routing>> {
    tx.rows(ROUTINGS, &[&after, &limit])
}

/// Notes how far the job has come; false when it was not where `from` says.
pub fn advance_routing(tx: &mut Tx<'_>, parcel: ParcelId, from: i64, to: i64) -> Result<bool> {
    Ok(tx.run(ADVANCE_ROUTING, &[&parcel.get(), &from, &to])? == 1)
}

/// The job has come to the end of a parcel.
pub fn end_routing(tx: &mut Tx<'_>, parcel: ParcelId) -> Result<()> {
    tx.run(END_ROUTING, &[&parcel.get()]).map(drop)
}

/// Names the ends of a sender's parcel where all that it holds has the same.
pub fn name_ends(tx: &mut Tx<'_>, parcel: ParcelId) -> Result<()> {
    tx.run(NAME_ENDS, &[&parcel.get()]).map(drop)
}

/// Whether any interchange of a sender's parcel is in suspense, and whether any is held or in suspense.
pub fn waits(tx: &mut Tx<'_>, parcel: ParcelId) -> Result<(bool, bool)> {
    Ok(tx.one::<(bool, bool)>(STATES, &[&parcel.get()])?.unwrap_or((false, false)))
}
