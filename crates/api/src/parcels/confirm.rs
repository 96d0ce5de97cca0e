//! `POST /v2/parcels/confirm`

use hub::{Context, Effect, Group, Operation, Result, Spec, access::Policy, post};
use model::{Parcel, ParcelId, Shape};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Confirms that an inbound parcel was received. Until then it is offered again; confirming twice changes nothing.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConfirmDownload {
    /// The parcel.
    parcel_id: ParcelId,
}

/// That it is confirmed: `true` by the reference, an object by the guides (decision I11).
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Confirmed {
    /// By the reference.
    Plain(bool),
    /// By the guides.
    #[serde(rename_all = "camelCase")]
    Told {
        /// The parcel.
        parcel_id: ParcelId,
        /// That it is confirmed.
        confirmed: bool,
    },
}

impl Operation for ConfirmDownload {
    type Target = Parcel;
    type Output = Confirmed;
    const SPEC: Spec = Spec {
        effect: Effect::Writes,
        aliases: super::ALIASES,
        also: &[post("/v2/parcels/{id=parcelId}/confirm")],
        ..Spec::new("confirmDownload", Group::Parcels, Policy::Transfer, post("/v2/parcels/confirm"))
    };

    fn example() -> &'static str {
        r#"{"parcelId":245187133014016}"#
    }

    fn place(&self, cx: &mut Context<'_, '_>) -> Result<Parcel> {
        cx.parcel(self.parcel_id)
    }

    fn run(&self, cx: &mut Context<'_, '_>, parcel: Parcel) -> Result<Confirmed> {
        cx.confirm(&parcel)?;
        Ok(match cx.shape() {
            Shape::Guide => Confirmed::Told { parcel_id: parcel.id, confirmed: true },
            Shape::Reference | Shape::Samples => Confirmed::Plain(true),
        })
    }
}
