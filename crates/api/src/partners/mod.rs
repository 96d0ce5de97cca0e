//! `/v2/partners`: partnerships (interconnects) between trading ids.

mod create;
mod get;

pub use create::CreatePartner;
pub use get::GetPartner;

use model::{InterconnectStatus, Partner, PartnerId, Status, Time, TradingId};
use schemars::JsonSchema;
use serde::Serialize;

/// A partnership as the API shows it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PartnerInfo {
    /// Its id.
    interconnect_id: PartnerId,
    /// The id named first.
    ec_grid_id_from: TradingId,
    /// The id named second.
    ec_grid_id_to: TradingId,
    /// Life.
    status: Status,
    /// When it was made.
    created: Time,
    /// When it last changed.
    modified: Time,
    /// Whether both sides have accepted; data flows once it is Completed.
    interconnect_status: InterconnectStatus,
}

impl From<Partner> for PartnerInfo {
    fn from(partner: Partner) -> Self {
        Self {
            interconnect_id: partner.id,
            ec_grid_id_from: partner.from,
            ec_grid_id_to: partner.to,
            status: partner.status,
            created: partner.created,
            modified: partner.modified,
            interconnect_status: partner.interconnect_status,
        }
    }
}
