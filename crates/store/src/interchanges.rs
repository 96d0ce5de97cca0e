//! Interchanges: the EDI envelopes of parcels.

use crate::{
    db::{FromRow, Row, Tx},
    error::Result,
    parcels::Range,
    sql::id,
};
use model::*;

pub(crate) const STATEMENTS: &[&str] = &[INSERT, RELEASABLE, RELEASE];

const INSERT: &str = "INSERT INTO interchanges (interchange_id, parcel_id, position, starts_at, ends_at, standard,
    sender, receiver, id_from, id_to, control_number, document_type, test, status, status_code, reason_code, reason,
    created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)";

const RELEASABLE: &str = "SELECT i.interchange_id, i.parcel_id, i.id_from, i.id_to, i.starts_at, i.ends_at, i.test
    FROM interchanges i JOIN partners p ON p.id_low = CASE WHEN i.id_from < i.id_to THEN i.id_from ELSE i.id_to END
      AND p.id_high = CASE WHEN i.id_from < i.id_to THEN i.id_to ELSE i.id_from END
    WHERE i.status = 'Suspended' AND i.reason_code = 'E1111'
      AND p.status = 'Active' AND p.interconnect_status = 'Completed'
    ORDER BY i.interchange_id LIMIT $1";
const RELEASE: &str = "UPDATE interchanges SET status = $2, status_code = $3, reason_code = $4, reason = $5
    WHERE interchange_id = $1 AND status = 'Suspended' AND reason_code = 'E1111'";

/// An interchange that was held until its partnership was complete, which it now is.
#[derive(Clone, Debug)]
pub struct Releasable {
    /// The interchange.
    pub id: InterchangeId,
    /// The sender's parcel.
    pub parcel: ParcelId,
    /// The sender's trading id.
    pub from: TradingId,
    /// The receiver's trading id.
    pub to: TradingId,
    /// Its bytes in the sender's content.
    pub range: Range,
    /// Whether it is marked as test data.
    pub test: bool,
}
impl FromRow for Releasable {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: id(row, 0)?,
            parcel: id(row, 1)?,
            from: id(row, 2)?,
            to: id(row, 3)?,
            range: Range { start: row.get(4)?, end: row.get(5)? },
            test: row.get(6)?,
        })
    }
}

/// Interchanges whose partnership was completed since they were held, oldest first.
pub fn releasable(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<Releasable>> {
    tx.rows(RELEASABLE, &[&limit])
}

/// What becomes of a held interchange; false when it is held no longer.
pub fn release(
    tx: &mut Tx<'_>,
    interchange: InterchangeId,
    status: Status,
    status_code: &str,
    reason: Option<(&str, &str)>,
) -> Result<bool> {
    let (code, why) = (reason.map(|r| r.0), reason.map(|r| r.1));
    Ok(tx.run(RELEASE, &[&interchange.get(), &status.as_str(), &status_code, &code, &why])? == 1)
}

/// An interchange as it is accepted.
#[derive(Debug)]
pub struct NewInterchange {
    /// Its id.
    pub id: InterchangeId,
    /// The sender's parcel.
    pub parcel: ParcelId,
    /// Position in that parcel, from 0.
    pub position: i64,
    /// Its bytes in the sender's content, line end included.
    pub range: Range,
    /// Standard.
    pub standard: EdiStandard,
    /// `qualifier:id` of the sender as in the envelope.
    pub sender: String,
    /// `qualifier:id` of the receiver as in the envelope.
    pub receiver: String,
    /// The sender's trading id.
    pub from: Option<TradingId>,
    /// The receiver's trading id.
    pub to: Option<TradingId>,
    /// Interchange control number.
    pub control_number: String,
    /// Type of the first set.
    pub document_type: String,
    /// Whether it is marked as test data.
    pub test: bool,
    /// Life.
    pub status: Status,
    /// Public event number (ruling 38).
    pub status_code: &'static str,
    /// Our code for why it is held or in suspense.
    pub reason_code: Option<String>,
    /// The same in words.
    pub reason: Option<String>,
}

/// Keeps an interchange.
pub fn insert(tx: &mut Tx<'_>, new: &NewInterchange, now: Time) -> Result<()> {
    tx.run(
        INSERT,
        &[
            &new.id.get(),
            &new.parcel.get(),
            &new.position,
            &new.range.start,
            &new.range.end,
            &new.standard.as_str(),
            &new.sender,
            &new.receiver,
            &new.from.map(Id::get),
            &new.to.map(Id::get),
            &new.control_number,
            &new.document_type,
            &new.test,
            &new.status.as_str(),
            &new.status_code,
            &new.reason_code,
            &new.reason,
            &now.0,
        ],
    )
    .map(drop)
}
