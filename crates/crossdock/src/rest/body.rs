//! Reads a body: only when the door asks for it, only so much, and only so long.

use axum::{
    body::{Body, HttpBody},
    http::{HeaderMap, header},
};
use bytes::{Bytes, BytesMut};
use hub::{Bulk, Error, Kind};
use std::{future::poll_fn, pin::Pin, time::Duration};
use tokio::time::{Instant, timeout_at};

/// How large and how slow a body may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes.
    pub size: usize,
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
const PACE: usize = 256 * 1024;

/// Room made before the first byte came, whatever the caller says of the length.
const ROOM: usize = 64 * 1024;

/// The body of a request for JSON. A wrong media type matters only if there is a body at all.
pub async fn read(headers: HeaderMap, mut body: Body, limits: Limits) -> Result<Bytes, Error> {
    let json = is_json(&headers);
    let size = if json { limits.size } else { 0 };
    let declared = HttpBody::size_hint(&body).lower();
    if declared > size as u64 {
        return Err(refused(json, limits));
    }
    let (begun, mut first, mut all) = (Instant::now(), None::<Bytes>, BytesMut::new());
    let mut length = 0;
    loop {
        let deadline = begun + limits.time + Duration::from_secs((length / PACE) as u64);
        let frame = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx));
        let frame = timeout_at(deadline, frame).await.map_err(|_| too_slow())?;
        let Some(frame) = frame else { break };
        let frame = frame.map_err(|_| Error::parameter("body", "broke off before its end"))?;
        let Ok(data) = frame.into_data() else { continue };
        length += data.len();
        if length > size {
            return Err(refused(json, limits));
        }
        // Most bodies come in one piece, which is not copied.
        match first.take() {
            None if all.is_empty() => first = Some(data),
            None => all.extend_from_slice(&data),
            Some(before) => {
                all.reserve(before.len() + data.len().max(ROOM));
                all.extend_from_slice(&before);
                all.extend_from_slice(&data);
            }
        }
    }
    Ok(first.unwrap_or_else(|| all.freeze()))
}

fn refused(json: bool, limits: Limits) -> Error {
    if !json {
        return Error::new(Kind::UnsupportedMediaType, "The body must be JSON: Content-Type: application/json.");
    }
    let size = limits.size;
    Error::new(Kind::PayloadTooLarge, format!("The body is larger than the limit of {size} bytes."))
}

fn too_slow() -> Error {
    Error::new(Kind::RequestTimeout, "The body did not arrive in time.")
}

/// Whether a body may be JSON: it is called so, or not called anything.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return true };
    let essence = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
    let essence = essence.trim().to_ascii_lowercase();
    matches!(&*essence, "" | "application/json" | "text/json") || essence.ends_with("+json")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { size: 8, time: Duration::from_secs(60) };

    async fn kind(media: Option<&'static str>, body: impl Into<Body>) -> Result<usize, Kind> {
        let mut headers = HeaderMap::new();
        if let Some(media) = media {
            headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(media));
        }
        read(headers, body.into(), LIMITS).await.map(|bytes| bytes.len()).map_err(|error| error.kind)
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
