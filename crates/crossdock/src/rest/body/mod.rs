//! Reads a body, only when the door asks for it: JSON, content as it is, or a form that holds content.

mod form;
mod frames;
mod multipart;
mod parameters;

pub use frames::Limits;

use axum::{
    body::{Body, HttpBody},
    http::{HeaderMap, header},
};
use frames::Frames;
use hub::{Error, Intake, Kind};
use multipart::Multipart;

/// What a body is called.
enum Media {
    /// Not called anything: JSON where it begins like an object, else content.
    Unsaid,
    Json,
    /// Content as it is: plain bytes, or EDI by RFC 1767.
    Content,
    /// A form with this boundary between its parts (RFC 7578).
    Form(String),
    Other,
}

impl Media {
    fn of(headers: &HeaderMap) -> Self {
        let Some(value) = headers.get(header::CONTENT_TYPE) else { return Self::Unsaid };
        let value = String::from_utf8_lossy(value.as_bytes());
        let essence = value.split(';').next().unwrap_or_default();
        match &*essence.trim().to_ascii_lowercase() {
            "" => Self::Unsaid,
            "application/json" | "text/json" => Self::Json,
            essence if essence.ends_with("+json") => Self::Json,
            "application/octet-stream" | "application/edi-x12" | "application/edifact" | "application/edi-consent" => {
                Self::Content
            }
            "multipart/form-data" => Self::Form(parameters::one(&value, "boundary").unwrap_or_default()),
            _ => Self::Other,
        }
    }
}

/// Reads the body of a request: JSON, or content where an intake takes that. A wrong media type matters only if there is
/// a body at all.
pub async fn read(headers: HeaderMap, body: Body, limits: Limits, intake: Option<Intake>) -> Result<api::Body, Error> {
    let coded = headers.get(header::CONTENT_ENCODING).is_some_and(|coding| !coding.is_empty() && coding != "identity");
    if coded && !body.is_end_stream() {
        return Err(Error::new(Kind::UnsupportedMediaType, "The body is encoded: send it without Content-Encoding."));
    }
    match (Media::of(&headers), intake) {
        (Media::Json, _) | (Media::Unsaid, None) => json(Frames::of(body, limits.size as u64, limits.time)?).await,
        (Media::Unsaid, Some(intake)) => {
            let mut frames = Frames::of(body, limits.content, limits.time)?;
            match frames.peek().await?.map(<[u8]>::trim_ascii_start) {
                None | Some([b'{', ..]) => json(frames.at_most(limits.size as u64)?).await,
                Some(_) => alone(frames, &headers, intake).await,
            }
        }
        (Media::Content, Some(intake)) => alone(Frames::of(body, limits.content, limits.time)?, &headers, intake).await,
        (Media::Form(boundary), Some(intake)) => {
            let unbound = || Error::parameter("Content-Type", "names no boundary of 1 to 70 characters");
            let parts = Multipart::new(&boundary).ok_or_else(unbound)?;
            form::read(Frames::of(body, limits.content, limits.time)?, parts, intake).await
        }
        (_, intake) => nothing(body, limits).await.map_err(|error| match error.kind {
            Kind::PayloadTooLarge => unsupported(intake.is_some()),
            _ => error,
        }),
    }
}

/// A body that must be empty.
async fn nothing(body: Body, limits: Limits) -> Result<api::Body, Error> {
    Frames::of(body, 0, limits.time)?.whole().await.map(|_| api::Body::default())
}

async fn json(frames: Frames) -> Result<api::Body, Error> {
    Ok(api::Body { json: frames.whole().await?, ..api::Body::default() })
}

/// Content that is the body.
async fn alone(mut frames: Frames, headers: &HeaderMap, intake: Intake) -> Result<api::Body, Error> {
    let mut content = form::Content::of(intake);
    while let Some(piece) = frames.next().await? {
        content = content.more(&piece).await?;
    }
    let name = form::file_name(headers.get(header::CONTENT_DISPOSITION).map(|value| value.as_bytes()));
    let fields = name.map(|name| ("fileName".to_owned(), name)).into_iter().collect();
    Ok(api::Body { fields, content: Some(content.end().await?), ..api::Body::default() })
}

fn unsupported(content: bool) -> Error {
    let why = match content {
        true => {
            "The body must be JSON (Content-Type: application/json), the file itself (application/octet-stream) or a form \
             with the file in it (multipart/form-data)."
        }
        false => "The body must be JSON: Content-Type: application/json.",
    };
    Error::new(Kind::UnsupportedMediaType, why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use std::time::Duration;

    const LIMITS: Limits = Limits { size: 8, content: 8, time: Duration::from_secs(60) };

    async fn kind(media: Option<&'static str>, body: impl Into<Body>) -> Result<usize, Kind> {
        let mut headers = HeaderMap::new();
        if let Some(media) = media {
            headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(media));
        }
        read(headers, body.into(), LIMITS, None).await.map(|body| body.json.len()).map_err(|error| error.kind)
    }

    #[tokio::test]
    async fn json_under_any_of_its_names_or_none() {
        for media in [None, Some("application/json; charset=utf-8"), Some("text/JSON"), Some("application/x.y+json")] {
            assert_eq!(kind(media, "{}").await, Ok(2), "{media:?}");
        }
        assert_eq!(kind(Some("text/plain"), "{}").await, Err(Kind::UnsupportedMediaType));
    }

    #[tokio::test]
    async fn without_a_body_its_type_does_not_matter() {
        assert_eq!(kind(Some("text/plain"), Body::empty()).await, Ok(0));
        assert_eq!(kind(Some("multipart/form-data"), "").await, Ok(0));
    }

    #[tokio::test]
    async fn too_much_is_refused_at_the_limit() {
        assert_eq!(kind(None, "12345678").await, Ok(8));
        assert_eq!(kind(None, "123456789").await, Err(Kind::PayloadTooLarge));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_never_comes_is_given_up() {
        let (_keep, silent) = http_body_util::channel::Channel::<Bytes>::new(1);
        assert_eq!(kind(None, Body::new(silent)).await, Err(Kind::RequestTimeout));
    }
}
