//! What a request may look like, whatever it asks for (rulings 1, 6, 7 and 27).

use crate::support::{Plan, on_both, on_both_as};
use model::AuthLevel::*;
use serde_json::json;

#[test]
fn a_body_that_is_no_json_object_is_400_and_only_for_those_who_may_ask() {
    on_both(async |w| {
        let t = w.tenants().await;
        let (admin, low) = (w.user(NetworkAdmin, t.a, t.a1).await, w.user(General, t.a, t.a1).await);
        for bad in ["{", "[]", "7", "\"x\"", "null", "{}{}", "{\"a\":}", "{'a':1}", "\u{feff}{}", "{\"a\":1,}", "true"]
        {
            let ask = |key: &str| w.post("/v2/ids").key(key).header("content-type", "application/json").body(bad);
            let answer = ask(&admin.key).await.wrong("body");
            assert!(!answer.text.contains("{'a'"), "the body is not repeated");
            ask(&low.key).await.refused(403, "AccessDenied");
            ask("nonsense").await.refused(401, "InvalidAPIKey");
        }
        let invalid = w.post("/v2/ids").key(&admin.key).body(b"{\"id\":\"\xff\xfe\"}".to_vec());
        invalid.await.wrong("body");
    });
}

#[test]
fn without_a_body_a_content_type_is_nothing_and_with_one_it_must_be_json() {
    on_both(async |w| {
        let t = w.tenants().await;
        let admin = w.user(NetworkAdmin, t.a, 0).await;
        let list = |media: &str, body: &str| {
            let call = w.post("/v2/users/list").key(&admin.key).header("content-type", media);
            call.body(body.to_owned())
        };
        for media in ["text/plain", "application/xml", "multipart/form-data", "application/json"] {
            list(media, "").await.ok();
        }
        for media in ["application/json; charset=utf-8", "text/json", "application/vnd.x+json", "APPLICATION/JSON"] {
            list(media, "{}").await.ok();
        }
        list("text/plain", "{}").await.refused(415, "InvalidParameter");
        w.post("/v2/users/list").key(&admin.key).await.ok();
    });
}

#[test]
fn numbers_and_booleans_and_texts_are_not_mixed_up() {
    on_both(async |w| {
        let t = w.tenants().await;
        let admin = w.user(NetworkAdmin, t.a, 0).await;
        let user = w.user(MailboxUser, t.a, t.a1).await;
        let role = |id: serde_json::Value| {
            w.post("/v2/users/role").key(&admin.key).json(json!({"userId": id, "authLevel": "NoChange"}))
        };
        role(json!(user.id)).await.ok();
        role(json!(user.id.to_string())).await.ok();
        role(json!(format!(" {} ", user.id))).await.ok();
        let float = serde_json::from_str::<serde_json::Value>(&format!("{}.0", user.id)).unwrap();
        for bad in [float, json!("1e3"), json!(true), json!([user.id]), json!({"id": user.id}), json!("")] {
            role(bad).await.wrong("userId");
        }
        for huge in ["9007199254740993", "1e3", "99999999999999999999999", "1.0", "-0.5"] {
            let body = format!("{{\"userId\":{huge},\"authLevel\":\"NoChange\"}}");
            w.post("/v2/users/role").key(&admin.key).body(body).await.wrong("userId");
        }
    });
}

