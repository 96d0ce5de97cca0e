//! Reads a body: only when the door asks for it, only so much, and only so long.

use super::disposition;
use axum::{
    body::{Body, HttpBody},
    http::{HeaderMap, header},
};
use bytes::{Bytes, BytesMut};
use hub::{Bulk, Error, Intake, Kind};
use std::{future::poll_fn, pin::Pin, time::Duration};
use tokio::time::{Instant, timeout_at};

/// How large and how slow a body may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes.
    pub size: usize,
    /// Bytes of a body that is content as it is: it is not kept in memory.
    pub content: u64,
    /// What any body may take. A large one gets a second more for each [`PACE`] bytes that came.
    pub time: Duration,
}

/// What a body may be that carries no content.
const PLAIN: usize = 1024 * 1024;

impl Limits {
    /// The limits for an operation: only one that takes content takes much.
    pub fn of(self, bulk: Bulk) -> Self {
        let size = if bulk == Bulk::Input { self.size } else { self.size.min(PLAIN) };
        Self { size, ..self }
    }
}

/// The slowest a large body may come, in bytes a second.
const PACE: u64 = 256 * 1024;

/// Room made before the first byte came, whatever the caller says of the length.
const ROOM: usize = 64 * 1024;

/// How much content is gathered before it is taken in.
const PIECE: usize = 256 * 1024;

/// What a body is called.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Media {
    /// JSON, or nothing at all.
    Json,
    /// Content as it is: plain bytes, or EDI by RFC 1767.
    Content,
    Other,
}

impl Media {
    fn of(headers: &HeaderMap) -> Self {
        let Some(value) = headers.get(header::CONTENT_TYPE) else { return Self::Json };
        let essence = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
        match &*essence.trim().to_ascii_lowercase() {
            "" | "application/json" | "text/json" => Self::Json,
            essence if essence.ends_with("+json") => Self::Json,
            "application/octet-stream" | "application/edi-x12" | "application/edifact" | "application/edi-consent" => {
                Self::Content
            }
            _ => Self::Other,
        }
    }
}

/// Reads the body of a request: JSON, or content as it is where an intake takes that. A wrong media type matters only if
/// there is a body at all.
pub async fn read(headers: HeaderMap, body: Body, limits: Limits, intake: Option<Intake>) -> Result<api::Body, Error> {
    match (Media::of(&headers), intake) {
        (Media::Json, _) => {
            let json = whole(Frames::of(body, limits.size as u64, limits.time)?).await?;
            Ok(api::Body { json, ..api::Body::default() })
        }
        (Media::Content, Some(intake)) => {
            let content = taken(Frames::of(body, limits.content, limits.time)?, intake).await?;
            let fields = disposition::file_name(&headers).map(|name| ("fileName", name));
            Ok(api::Body { fields: fields.into_iter().collect(), content: Some(content), ..api::Body::default() })
        }
        (_, intake) => {
            let nothing = async { whole(Frames::of(body, 0, limits.time)?).await }.await;
            nothing.map(|_| api::Body::default()).map_err(|error| match error.kind {
                Kind::PayloadTooLarge => unsupported(intake.is_some()),
                _ => error,
            })
        }
    }
}

/// A body as it comes.
struct Frames {
    body: Body,
    most: u64,
    length: u64,
    begun: Instant,
    time: Duration,
}

impl Frames {
    fn of(body: Body, most: u64, time: Duration) -> Result<Self, Error> {
        if HttpBody::size_hint(&body).lower() > most {
            return Err(too_large(most));
        }
        Ok(Self { body, most, length: 0, begun: Instant::now(), time })
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            let deadline = self.begun + self.time + Duration::from_secs(self.length / PACE);
            let frame = poll_fn(|cx| Pin::new(&mut self.body).poll_frame(cx));
            let frame = timeout_at(deadline, frame).await.map_err(|_| too_slow())?;
            let Some(frame) = frame else { return Ok(None) };
            let frame = frame.map_err(|_| Error::parameter("body", "broke off before its end"))?;
            let Ok(data) = frame.into_data() else { continue };
            self.length += data.len() as u64;
            return if self.length > self.most { Err(too_large(self.most)) } else { Ok(Some(data)) };
        }
    }
}

/// A body in memory.
async fn whole(mut frames: Frames) -> Result<Bytes, Error> {
    // Most bodies come in one piece, which is not copied.
    let Some(first) = frames.next().await? else { return Ok(Bytes::new()) };
    let Some(second) = frames.next().await? else { return Ok(first) };
    let mut all = BytesMut::with_capacity(first.len() + second.len().max(ROOM));
    all.extend_from_slice(&first);
    all.extend_from_slice(&second);
    while let Some(more) = frames.next().await? {
        all.extend_from_slice(&more);
    }
    Ok(all.freeze())
}

/// A body taken in piece by piece.
async fn taken(mut frames: Frames, mut intake: Intake) -> Result<Intake, Error> {
    let mut piece = BytesMut::new();
    while let Some(more) = frames.next().await? {
        piece.extend_from_slice(&more);
        if piece.len() >= PIECE {
            intake = intake.more(piece.split().freeze()).await?;
        }
    }
    intake.more(piece.freeze()).await
}

fn too_large(most: u64) -> Error {
    Error::new(Kind::PayloadTooLarge, format!("The body is larger than the limit of {most} bytes."))
}

fn unsupported(content: bool) -> Error {
    let why = match content {
        true => "The body must be JSON (Content-Type: application/json) or the file itself (application/octet-stream).",
        false => "The body must be JSON: Content-Type: application/json.",
    };
    Error::new(Kind::UnsupportedMediaType, why)
}

fn too_slow() -> Error {
    Error::new(Kind::RequestTimeout, "The body did not arrive in time.")
}

#[cfg(test)]
mod tests {
    use super::*;

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
