//! `POST /v2/ids/find`

use super::IdInfo;
use hub::{Context, Effect, Group, Home, Operation, Result, Spec, access::Policy, get, post};
use model::{EdiId, Qualifier};
use schemars::JsonSchema;
use serde::Deserialize;

/// Looks an EDI address up in the directory of the hub. The mailbox is shown only to those within reach of it.
#[derive(Deserialize, JsonSchema)]
pub struct FindId {
    /// Qualifier.
    qualifier: Qualifier,
    /// EDI id, in any letter case.
    id: EdiId,
}

impl Operation for FindId {
    type Target = Home;
    type Output = Vec<IdInfo>;
    const SPEC: Spec = Spec {
        effect: Effect::Scans,
        also: &[get("/v2/ids/find")],
        aliases: super::ALIASES,
        ..Spec::new("findId", Group::Ids, Policy::FindIds, post("/v2/ids/find"))
    };

    fn example() -> &'static str {
        r#"{"qualifier":"ZZ","id":"ACMECORP"}"#
    }

    fn place(&self, cx: &mut Context<'_, '_>) -> Result<Home> {
        Ok(cx.home())
    }

    fn run(&self, cx: &mut Context<'_, '_>, _: Home) -> Result<Vec<IdInfo>> {
        let found = cx.find_trading_ids(self.qualifier.as_str(), self.id.as_str())?;
        let mut shown = Vec::with_capacity(found.len());
        for id in found {
            let mailbox = cx.sees_traffic_of(&id)?.then_some(id.mailbox);
            let network = cx.network(id.network)?;
            shown.push(IdInfo::new(id, mailbox, Some(network.company_name)));
        }
        Ok(shown)
    }
}
