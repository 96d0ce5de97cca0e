//! Errors as answers: one body that is the contract's envelope and RFC 9457 at once (decisions C2 and C3).

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use hub::{Error, Kind, Problem};
use serde::{Serialize, Serializer};
use std::time::Duration;
use uuid::Uuid;

/// What a kind of error looks like on this surface.
struct Face {
    status: StatusCode,
    /// The contract's closed list: clients parse it into an enumeration.
    code: &'static str,
    /// The exact name, which `type` carries.
    name: &'static str,
    title: &'static str,
}

/// The one place where a kind becomes a status.
fn face(kind: Kind) -> Face {
    use StatusCode as S;
    let (status, code, name, title) = match kind {
        Kind::InvalidApiKey => (S::UNAUTHORIZED, "InvalidAPIKey", "InvalidAPIKey", "No valid API key"),
        Kind::InvalidSession => (S::UNAUTHORIZED, "InvalidSession", "InvalidSession", "No valid session"),
        Kind::AccessDenied => (S::FORBIDDEN, "AccessDenied", "AccessDenied", "Access denied"),
        Kind::ObjectNotFound => (S::NOT_FOUND, "ObjectNotFound", "ObjectNotFound", "Not found"),
        Kind::InvalidParameter => (S::BAD_REQUEST, "InvalidParameter", "InvalidParameter", "Invalid parameter"),
        Kind::DuplicateObject => (S::BAD_REQUEST, "DuplicateObject", "DuplicateObject", "Exists already"),
        Kind::RateLimitExceeded => {
            (S::TOO_MANY_REQUESTS, "RateLimitExceeded", "RateLimitExceeded", "Too many requests")
        }
        Kind::PayloadTooLarge => (S::PAYLOAD_TOO_LARGE, "InvalidParameter", "PayloadTooLarge", "Body too large"),
        Kind::UnsupportedMediaType => {
            (S::UNSUPPORTED_MEDIA_TYPE, "InvalidParameter", "UnsupportedMediaType", "Unsupported media type")
        }
        Kind::MethodNotAllowed => (S::METHOD_NOT_ALLOWED, "InvalidParameter", "MethodNotAllowed", "Method not allowed"),
        Kind::RequestTimeout => (S::REQUEST_TIMEOUT, "InvalidParameter", "RequestTimeout", "Body too slow"),
        Kind::ServiceUnavailable => {
            (S::SERVICE_UNAVAILABLE, "InternalError", "ServiceUnavailable", "Temporarily unavailable")
        }
        Kind::Internal => (S::INTERNAL_SERVER_ERROR, "InternalError", "InternalError", "Internal error"),
    };
    Face { status, code, name, title }
}

/// The body. Members of the contract first.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    success: bool,
    data: Option<()>,
    error_code: &'static str,
    message: &'a str,
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
    detail: &'a str,
    instance: String,
    trace_id: Uuid,
    #[serde(skip_serializing_if = "<[_]>::is_empty", serialize_with = "problems")]
    errors: &'a [Problem],
}

fn problems<S: Serializer>(problems: &&[Problem], s: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct One<'a> {
        param: &'a str,
        reason: &'a str,
    }
    s.collect_seq(problems.iter().map(|p| One { param: &p.param, reason: &p.reason }))
}

/// The challenge of every 401: both ways to sign in.
const CHALLENGE: HeaderValue = HeaderValue::from_static(r#"ApiKey realm="crossdock", Bearer realm="crossdock""#);
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const PROBLEM: HeaderValue = HeaderValue::from_static("application/problem+json");

/// Whether the caller would rather have the body called a problem document.
pub fn wants_problem(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|line| line.split(',')).any(|range| {
        let essence = range.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case("application/problem+json")
    })
}

/// Answers an error, and logs it if it is ours: the only place that does.
pub fn answer(error: &Error, id: Uuid, operation: &str, problem: bool) -> Response {
    log(error, id, operation);
    let face = face(error.kind);
    let envelope = Envelope {
        success: false,
        data: None,
        error_code: face.code,
        message: &error.message,
        kind: format!("urn:crossdock:error:{}", face.name),
        title: face.title,
        status: face.status.as_u16(),
        detail: &error.message,
        instance: id.urn().to_string(),
        trace_id: id,
        errors: &error.problems,
    };
    let mut response = Response::new(Body::from(serde_json::to_vec(&envelope).unwrap_or_default()));
    *response.status_mut() = face.status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, if problem { PROBLEM } else { JSON });
    if face.status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, CHALLENGE);
    }
    if let Some(after) = error.retry_after {
        headers.insert(header::RETRY_AFTER, seconds(after).into());
    }
    response
}

/// Whole seconds, rounded up, so that nobody comes back too early.
fn seconds(span: Duration) -> u64 {
    (span.as_secs() + u64::from(span.subsec_nanos() > 0)).max(1)
}

fn log(error: &Error, request: Uuid, operation: &str) {
    let Some(first) = &error.source else { return };
    let mut source = first.to_string();
    let mut next = first.source();
    while let Some(cause) = next {
        source = format!("{source}: {cause}");
        next = cause.source();
    }
    if error.kind == Kind::Internal {
        tracing::error!(%request, operation, source, "a request failed");
    } else {
        tracing::warn!(%request, operation, source, "a request was turned away");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn text(response: Response) -> String {
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn one_body_serves_clients_of_the_envelope_and_of_problem_documents() {
        let error = Error::parameter("userId", "must be a whole number");
        let response = answer(&error, Uuid::nil(), "getUser", false);
        assert_eq!(response.status(), 400);
        assert_eq!(response.headers()["content-type"], "application/json");
        assert_eq!(
            text(response).await,
            concat!(
                r#"{"success":false,"data":null,"errorCode":"InvalidParameter","message":"userId: must be a whole number","#,
                r#""type":"urn:crossdock:error:InvalidParameter","title":"Invalid parameter","status":400,"#,
                r#""detail":"userId: must be a whole number","instance":"urn:uuid:00000000-0000-0000-0000-000000000000","#,
                r#""traceId":"00000000-0000-0000-0000-000000000000","#,
                r#""errors":[{"param":"userId","reason":"must be a whole number"}]}"#
            )
        );
    }

    #[tokio::test]
    async fn an_additive_kind_falls_back_to_a_code_of_the_closed_list() {
        let error = Error::new(Kind::PayloadTooLarge, "too large");
        let response = answer(&error, Uuid::nil(), "uploadParcel", true);
        assert_eq!(response.status(), 413);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        let text = text(response).await;
        assert!(text.contains(r#""errorCode":"InvalidParameter""#), "{text}");
        assert!(text.contains(r#""type":"urn:crossdock:error:PayloadTooLarge""#), "{text}");
        assert!(!text.contains("errors"), "{text}");
    }

    #[tokio::test]
    async fn a_source_stays_here_and_a_wait_is_whole_seconds() {
        let response = answer(&Error::internal("the secret of the house"), Uuid::nil(), "x", false);
        assert!(!text(response).await.contains("secret"));
        let late = Error::too_many(Duration::from_millis(1001), "slow down");
        assert_eq!(answer(&late, Uuid::nil(), "x", false).headers()["retry-after"], "2");
    }

    #[test]
    fn every_401_says_how_to_sign_in() {
        for kind in [Kind::InvalidApiKey, Kind::InvalidSession] {
            let response = answer(&Error::new(kind, "no"), Uuid::nil(), "x", false);
            assert_eq!(response.headers()["www-authenticate"], CHALLENGE);
        }
    }
}
