//! `POST /v2/parcels/download`

use base64::{display::Base64Display, prelude::BASE64_STANDARD};
use hub::{
    Bulk, Context, Effect, Error, Group, Operation, Outgoing, Result, Spec, Stage, Staged, access::Policy, get, post,
};
use model::{Parcel, ParcelId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};
use std::sync::{Arc, Mutex};

/// Hands out a parcel's content, byte for byte, in base64. An inbound parcel is offered again until it is confirmed.
///
/// With `Accept: application/octet-stream` the answer's body is the content itself, of any length.
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
    /// The bytes as they are, where they are the answer.
    #[serde(skip)]
    file: Option<Arc<Mutex<Option<Outgoing>>>>,
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

    async fn stage(&self, before: Stage<'_>) -> Result<Staged> {
        before.hub.stage_download(self.parcel_id, before.request.raw).await
    }

    fn place(&self, cx: &mut Context<'_, '_>) -> Result<Parcel> {
        cx.parcel(self.parcel_id)
    }

    fn run(&self, cx: &mut Context<'_, '_>, parcel: Parcel) -> Result<Content> {
        cx.download(&parcel)?;
        let (content, file) = match cx.staged() {
            Staged::Bytes(content) => (content.clone(), None),
            Staged::File(file) => (Arc::default(), Some(file.clone())),
            _ => return Err(Error::internal("a download has no content")),
        };
        let (parcel_id, file_name, bytes) = (parcel.id, parcel.file_name, content.len());
        Ok(Content { parcel_id, file_name, content, bytes, content_encoding: "base64", size: bytes, file })
    }

    fn content(output: &mut Content) -> Option<Outgoing> {
        output.file.take()?.lock().ok()?.take()
    }

    fn headers(output: &Content) -> Vec<(&'static str, String)> {
        let id = ("x-parcel-id", output.parcel_id.to_string());
        let name = percent_encoding::utf8_percent_encode(&output.file_name, percent_encoding::NON_ALPHANUMERIC);
        let plain = |c: char| if c.is_ascii_alphanumeric() || " -_.+()".contains(c) { c } else { '_' };
        let ascii: String = output.file_name.chars().map(plain).collect();
        let named = || ("content-disposition", format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{name}"));
        std::iter::once(id).chain(output.file.is_some().then(named)).collect()
    }
}
