//! The REST surface: a loop over the catalogue. It names no operation, and runs each through the hub's one door.

mod body;
mod error;
mod metrics;
mod outgoing;
mod pages;
mod proxy;
mod request;
pub mod route;

pub use body::Limits;
pub use proxy::{Cidr, NotACidr, Proxies};

use crate::patience::Lifeline;
use api::{Entry, Raw, Reply, Written};
use axum::{
    Router,
    body::Body,
    extract::State,
    http::{HeaderName, HeaderValue, Method, Request, StatusCode, header, request::Parts},
    response::Response,
};
use hub::{Bulk, Chance, Effect, Error, Hub, Kind};
use metrics::Counters;
use route::{End, Routes};
use std::{
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::Arc,
    task::Poll,
    time::Duration,
};
use tokio::time::Instant;
use uuid::Uuid;

/// What an operator may set about this surface.
#[derive(Clone, Debug)]
pub struct Config {
    /// How large and how slow a body may be.
    pub limits: Limits,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub behind_proxy: Proxies,
    /// Whether `/metrics` answers everybody, and not this machine alone.
    pub open_metrics: bool,
}
impl Default for Config {
    fn default() -> Self {
        Self {
            limits: Limits { size: 140 << 20, content: 10 << 30, time: Duration::from_secs(60) },
            behind_proxy: Proxies::default(),
            open_metrics: false,
        }
    }
}

/// What every request needs.
struct Surface {
    hub: Arc<Hub>,
    config: Config,
    routes: Routes<&'static Entry>,
    pages: pages::Pages,
    chance: Chance,
    counters: Counters,
}

/// The surface as a service.
pub fn router(hub: Arc<Hub>, config: Config) -> Router {
    let mut routes = Routes::default();
    for entry in api::catalogue() {
        for rest in std::iter::once(&entry.spec.rest).chain(entry.spec.also) {
            routes.add(rest.method, rest.path, entry);
        }
    }
    let (pages, chance, counters) = (pages::Pages::new(), Chance::default(), Counters::default());
    let surface = Surface { hub, config, routes, pages, chance, counters };
    Router::new().fallback(serve).with_state(Arc::new(surface))
}

/// Answers one request, whatever it is.
async fn serve(State(surface): State<Arc<Surface>>, request: Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let id = request::id(&parts.headers, &surface.hub.clock, &surface.chance);
    let problem = error::wants_problem(&parts.headers);
    let begun = Instant::now();
    let (mut answered, operation) = match pages::answer(&surface, &parts).await {
        Some(page) => (page, ""),
        None => surface.operate(&parts, body, id).await.unwrap_or_else(|refused| {
            let mut response = error::answer(&refused.error, id, refused.operation, problem);
            if let Some(allow) = refused.allow {
                response.headers_mut().insert(header::ALLOW, allow);
            }
            (response, refused.operation)
        }),
    };
    surface.counters.count(answered.status());
    // Neither the path nor the caller: either may be a secret that was put in the wrong place.
    let (status, took) = (answered.status().as_u16(), begun.elapsed());
    tracing::debug!(request = %id, operation, status, ?took, "answered");
    let headers = answered.headers_mut();
    for (name, value) in ALWAYS {
        headers.entry(name).or_insert(value);
    }
    if let Ok(id) = HeaderValue::from_str(&id.to_string()) {
        headers.insert(request::REQUEST_ID, id);
    }
    answered
}

/// What goes with every answer that does not say otherwise: an answer may hold a key, so nobody keeps a copy.
const ALWAYS: [(HeaderName, HeaderValue); 4] = [
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (header::PRAGMA, HeaderValue::from_static("no-cache")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
];

/// A request that got no answer but an error.
struct Refused {
    error: Error,
    operation: &'static str,
    allow: Option<HeaderValue>,
}
impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self { error, operation: "", allow: None }
    }
}

