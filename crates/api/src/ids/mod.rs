//! `/v2/ids`: trading ids.

mod create;
mod find;
mod get;

pub use create::CreateId;
pub use find::FindId;
pub use get::GetId;

use model::{EdiStandard, MailboxId, NetworkId, RoutingGroup, Status, TradingId, TradingPartner};
use schemars::JsonSchema;
use serde::Serialize;

/// Documented other spellings of an EDI address (decision G1).
const ALIASES: &[(&str, &str)] = &[("isaQualifier", "qualifier"), ("isaId", "id")];

/// A trading id as the API shows it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct IdInfo {
    /// Its number.
    ec_grid_id: TradingId,
    /// Its mailbox; 0 where that is hidden from the caller.
    mailbox_id: i64,
    /// The network of its mailbox.
    network_id: NetworkId,
    /// Qualifier.
    qualifier: String,
    /// EDI id.
    id: String,
    /// What its owner calls it.
    description: String,
    /// Life.
    status: Status,
    /// Routing group.
    routing_group: RoutingGroup,
    /// Standard.
    edi_standard: EdiStandard,
    /// Name of its network, in the directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    network_name: Option<String>,
}

impl IdInfo {
    fn new(id: TradingPartner, mailbox: Option<MailboxId>, network_name: Option<String>) -> Self {
        Self {
            ec_grid_id: id.id,
            mailbox_id: crate::auth::or_zero(mailbox),
            network_id: id.network,
            qualifier: id.qualifier,
            id: id.edi_id,
            // What its owner calls it is the owner's business.
            description: if mailbox.is_some() { id.description } else { String::new() },
            status: id.status,
            routing_group: id.routing_group,
            edi_standard: id.standard,
            network_name,
        }
    }
}
impl From<TradingPartner> for IdInfo {
    fn from(id: TradingPartner) -> Self {
        let mailbox = Some(id.mailbox);
        Self::new(id, mailbox, None)
    }
}
