//! Requests and their answers. Every answer is looked over, whatever the test is about.

use super::World;
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request},
};
use bytes::Bytes;
use serde_json::Value;
use std::{future::IntoFuture, marker::PhantomData, pin::Pin};
use tower::ServiceExt;

/// A request on its way: `w.get("/v2/users/me").key(&key).await`.
pub struct Call<'w> {
    world: PhantomData<&'w World>,
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Body,
    router: Router,
}

impl World {
    pub fn call(&self, method: &str, path: impl Into<String>) -> Call<'_> {
        let (method, path) = (method.to_owned(), path.into());
        Call { world: PhantomData, method, path, headers: Vec::new(), body: Body::empty(), router: self.app.clone() }
    }
    pub fn get(&self, path: impl Into<String>) -> Call<'_> {
        self.call("GET", path)
    }
    pub fn post(&self, path: impl Into<String>) -> Call<'_> {
        self.call("POST", path)
    }
    pub fn put(&self, path: impl Into<String>) -> Call<'_> {
        self.call("PUT", path)
    }
    pub fn delete(&self, path: impl Into<String>) -> Call<'_> {
        self.call("DELETE", path)
    }
}

impl Call<'_> {
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
    /// With an API key.
    pub fn key(self, key: impl AsRef<str>) -> Self {
        self.header("x-api-key", key.as_ref())
    }
    /// With a bearer token.
    pub fn bearer(self, token: impl AsRef<str>) -> Self {
        let value = format!("Bearer {}", token.as_ref());
        self.header("authorization", value)
    }
    pub fn json(self, body: Value) -> Self {
        let text = body.to_string();
        self.header("content-type", "application/json").body(text)
    }
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }
    /// To another router.
    pub fn through(mut self, router: &Router) -> Self {
        self.router = router.clone();
        self
    }
    async fn send(self) -> Answer {
        let mut request = Request::builder().method(self.method.as_str()).uri(&self.path);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let request = request.body(self.body).unwrap();
        let response = self.router.oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        let asked = format!("{} {}", self.method, self.path);
        let answer = Answer { asked, status: parts.status.as_u16(), headers: parts.headers, bytes, text, json };
        if self.path.to_ascii_lowercase().starts_with("/v2/") && !["HEAD", "OPTIONS"].contains(&self.method.as_str()) {
            answer.look_over();
        }
        answer
    }
}

impl<'w> IntoFuture for Call<'w> {
    type Output = Answer;
    type IntoFuture = Pin<Box<dyn Future<Output = Answer> + Send + 'w>>;
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub asked: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Bytes,
    pub text: String,
    pub json: Value,
}

/// The contract's closed list of error codes, with the statuses each goes with (additive ones fall back, decision C3).
const CODES: [(&str, &[u16]); 8] = [
    ("InvalidAPIKey", &[401]),
    ("InvalidSession", &[401]),
    ("AccessDenied", &[403]),
    ("ObjectNotFound", &[404]),
    ("InvalidParameter", &[400, 405, 408, 413, 415]),
    ("DuplicateObject", &[400]),
    ("RateLimitExceeded", &[429]),
    ("InternalError", &[500, 503]),
];

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
    pub fn code(&self) -> &str {
        self.json["errorCode"].as_str().unwrap_or_default()
    }
    /// The first wrong field.
    pub fn param(&self) -> &str {
        self.json["errors"][0]["param"].as_str().unwrap_or_default()
    }
    /// The data of a success.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}: {}", self.asked, self.text);
        self.json["data"].clone()
    }
    /// A refusal with its code.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Self {
        assert_eq!((self.status, self.code()), (status, code), "{}: {}", self.asked, self.text);
        self
    }
    /// 400 for a field.
    #[track_caller]
    pub fn wrong(self, param: &str) -> Self {
        let answer = self.refused(400, "InvalidParameter");
        assert_eq!(answer.param(), param, "{}: {}", answer.asked, answer.text);
        answer
    }
    /// The body with what differs from request to request taken out: equal for answers that must not be told apart.
    pub fn faceless(&self) -> String {
        let id = self.header("x-request-id").unwrap();
        self.text.replace(id, "ID")
    }

    /// What is true of every answer.
    fn look_over(&self) {
        let told = format!("{}: {} {:?} {}", self.asked, self.status, self.headers, self.text);
        let id = self.header("x-request-id").expect(&told).to_owned();
        assert_eq!(self.header("content-type").map(|t| t.starts_with("application/")), Some(true), "{told}");
        assert_eq!(self.header("cache-control"), Some("no-store"), "{told}");
        assert_eq!(self.header("pragma"), Some("no-cache"), "{told}");
        assert_eq!(self.header("referrer-policy"), Some("no-referrer"), "{told}");
        assert_eq!(self.header("etag"), None, "{told}");
        assert_eq!(self.header("content-encoding"), None, "{told}");
        if self.status == 200 && self.header("content-type") == Some("application/octet-stream") {
            return assert_eq!(self.header("content-length"), Some(&*self.bytes.len().to_string()), "{told}");
        }
        assert!(self.json.is_object(), "{told}");
        if self.status == 200 {
            assert_eq!(self.json["success"], true, "{told}");
            return assert!(self.json.get("data").is_some(), "{told}");
        }
        let code = CODES.iter().find(|(code, _)| *code == self.code());
        assert!(code.is_some_and(|(_, statuses)| statuses.contains(&self.status)), "{told}");
        assert_eq!(self.json["success"], false, "{told}");
        assert_eq!(self.json.get("data"), Some(&Value::Null), "{told}");
        assert_eq!(self.json["status"], self.status, "{told}");
        assert_eq!(self.json["detail"], self.json["message"], "{told}");
        assert_eq!(self.json["traceId"], id, "{told}");
        assert_eq!(self.json["instance"], format!("urn:uuid:{id}"), "{told}");
        for text in ["type", "title", "message"] {
            assert!(self.json[text].as_str().is_some_and(|text| !text.is_empty()), "{text} of {told}");
        }
        let expected = [
            ("www-authenticate", self.status == 401),
            ("retry-after", [429, 503].contains(&self.status)),
            ("allow", self.status == 405),
        ];
        for (header, there) in expected {
            assert_eq!(self.header(header).is_some(), there, "{header} of {told}");
        }
    }
}
