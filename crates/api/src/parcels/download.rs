//! `POST /v2/parcels/download`

use base64::{display::Base64Display, prelude::BASE64_STANDARD};
use hub::{Bulk, Caller, Context, Effect, Group, Hub, Operation, Result, Spec, Staged, access::Policy, get, post};
use model::{Parcel, ParcelId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};
use std::sync::Arc;

/// Hands out a parcel's content, byte for byte, in base64. An inbound parcel is offered again until it is confirmed.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DownloadParcel {
    /// The parcel.
    parcel_id: ParcelId,
}

/// A parcel's content.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Content {
    /// The parcel.
    parcel_id: ParcelId,
    /// Name of the uploaded file.
    file_name: String,
    /// The bytes, in base64.
    #[serde(serialize_with = "base64")]
    #[schemars(with = "String")]
    content: Arc<Vec<u8>>,
    /// How many bytes that are.
    bytes: usize,
    /// How they are written.
    content_encoding: &'static str,
    /// How many bytes that are, as the guides spell it.
    size: usize,
}

fn base64<S: Serializer>(content: &Arc<Vec<u8>>, s: S) -> Result<S::Ok, S::Error> {
    s.collect_str(&Base64Display::new(content, &BASE64_STANDARD))
}

impl Operation for DownloadParcel {
    type Target = Parcel;
    type Output = Content;
    const SPEC: Spec = Spec {
        effect: Effect::Writes,
        bulk: Bulk::Output,
        stages: true,
        aliases: super::ALIASES,
        also: &[get("/v2/parcels/{id=parcelId}/download")],
        ..Spec::new("downloadParcel", Group::Parcels, Policy::ReadContent, post("/v2/parcels/download"))
    };

    fn example() -> &'static str {
        r#"{"parcelId":245187133014016}"#
    }

    async fn stage(&self, hub: &Hub, _: Option<&Caller>) -> Result<Staged> {
        Ok(Staged::Bytes(Arc::new(hub.parcel_content(self.parcel_id).await?)))
    }

    fn place(&self, cx: &mut Context<'_, '_>) -> Result<Parcel> {
        cx.parcel(self.parcel_id)
    }

    fn run(&self, cx: &mut Context<'_, '_>, parcel: Parcel) -> Result<Content> {
        let content = cx.download(&parcel)?;
        let bytes = content.len();
        let file_name = parcel.file_name;
        Ok(Content { parcel_id: parcel.id, file_name, content, bytes, content_encoding: "base64", size: bytes })
    }
}
