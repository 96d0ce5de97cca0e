//! `POST /v2/partners`

use super::PartnerInfo;
use hub::{Context, Effect, Ends, Group, Operation, Result, Spec, access::Policy, post};
use model::TradingId;
use schemars::JsonSchema;
use serde::Deserialize;

/// Connects two trading ids, so that EDI flows between them in both directions.
///
/// One of them must be within your reach. Inside one network, and for the operators of the hub, the connection is
/// complete at once; else it waits until the other side makes the same one, in either order.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatePartner {
    /// One side.
    ec_grid_id_from: TradingId,
    /// The other side.
    ec_grid_id_to: TradingId,
}

impl Operation for CreatePartner {
    type Target = Ends;
    type Output = PartnerInfo;
    const SPEC: Spec = Spec {
        effect: Effect::Writes,
        event: Some("partner.create"),
        ..Spec::new("createPartner", Group::Partners, Policy::RunMailbox, post("/v2/partners"))
    };

    fn example() -> &'static str {
        r#"{"ecGridIdFrom":1001,"ecGridIdTo":1002}"#
    }

    fn place(&self, cx: &mut Context<'_, '_>) -> Result<Ends> {
        // Both are looked up whatever the first gives: how long it takes tells nothing.
        let (from, to) = (cx.live_trading_id(self.ec_grid_id_from), cx.live_trading_id(self.ec_grid_id_to));
        Ok(Ends { from: from?, to: to? })
    }

    fn run(&self, cx: &mut Context<'_, '_>, ends: Ends) -> Result<PartnerInfo> {
        Ok(cx.connect(ends)?.into())
    }
}
