//! What is open to everybody: the OpenAPI document, Swagger UI, health. And the metrics, for this machine.

use super::{Surface, request};
use axum::{
    body::Body,
    http::{HeaderValue, Method, StatusCode, header, request::Parts},
    response::Response,
};
use bytes::Bytes;
use std::sync::Arc;
use utoipa_swagger_ui::Config;

/// The pages made at start.
pub struct Pages {
    openapi: Bytes,
    swagger: Arc<Config<'static>>,
}

impl Pages {
    /// Makes them.
    pub fn new() -> Self {
        let swagger = Config::new(["/openapi.json"]).validator_url("none").try_it_out_enabled(true);
        Self { openapi: crate::openapi::text().into(), swagger: Arc::new(swagger) }
    }

    fn swagger(&self, file: &str) -> Option<Response> {
        let file = utoipa_swagger_ui::serve(file, self.swagger.clone()).ok()??;
        let mut response = page(&file.content_type, file.bytes.into_owned());
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
        Some(response)
    }
}

/// Nothing from elsewhere, no script but the file's own, and no frame around it. Swagger UI writes styles into elements.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      font-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/// The page at a path, if there is one.
pub async fn answer(surface: &Surface, parts: &Parts) -> Option<Response> {
    let path = parts.uri.path();
    let found = match path {
        "/openapi.json" | "/swagger/v2/swagger.json" => page("application/json", surface.pages.openapi.clone()),
        "/swagger" | "/swagger/" => moved("/swagger/index.html"),
        "/health/live" => page("application/json", r#"{"status":"live"}"#),
        "/health/ready" => ready(surface).await,
        "/metrics" if may_see_metrics(surface, parts) => {
            page("text/plain; version=0.0.4", surface.counters.text(&surface.hub.db))
        }
        _ => surface.pages.swagger(path.strip_prefix("/swagger/")?)?,
    };
    Some(match parts.method {
        Method::GET | Method::HEAD => found,
        Method::OPTIONS => with_allow(StatusCode::NO_CONTENT),
        _ => with_allow(StatusCode::METHOD_NOT_ALLOWED),
    })
}

fn may_see_metrics(surface: &Surface, parts: &Parts) -> bool {
    let config = &surface.config;
    config.open_metrics || request::address(parts, &config.behind_proxy).is_loopback()
}

/// Ready is who can read the store.
async fn ready(surface: &Surface) -> Response {
    if surface.hub.db.read(store::users::any).await.is_ok() {
        return page("application/json", r#"{"status":"ready"}"#);
    }
    let mut response = page("application/json", r#"{"status":"the store does not answer"}"#);
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    response
}

fn page(media: &str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    if let Ok(media) = HeaderValue::from_str(media) {
        response.headers_mut().insert(header::CONTENT_TYPE, media);
    }
    response
}

fn moved(to: &'static str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
    response.headers_mut().insert(header::LOCATION, HeaderValue::from_static(to));
    response
}

fn with_allow(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD, OPTIONS"));
    response
}