impl Surface {
    /// Finds the operation and runs it; the answer, and whose it is.
    async fn operate(&self, parts: &Parts, body: Body, id: Uuid) -> Result<(Response, &'static str), Refused> {
        let path = parts.uri.path();
        if path == "*" && parts.method == Method::OPTIONS {
            return Ok((options(HeaderValue::from_static("GET, POST, PUT, DELETE, HEAD, OPTIONS")), ""));
        }
        let found = self.routes.find(path);
        let (ends, values) = found.ok_or_else(|| Error::new(Kind::ObjectNotFound, "There is nothing at this path."))?;
        if let Some(end) = ends.iter().find(|end| end.method == parts.method.as_str()) {
            let path = end.fields.iter().copied().zip(values).collect();
            let (answered, operation) = (self.run(end.to, parts, path, body, id).await, end.to.spec.name);
            return match answered {
                Ok(response) => Ok((response, operation)),
                Err(error) => Err(Refused { error, operation, allow: None }),
            };
        }
        let allow = allowed(ends);
        match parts.method {
            Method::OPTIONS => Ok((options(allow), "")),
            Method::HEAD if shows_head(ends) => Ok((headers_only(), "")),
            _ => {
                let error = Error::new(Kind::MethodNotAllowed, "This path does not know the method. See Allow.");
                Err(Refused { error, operation: "", allow: Some(allow) })
            }
        }
    }

    /// Runs an operation. One that writes has a task of its own: whoever hangs up does not stop halfway what was begun. A
    /// read has nothing to stop, and the record of a refusal is in the store's queue before its answer could be waited
    /// for. A panic ends one request and nothing else.
    async fn run(
        &self,
        entry: &'static Entry,
        parts: &Parts,
        path: Vec<(&'static str, String)>,
        body: Body,
        id: Uuid,
    ) -> Result<Response, Error> {
        let (request, shape) = request::hub(parts, id, request::address(parts, &self.config.behind_proxy));
        let (headers, limits) = (parts.headers.clone(), self.config.limits.of(entry.spec.bulk));
        let intake = (entry.spec.bulk == Bulk::Input).then(|| self.hub.intake());
        let body = Box::pin(async move {
            shape?;
            body::read(headers, body, limits, intake).await
        });
        let raw = Raw { path, query: parts.uri.query().unwrap_or_default().to_owned(), body };
        let work = (entry.call)(self.hub.clone(), Arc::new(request), raw);
        let panicked = || Error::internal("the operation panicked");
        // Without a connection, as tests ask, there is none to end.
        let lifeline = parts.extensions.get::<Lifeline>().cloned().unwrap_or_default();
        if !entry.spec.effect.writes() {
            return caught(work).await.ok_or_else(panicked)?.map(|reply| written(reply, lifeline));
        }
        #[expect(clippy::disallowed_methods, reason = "the edge of a surface: one task for one request, awaited here")]
        let reply = tokio::spawn(work).await;
        reply.map_err(|_| panicked())?.map(|reply| written(reply, lifeline))
    }
}

/// What a future gives; none when it panics.
async fn caught<T>(work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx))) {
        Ok(polled) => polled.map(Some),
        Err(_) => Poll::Ready(None),
    })
    .await
}

fn written(reply: Reply, lifeline: Lifeline) -> Response {
    let (body, length, media) = match reply.body {
        Written::Json(json) => {
            let length = json.len() as u64;
            (outgoing::text(json, lifeline), length, "application/json")
        }
        Written::Content(content) => {
            let length = content.bytes();
            (outgoing::content(content, lifeline), length, "application/octet-stream")
        }
    };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    for (name, value) in reply.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
    response
}

/// Whether HEAD is answered: where GET is, unless that shows a key (ruling 6).
fn shows_head(ends: &[End<&'static Entry>]) -> bool {
    ends.iter().any(|end| end.method == "GET" && end.to.spec.effect != Effect::Reveals)
}

fn allowed(ends: &[End<&'static Entry>]) -> HeaderValue {
    let mut methods: Vec<&str> = ends.iter().map(|end| end.method).collect();
    if shows_head(ends) {
        methods.push("HEAD");
    }
    methods.push("OPTIONS");
    HeaderValue::try_from(methods.join(", ")).unwrap_or(HeaderValue::from_static("OPTIONS"))
}

/// Which methods there are. No word on other origins: a page of another site has no business here.
fn options(allow: HeaderValue) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response.headers_mut().insert(header::ALLOW, allow);
    response
}

/// HEAD tells that a path is there, and nothing of what GET would answer: it runs no operation.
fn headers_only() -> Response {
    let mut response = Response::new(Body::empty());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
