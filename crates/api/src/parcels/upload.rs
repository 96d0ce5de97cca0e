//! `POST /v2/parcels/upload`

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use bytes::Bytes;
use hub::{
    Addressing, Bulk, Context, Effect, Error, Group, Operation, Outbox, Result, Spec, Stage, Staged, access::Policy,
    post,
};
use model::{FileName, Id, MailboxId, OrZero, Parcel, ParcelId, Shape, TradingId};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de};
use std::{borrow::Cow, sync::Arc};

/// Takes a file in and routes what it holds. The answer comes when the file is durable.
///
/// Each EDI interchange in the file goes to the receiver that its envelope names; `ecGridIdFrom` and `ecGridIdTo` go
/// before the envelope. A file without an envelope needs both. What cannot be routed is kept and can be released.
///
/// The body may be the file itself, of any length, as `application/octet-stream`: its name stands in
/// `Content-Disposition` or in the query, as do the other members. Or it is a form (`multipart/form-data`) with the file
/// in the part `file` and the other members in parts of their names.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UploadParcel {
    /// Name of the file. It is kept as data and never becomes a path.
    #[schemars(required)]
    file_name: Option<FileName>,
    /// The bytes, in base64.
    #[schemars(required)]
    content: Option<Base64>,
    /// How many bytes; checked when given.
    bytes: Option<i64>,
    /// Sender.
    ec_grid_id_from: Option<OrZero<TradingId>>,
    /// Receiver.
    ec_grid_id_to: Option<OrZero<TradingId>>,
    /// Sender as the guides spell it, which read an object then.
    #[serde(rename = "fromECGridId")]
    guide_from: Option<OrZero<TradingId>>,
    /// Receiver as the guides spell it, which read an object then.
    #[serde(rename = "toECGridId")]
    guide_to: Option<OrZero<TradingId>>,
    /// The mailbox it goes out from; the caller's when absent or 0.
    mailbox_id: Option<OrZero<MailboxId>>,
}

/// Bytes in base64: standard alphabet, padding optional, white space ignored (ruling 34).
struct Base64(Bytes);

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Text;
        impl de::Visitor<'_> for Text {
            type Value = Base64;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("base64")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Base64, E> {
                let blank = |b: &u8| b.is_ascii_whitespace();
                let text: Cow<'_, [u8]> = match text.as_bytes() {
                    bytes if bytes.iter().any(blank) => bytes.iter().copied().filter(|b| !blank(b)).collect(),
                    bytes => Cow::Borrowed(bytes),
                };
                let decoded = LENIENT.decode(text);
                decoded
                    .map(|bytes| Base64(bytes.into()))
                    .map_err(|_| E::custom("must be base64 in the standard alphabet (A-Z a-z 0-9 + /)"))
            }
        }
        d.deserialize_str(Text)
    }
}
impl JsonSchema for Base64 {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Base64".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "contentEncoding": "base64" })
    }
}

/// What became of an upload: the parcel's number by the reference, an object by guides and sample programs, and where the
/// body was the file itself (decision I1).
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Uploaded {
    /// By the reference.
    Number(ParcelId),
    /// By the guides and the sample programs.
    #[serde(rename_all = "camelCase")]
    Parcel {
        /// Its number.
        parcel_id: ParcelId,
        /// Name of the file.
        file_name: String,
        /// Life.
        status: model::ParcelStatus,
        /// Size in bytes.
        size: i64,
        /// Size in bytes.
        bytes: i64,
    },
}
impl Uploaded {
    fn id(&self) -> ParcelId {
        match self {
            Self::Number(id) | Self::Parcel { parcel_id: id, .. } => *id,
        }
    }
}

impl UploadParcel {
    fn addressing(&self) -> Result<Addressing> {
        let one = |name, ours: Option<OrZero<TradingId>>, theirs: Option<OrZero<TradingId>>| match (ours, theirs) {
            (Some(ours), Some(theirs)) if ours.0 != theirs.0 => {
                Err(Error::parameter(name, "is given twice with different values"))
            }
            (ours, theirs) => Ok(ours.or(theirs).and_then(|id| id.0)),
        };
        Ok(Addressing {
            mailbox: self.mailbox_id.and_then(|id| id.0),
            from: one("ecGridIdFrom", self.ec_grid_id_from, self.guide_from)?,
            to: one("ecGridIdTo", self.ec_grid_id_to, self.guide_to)?,
        })
    }

    fn file_name(&self) -> Result<&FileName> {
        let why = match self.content {
            Some(_) => "is required",
            None => "is required: in Content-Disposition, in the query (?fileName=order.x12) or in a field of the form",
        };
        self.file_name.as_ref().ok_or_else(|| Error::parameter("fileName", why))
    }

    /// Whether the request is written as a guide has it, where the answer is an object (decision I1).
    fn as_guided(&self) -> bool {
        self.content.is_none() || self.guide_from.is_some() || self.guide_to.is_some()
    }
}

impl Operation for UploadParcel {
    type Target = Outbox;
    type Output = Uploaded;
    const SPEC: Spec = Spec {
        effect: Effect::Writes,
        bulk: Bulk::Input,
        stages: true,
        ..Spec::new("uploadParcel", Group::Parcels, Policy::Transfer, post("/v2/parcels/upload"))
    };

    fn example() -> &'static str {
        r#"{"fileName":"po-4711.x12","content":"SVNBKjAwKi4uLg=="}"#
    }

    async fn stage(&self, before: Stage<'_>) -> Result<Staged> {
        self.file_name()?;
        let content = match (&self.content, before.content) {
            (Some(Base64(content)), None) => before.hub.intake().more(content.clone()).await?,
            (None, Some(content)) => content,
            (None, None) => return Err(Error::parameter("content", "is required")),
            (Some(_), Some(_)) => return Err(Error::parameter("content", "is the body, and not in the query")),
        };
        if self.bytes.is_some_and(|bytes| u64::try_from(bytes) != Ok(content.bytes())) {
            return Err(Error::parameter("bytes", format!("is not the size of content, which is {}", content.bytes())));
        }
        Ok(Staged::Content(Arc::new(content.accept().await?)))
    }

    fn place(&self, cx: &mut Context<'_, '_>) -> Result<Outbox> {
        cx.outbox(self.addressing()?)
    }

    fn run(&self, cx: &mut Context<'_, '_>, outbox: Outbox) -> Result<Uploaded> {
        let Parcel { id, file_name, status, bytes, .. } = cx.upload(outbox, self.file_name()?, self.addressing()?)?;
        Ok(match cx.shape() {
            Shape::Reference if !self.as_guided() => Uploaded::Number(id),
            _ => Uploaded::Parcel { parcel_id: id, file_name, status, size: bytes, bytes },
        })
    }

    fn headers(output: &Uploaded) -> Vec<(&'static str, String)> {
        let id = output.id().get();
        vec![("x-parcel-id", id.to_string()), ("location", format!("/v2/parcels/{id}"))]
    }
}
