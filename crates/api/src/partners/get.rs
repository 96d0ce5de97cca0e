//! `GET /v2/partners/{id}`

use super::PartnerInfo;
use hub::{Context, Group, Operation, Pair, Result, Spec, access::Policy, get};
use model::PartnerId;
use schemars::JsonSchema;
use serde::Deserialize;

/// Shows a partnership to either of its sides.
#[derive(Deserialize, JsonSchema)]
pub struct GetPartner {
    /// The partnership.
    id: PartnerId,
}

impl Operation for GetPartner {
    type Target = Pair;
    type Output = PartnerInfo;
    const SPEC: Spec = Spec::new("getPartner", Group::Partners, Policy::ReadTraffic, get("/v2/partners/{id}"));

    fn example() -> &'static str {
        r#"{"id":1001}"#
    }

    fn place(&self, cx: &mut Context<'_, '_>) -> Result<Pair> {
        cx.pair(self.id)
    }

    fn run(&self, _: &mut Context<'_, '_>, pair: Pair) -> Result<PartnerInfo> {
        Ok(pair.partner.into())
    }
}
