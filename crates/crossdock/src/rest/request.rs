//! A request as the hub wants it: who asks, from where, under which id; nothing of its content.

use super::proxy::Proxies;
use axum::{
    extract::ConnectInfo,
    http::{HeaderMap, header, request::Parts},
};
use hub::{Chance, Clock, Error};
use model::Shape;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use uuid::Uuid;
use zeroize::Zeroizing;

const API_KEY: &str = "x-api-key";
const FORWARDED: &str = "x-forwarded-for";
/// The header of a request's id, both ways.
pub const REQUEST_ID: &str = "x-request-id";
const SHAPE: &str = "x-crossdock-shape";

/// The caller's own id of the request, if it is a UUID, or a new one whose order is that of time.
pub fn id(headers: &HeaderMap, clock: &Clock, chance: &Chance) -> Uuid {
    let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok());
    given.and_then(|text| Uuid::try_parse(text.trim()).ok()).unwrap_or_else(|| {
        let millis = u64::try_from(clock.now().0).unwrap_or(0);
        // An id is a name and no secret: without chance the time alone must do.
        let random = chance.bytes::<10>().unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    })
}

/// Where a request comes from. One without a connection, as tests make it, comes from this machine.
pub fn address(parts: &Parts, proxies: &Proxies) -> IpAddr {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |ConnectInfo(peer)| peer.ip());
    if proxies.is_empty() {
        return peer.to_canonical();
    }
    let lines: Vec<&str> =
        parts.headers.get_all(FORWARDED).iter().map(|line| line.to_str().unwrap_or_default()).collect();
    proxies.caller(peer, lines.into_iter())
}

/// The request for the hub. A shape that nobody knows is told only to those who may ask, with the body's errors.
pub fn hub(parts: &Parts, id: Uuid, address: IpAddr) -> (hub::Request, Result<(), Error>) {
    let (shape, checked) =
        match parts.headers.get(SHAPE).map(|value| value.to_str().unwrap_or_default().parse::<Shape>()) {
            None => (None, Ok(())),
            Some(Ok(shape)) => (Some(shape), Ok(())),
            Some(Err(wrong)) => (None, Err(Error::parameter("X-Crossdock-Shape", wrong.to_string()))),
        };
    let agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let request = hub::Request {
        api_key: api_key(&parts.headers),
        bearer: bearer(&parts.headers),
        address,
        agent: agent.unwrap_or_default().to_owned(),
        id,
        path: parts.uri.path().to_owned(),
        shape,
        raw: wants_content(&parts.headers),
    };
    (request, checked)
}

/// Whether content is wanted as it is: `Accept` names plain bytes, and no JSON.
fn wants_content(headers: &HeaderMap) -> bool {
    let named = |media: &str| {
        let lines = headers.get_all(header::ACCEPT).iter().filter_map(|line| line.to_str().ok());
        let mut essences = lines.flat_map(|line| line.split(',')).filter_map(|range| range.split(';').next());
        essences.any(|essence| essence.trim().eq_ignore_ascii_case(media))
    };
    named("application/octet-stream") && !named("application/json")
}

/// The text of a header that may be there once. Twice, or unreadable, it becomes a text that signs nobody in: choosing
/// one of two is how a proxy and a server come to disagree about who asks.
fn once<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    match (values.next()?, values.next()) {
        (only, None) => Some(only.to_str().unwrap_or("?").trim()),
        _ => Some("?"),
    }
}

fn api_key(headers: &HeaderMap) -> Option<Zeroizing<String>> {
    once(headers, API_KEY).filter(|text| !text.is_empty()).map(|text| Zeroizing::new(text.to_owned()))
}

/// The credential of the scheme `Bearer`. Another scheme is no credential of ours.
fn bearer(headers: &HeaderMap) -> Option<Zeroizing<String>> {
    let text = once(headers, header::AUTHORIZATION.as_str())?;
    if text == "?" {
        return Some(Zeroizing::new(text.to_owned()));
    }
    let (scheme, token) = text.split_once(' ')?;
    let token = Some(token.trim()).filter(|token| scheme.eq_ignore_ascii_case("bearer") && !token.is_empty());
    token.map(|token| Zeroizing::new(token.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn a_bearer_scheme_in_any_case_and_no_other_scheme() {
        let read = |value| bearer(&headers(&[("authorization", value)])).map(|text| text.to_string());
        assert_eq!(read("Bearer abc").as_deref(), Some("abc"));
        assert_eq!(read("bEARER   abc ").as_deref(), Some("abc"));
        for none in ["Basic abc", "Bearer", "Bearer ", "abc", ""] {
            assert_eq!(read(none), None, "{none}");
        }
    }

    #[test]
    fn two_keys_sign_nobody_in_and_an_empty_one_is_none() {
        let read = |pairs: &[_]| api_key(&headers(pairs)).map(|text| text.to_string());
        assert_eq!(read(&[("x-api-key", "one")]).as_deref(), Some("one"));
        assert_eq!(read(&[("x-api-key", "one"), ("x-api-key", "one")]).as_deref(), Some("?"));
        assert_eq!(read(&[("x-api-key", "")]), None);
        assert_eq!(read(&[]), None);
    }

    #[test]
    fn an_id_is_taken_over_only_if_it_is_a_uuid() {
        let (clock, chance) = (Clock::Set(1_700_000_000_000.into()), Chance::default());
        let given = "0190163d-8694-739b-aea5-966c26f8ad91";
        let read = |value| id(&headers(&[("x-request-id", value)]), &clock, &chance);
        assert_eq!(read(given).to_string(), given);
        let made = read("<script>");
        assert_eq!(made.get_version_num(), 7);
        assert_ne!(made, read("x"));
    }
}
