//! Interchanges: the EDI envelopes of parcels.

use crate::{db::Tx, error::Result, parcels::Range};
use model::*;

pub(crate) const STATEMENTS: &[&str] = &[INSERT];

const INSERT: &str = "INSERT INTO interchanges (interchange_id, parcel_id, position, starts_at, ends_at, standard,
    sender, receiver, id_from, id_to, control_number, document_type, test, status, status_code, reason_code, reason,
    created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)";

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
