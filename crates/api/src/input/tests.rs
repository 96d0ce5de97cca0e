use super::*;
use hub::access::Policy;
use model::{AuthLevel, NetworkId, OrZero, ParcelId, Status, UserId};
use serde::Deserialize;

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct Input {
    user_id: UserId,
    parcel_id: Option<ParcelId>,
    network_id: Option<OrZero<NetworkId>>,
    id: Option<String>,
    qualifier: Option<String>,
    status: Option<Status>,
    levels: Option<Vec<AuthLevel>>,
    #[serde(default)]
    show: bool,
}

const SPEC: Spec = Spec {
    aliases: &[("customer", "userId"), ("isaId", "id")],
    ..Spec::new("test", hub::Group::Users, Policy::SignedIn, hub::post("/test"))
};

fn given(path: &[(&'static str, String)], query: &str, body: &str) -> Result<Input, String> {
    read(Parts { path, query, fields: &[], body: body.as_bytes() }, &SPEC).map_err(|e| e.message.into_owned())
}
fn body(body: &str) -> Result<Input, String> {
    given(&[], "", body)
}

#[test]
fn names_come_in_any_case_and_under_their_aliases() {
    for text in [
        r#"{"userId":7}"#,
        r#"{"USERID":"7"}"#,
        r#"{"UserId":" 7 "}"#,
        r#"{"customer":7}"#,
        r#"{"CUSTOMER":7,"userId":"7"}"#,
        r#"{"userId":7,"unknown":{"a":[1]}}"#,
        r#"{"userId":7,"status":null}"#,
    ] {
        assert_eq!(body(text).unwrap().user_id.to_string(), "7", "{text}");
    }
}

#[test]
fn one_field_given_differently_is_refused() {
    assert_eq!(body(r#"{"userId":7,"customer":8}"#).unwrap_err(), "userId: is given twice with different values");
    assert_eq!(body(r#"{"userId":7,"userid":8}"#).unwrap_err(), "userId: is given twice with different values");
    assert_eq!(
        given(&[("userId", "7".into())], "", r#"{"userId":8}"#).unwrap_err(),
        "userId: is given twice with different values"
    );
    assert!(given(&[("userId", "7".into())], "userId=7", r#"{"userId":"7"}"#).is_ok());
}

#[test]
fn a_path_parameter_fills_its_own_field_and_no_other() {
    let input = given(&[("userId", "7".into())], "", r#"{"id":"ACME"}"#).unwrap();
    assert_eq!((input.user_id.to_string(), input.id.as_deref()), ("7".into(), Some("ACME")));
}

#[test]
fn ids_are_whole_numbers_in_range() {
    let whole = "must be a whole number, without a fraction or an exponent";
    for (value, reason) in [
        ("1.0", whole),
        ("1e3", whole),
        ("true", whole),
        ("\"\"", whole),
        ("[1]", whole),
        ("{}", whole),
        ("\"7a\"", whole),
        ("0", "must be from 1 to 2147483647"),
        ("-1", "must be from 1 to 2147483647"),
        ("2147483648", "must be from 1 to 2147483647"),
        ("99999999999999999999", "is too large a number"),
    ] {
        assert_eq!(body(&format!(r#"{{"userId":{value}}}"#)).unwrap_err(), format!("userId: {reason}"), "{value}");
    }
    assert_eq!(
        body(r#"{"userId":1,"parcelId":9007199254740991}"#).unwrap().parcel_id.unwrap().to_string(),
        "9007199254740991"
    );
    assert!(body(r#"{"userId":1,"parcelId":9007199254740992}"#).is_err());
    assert_eq!(body(r#"{"userId":1,"networkId":0}"#).unwrap().network_id, Some(OrZero(None)));
    assert_eq!(body("{}").unwrap_err(), "userId: is required");
}

#[test]
fn a_text_is_no_number_and_a_number_no_text() {
    assert_eq!(body(r#"{"userId":1,"qualifier":1}"#).unwrap_err(), "qualifier: must be text, in quotes");
    assert_eq!(body(r#"{"userId":1,"qualifier":"01","id":"a\"\u00e9"}"#).unwrap().id.as_deref(), Some("a\"é"));
    assert_eq!(body(r#"{"userId":1,"qualifier":""}"#).unwrap().qualifier.as_deref(), Some(""));
}

#[test]
fn booleans_and_names_of_enumerations() {
    for (value, show) in [("true", true), ("\"Yes\"", true), ("1", true), ("0", false), ("\"false\"", false)] {
        assert_eq!(body(&format!(r#"{{"userId":1,"show":{value}}}"#)).unwrap().show, show);
    }
    assert_eq!(body(r#"{"userId":1,"show":2}"#).unwrap_err(), "show: must be true or false");
    for value in ["\"suspended\"", "3", "\"3\"", "\" SUSPENDED \""] {
        assert_eq!(
            body(&format!(r#"{{"userId":1,"status":{value}}}"#)).unwrap().status,
            Some(Status::Suspended),
            "{value}"
        );
    }
    for value in ["\"Gone\"", "5", "-1", "true", "1.0"] {
        assert!(body(&format!(r#"{{"userId":1,"status":{value}}}"#)).is_err(), "{value}");
    }
    let levels = body(r#"{"userId":1,"levels":["root",3]}"#).unwrap().levels;
    assert_eq!(levels, Some(vec![AuthLevel::Root, AuthLevel::NetOps]));
}

#[test]
fn what_is_no_object_is_refused_with_its_place_and_not_its_text() {
    for text in ["[]", "7", "\"secret\"", "{", r#"{"a":}"#, r#"{"userId":7} x"#, "\u{feff}{}", "nul"] {
        let error = body(text).unwrap_err();
        assert!(error.starts_with("body: must be one JSON object; it is not at line "), "{text}: {error}");
        assert!(!error.contains("secret"));
    }
    assert_eq!(body(" \n ").unwrap_err(), "userId: is required");
}
