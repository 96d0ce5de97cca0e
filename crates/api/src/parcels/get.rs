//! `GET /v2/parcels/{id}`

use super::ParcelInfo;
use hub::{Context, Group, Operation, Result, Spec, access::Policy, get};
use model::{Parcel, ParcelId};
use schemars::JsonSchema;
use serde::Deserialize;

/// Shows a parcel.
#[derive(Deserialize, JsonSchema)]
pub struct GetParcel {
    /// The parcel.
    id: ParcelId,
}

impl Operation for GetParcel {
    type Target = Parcel;
    type Output = ParcelInfo;
    const SPEC: Spec = Spec::new("getParcel", Group::Parcels, Policy::ReadTraffic, get("/v2/parcels/{id}"));

    fn example() -> &'static str {
        r#"{"id":245187133014016}"#
    }

    fn place(&self, cx: &mut Context<'_, '_>) -> Result<Parcel> {
        cx.parcel(self.id)
    }

    fn run(&self, _: &mut Context<'_, '_>, parcel: Parcel) -> Result<ParcelInfo> {
        Ok(parcel.into())
    }
}
