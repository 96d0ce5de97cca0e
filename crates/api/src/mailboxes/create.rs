//! `POST /v2/mailboxes/create`

use super::MailboxInfo;
use hub::{Beside, Context, Effect, Group, Operation, Result, Spec, access::Policy, post};
use model::{CompanyName, Network, NetworkId, UniqueId};
use schemars::JsonSchema;
use serde::Deserialize;

/// Makes a mailbox in a network.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreateMailbox {
    /// The network.
    network_id: NetworkId,
    /// Short name, unique within the network in any letter case.
    unique_id: UniqueId,
    /// Company name.
    company_name: CompanyName,
}

impl Operation for CreateMailbox {
    type Target = Network;
    type Output = MailboxInfo;
    const SPEC: Spec = Spec {
        effect: Effect::Writes,
        event: Some("mailbox.create"),
        also: &[post("/v2/mailboxes")],
        beside: Beside::Nulls,
        ..Spec::new("createMailbox", Group::Mailboxes, Policy::RunNetwork, post("/v2/mailboxes/create"))
    };

    fn example() -> &'static str {
        r#"{"networkId":1002,"uniqueId":"ACME01","companyName":"Acme Purchasing"}"#
    }

    fn place(&self, cx: &mut Context<'_, '_>) -> Result<Network> {
        cx.live_network(self.network_id)
    }

    fn run(&self, cx: &mut Context<'_, '_>, network: Network) -> Result<MailboxInfo> {
        Ok(cx.create_mailbox(&network, &self.unique_id, &self.company_name)?.into())
    }
}
