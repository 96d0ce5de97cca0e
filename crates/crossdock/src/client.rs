//! The client of the commands that speak to a running server.

use crate::Failed;
use reqwest::{
    Method, StatusCode,
    header::{HeaderMap, HeaderValue},
};
use serde_json::Value;
use std::time::Duration;

/// A signed-in client.
pub struct Client {
    http: reqwest::Client,
    url: String,
}

/// Long enough for a slow store.
const PATIENCE: Duration = Duration::from_secs(60);

impl Client {
    /// A client that signs in with a key.
    pub fn new(url: &str, key: &str) -> Result<Self, Failed> {
        let mut headers = HeaderMap::new();
        let mut value = HeaderValue::from_str(key).map_err(|_| Failed("the API key is not one line of text".into()))?;
        value.set_sensitive(true);
        headers.insert("x-api-key", value);
        let mut http = reqwest::Client::builder()
            .default_headers(headers)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("crossdock/", env!("CARGO_PKG_VERSION")))
            .timeout(PATIENCE);
        if url.starts_with("http://") {
            // Without TLS there is no use for certificates, which not every machine has, nor for a proxy's eyes.
            http = http.no_proxy().tls_certs_only([]);
        }
        let http = http.build().map_err(|error| Failed(format!("the HTTP client does not start: {error}")))?;
        Ok(Self { http, url: url.trim_end_matches('/').to_owned() })
    }

    /// Asks, and gives status and envelope.
    pub async fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Result<(StatusCode, Value), Failed> {
        let url = format!("{}{path}", self.url);
        let method = Method::from_bytes(method.as_bytes()).map_err(|_| Failed("no such method".into()))?;
        let mut request = self.http.request(method, &url);
        if let Some(body) = body {
            request = request.json(body);
        }
        let silent = |error: reqwest::Error| {
            let why = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
            Failed(format!("{} does not answer ({why}): is the server running there? See --url", self.url))
        };
        let response = request.send().await.map_err(silent)?;
        let status = response.status();
        let envelope = response.json().await.map_err(|_| {
            Failed(format!("{} answered {status}, and not as Crossdock does: is it the right server?", self.url))
        })?;
        Ok((status, envelope))
    }

    /// Asks, and gives the data of a success.
    pub async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, Failed> {
        let (status, mut envelope) = self.ask(method, path, body).await?;
        if status.is_success() {
            return Ok(envelope.get_mut("data").map(Value::take).unwrap_or_default());
        }
        let message = envelope.get("message").and_then(Value::as_str).unwrap_or("no reason was given");
        Err(Failed(format!("the server refused ({}): {message}", status.as_u16())))
    }
}
