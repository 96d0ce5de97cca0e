//! `GET /v2/networks/{id}`

use super::NetworkInfo;
use hub::{Beside, Context, Group, Operation, Result, Spec, access::Policy, get};
use model::{Network, NetworkId};
use schemars::JsonSchema;
use serde::Deserialize;

/// Shows a network.
#[derive(Deserialize, JsonSchema)]
pub struct GetNetwork {
    /// The network.
    id: NetworkId,
}

impl Operation for GetNetwork {
    type Target = Network;
    type Output = NetworkInfo;
    const SPEC: Spec = Spec {
        beside: Beside::Nulls,
        ..Spec::new("getNetwork", Group::Networks, Policy::ReadNetwork, get("/v2/networks/{id}"))
    };

    fn example() -> &'static str {
        r#"{"id":1001}"#
    }

    fn place(&self, cx: &mut Context<'_, '_>) -> Result<Network> {
        cx.network(self.id)
    }

    fn run(&self, _: &mut Context<'_, '_>, network: Network) -> Result<NetworkInfo> {
        Ok(network.into())
    }
}