#[test]
fn names_match_in_any_letter_case_and_a_field_twice_must_be_the_same() {
    on_both(async |w| {
        let t = w.tenants().await;
        let user = w.user(MailboxUser, t.a, t.a1).await;
        let put = |body: String| w.put("/v2/users").key(&user.key).body(body);
        let id = user.id;
        put(format!(r#"{{"USERID":{id},"FirstName":"A"}}"#)).await.ok();
        put(format!(r#"{{"userId":{id},"USERID":"{id}","firstName":"B","firstname":"B"}}"#)).await.ok();
        put(format!(r#"{{"userId":{id},"firstName":"A","FIRSTNAME":"B"}}"#)).await.wrong("firstName");
        put(format!(r#"{{"userId":{id},"userId":{}}}"#, id + 1)).await.wrong("userId");
        w.put(format!("/v2/users?userId={id}&firstName=C")).key(&user.key).await.ok();
        w.put(format!("/v2/users?userId={id}")).key(&user.key).json(json!({"userId": id + 1})).await.wrong("userId");
        let me = w.get("/v2/users/me").key(&user.key).await.ok();
        assert_eq!(me["firstName"], "C");
        put(format!(r#"{{"userId":{id},"nobodyKnowsThis":[1,{{"a":2}}],"firstName":null}}"#)).await.ok();
    });
}

#[test]
fn enumerations_are_read_by_name_and_by_the_contracts_number() {
    on_both(async |w| {
        let t = w.tenants().await;
        let admin = w.user(NetworkAdmin, t.a, 0).await;
        for (level, expected) in [
            (json!("mailboxadmin"), "MailboxAdmin"),
            (json!(6), "MailboxAdmin"),
            (json!("7"), "MailboxUser"),
            (json!(" NetworkUser "), "NetworkUser"),
            (json!(9), "General"),
        ] {
            let user = w.user(MailboxUser, t.a, t.a1).await;
            let body = json!({"userId": user.id, "authLevel": level});
            assert_eq!(w.post("/v2/users/role").key(&admin.key).json(body).await.ok()["authLevel"], expected);
        }
    });
}

#[test]
fn a_body_over_the_limit_is_413_and_only_for_those_who_may_ask() {
    let plan = || {
        let mut plan = Plan::default();
        plan.rest.limits.size = 4096;
        plan
    };
    on_both_as(plan, async |w| {
        let t = w.tenants().await;
        let (user, low) = (w.user(MailboxUser, t.a, t.a1).await, w.user(General, t.a, t.a1).await);
        let large = json!({"fileName": "a", "content": "A".repeat(5000)});
        w.post("/v2/parcels/upload").key(&user.key).json(large.clone()).await.refused(413, "InvalidParameter");
        w.post("/v2/parcels/upload").key(&low.key).json(large.clone()).await.refused(403, "AccessDenied");
        w.post("/v2/parcels/upload").json(large).await.refused(401, "InvalidAPIKey");
    });
}

#[test]
fn what_is_at_no_path_is_404_and_other_methods_are_405() {
    on_both(async |w| {
        for path in ["/v2/nothing", "/v2/users/1/2/3", "/v2/users//1", "/v2/"] {
            w.get(path).key(&w.root).await.refused(404, "ObjectNotFound");
        }
        let answer = w.call("PATCH", "/v2/users").key(&w.root).await.refused(405, "InvalidParameter");
        let allow: Vec<&str> = answer.header("allow").unwrap().split(", ").collect();
        assert!(["POST", "PUT", "GET"].iter().all(|m| allow.contains(m)) && !allow.contains(&"PATCH"), "{allow:?}");
    });
}

#[test]
fn head_runs_nothing_and_is_405_where_there_is_no_get_or_it_shows_a_key() {
    on_both(async |w| {
        let gets = |path: &str| {
            api::catalogue()
                .iter()
                .flat_map(|entry| {
                    std::iter::once(&entry.spec.rest).chain(entry.spec.also).map(move |rest| (entry, rest))
                })
                .find(|(_, rest)| rest.method == "GET" && rest.path == path)
        };
        for entry in api::catalogue() {
            let path = entry.spec.rest.path;
            let shown = gets(path).is_some_and(|(entry, _)| entry.spec.name != "getApiKey");
            let head = w.call("HEAD", path.replace("{id}", "1")).key(&w.root).await;
            assert_eq!((head.status, head.text.as_str()), (if shown { 200 } else { 405 }, ""), "{path}");
        }
    });
}

#[test]
fn a_problem_document_is_called_one_for_those_who_ask() {
    on_both(async |w| {
        let plain = w.get("/v2/users/me").await.refused(401, "InvalidAPIKey");
        assert_eq!(plain.header("content-type"), Some("application/json"));
        let problem =
            w.get("/v2/users/me").header("accept", "application/problem+json").await.refused(401, "InvalidAPIKey");
        assert_eq!(problem.header("content-type"), Some("application/problem+json"));
        assert_eq!(problem.faceless(), plain.faceless());
    });
}

#[test]
fn a_request_id_is_taken_over_when_it_is_a_uuid() {
    on_both(async |w| {
        let id = "0190163d-8694-739b-aea5-966c26f8ad91";
        let answer = w.get("/v2/auth/version").header("x-request-id", id).await;
        assert_eq!(answer.header("x-request-id"), Some(id));
        let answer = w.get("/v2/auth/version").header("x-request-id", "<script>").await;
        assert_ne!(answer.header("x-request-id"), Some("<script>"));
    });
}
