//! `POST /v2/networks`

use super::NetworkInfo;
use hub::{Beside, Context, Effect, Group, Home, Operation, Result, Spec, access::Policy, post};
use model::{CompanyName, UniqueId};
use schemars::JsonSchema;
use serde::Deserialize;

/// Makes a network, for the operators of the hub.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreateNetwork {
    /// Short name, unique on the hub in any letter case.
    unique_id: UniqueId,
    /// Company name.
    company_name: CompanyName,
}

impl Operation for CreateNetwork {
    type Target = Home;
    type Output = NetworkInfo;
    const SPEC: Spec = Spec {
        effect: Effect::Writes,
        event: Some("network.create"),
        beside: Beside::Nulls,
        ..Spec::new("createNetwork", Group::Networks, Policy::RunHub, post("/v2/networks"))
    };

    fn example() -> &'static str {
        r#"{"uniqueId":"ACME","companyName":"Acme Corporation"}"#
    }

    fn place(&self, cx: &mut Context<'_, '_>) -> Result<Home> {
        Ok(cx.home())
    }

    fn run(&self, cx: &mut Context<'_, '_>, _: Home) -> Result<NetworkInfo> {
        Ok(cx.create_network(&self.unique_id, &self.company_name)?.into())
    }
}
