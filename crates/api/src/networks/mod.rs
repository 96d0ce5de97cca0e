//! `/v2/networks`

mod create;
mod get;

pub use create::CreateNetwork;
pub use get::GetNetwork;

use model::{Network, NetworkId, Status, Time};
use schemars::JsonSchema;
use serde::Serialize;

/// A network as the API shows it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NetworkInfo {
    /// Its id.
    network_id: NetworkId,
    /// Short name, unique on the hub.
    unique_id: String,
    /// Company name.
    company_name: String,
    /// Life.
    status: Status,
    /// When it was made.
    created: Time,
    /// When it last changed.
    modified: Time,
}

impl From<Network> for NetworkInfo {
    fn from(network: Network) -> Self {
        Self {
            network_id: network.id,
            unique_id: network.unique_id,
            company_name: network.company_name,
            status: network.status,
            created: network.created,
            modified: network.modified,
        }
    }
}
