//! `GET /v2/ids/{id}`

use super::IdInfo;
use hub::{Context, Group, Operation, Result, Spec, access::Policy, get};
use model::{TradingId, TradingPartner};
use schemars::JsonSchema;
use serde::Deserialize;

/// Shows a trading id.
#[derive(Deserialize, JsonSchema)]
pub struct GetId {
    /// The number of the trading id.
    id: TradingId,
}

impl Operation for GetId {
    type Target = TradingPartner;
    type Output = IdInfo;
    const SPEC: Spec = Spec::new("getId", Group::Ids, Policy::ReadTraffic, get("/v2/ids/{id}"));

    fn example() -> &'static str {
        r#"{"id":1001}"#
    }

    fn place(&self, cx: &mut Context<'_, '_>) -> Result<TradingPartner> {
        cx.trading_id(self.id)
    }

    fn run(&self, _: &mut Context<'_, '_>, id: TradingPartner) -> Result<IdInfo> {
        Ok(id.into())
    }
}
