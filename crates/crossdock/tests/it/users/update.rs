//! `PUT /v2/users`

use crate::support::{int, on_both};
use model::AuthLevel::*;
use serde_json::json;

#[test]
fn what_is_given_changes_and_what_is_absent_stays() {
    on_both(async |w| {
        let t = w.tenants().await;
        let user = w.user(MailboxUser, t.a, t.a1).await;
        let body = json!({"userId": user.id, "firstName": "Jo", "lastName": "Doe", "email": "jo@example.org"});
        w.put("/v2/users").key(&user.key).json(body).await.ok();
        let body = json!({"userId": user.id, "lastName": "", "email": null});
        let now = w.put("/v2/users").key(&user.key).json(body).await.ok();
        let read = |name: &str| now[name].as_str().unwrap().to_owned();
        assert_eq!(
            (read("firstName"), read("lastName"), read("email")),
            ("Jo".into(), "".into(), "jo@example.org".into())
        );
        let by_path =
            w.put(format!("/v2/users/{}", user.id)).key(&user.key).json(json!({"firstName": "Jim"})).await.ok();
        assert_eq!(by_path["firstName"], "Jim");
    });
}

#[test]
fn path_and_body_must_mean_the_same_user() {
    on_both(async |w| {
        let t = w.tenants().await;
        let (one, two) = (w.user(MailboxUser, t.a, t.a1).await, w.user(MailboxUser, t.a, t.a1).await);
        let path = format!("/v2/users/{}", one.id);
        w.put(&path).key(&w.root).json(json!({"userId": two.id, "firstName": "X"})).await.wrong("userId");
        w.put(&path).key(&w.root).json(json!({"userId": one.id.to_string(), "firstName": "X"})).await.ok();
    });
}

/// Nobody changes by a profile what a profile does not hold (proofs A6).
#[test]
fn a_profile_holds_no_level_no_place_and_no_state() {
    on_both(async |w| {
        let t = w.tenants().await;
        for level in [General, MailboxUser, NetworkUser] {
            let user = w.user(level, t.a, t.a1).await;
            let body = json!({
                "userId": user.id, "authLevel": "Root", "AuthLevel": "Root", "networkId": t.b, "mailboxId": t.b1,
                "login": "taken", "password": "Other-Horse-9", "ecGridId": 1, "created": "2001-01-01T00:00:00Z",
                "firstName": "Jo",
            });
            let now = w.put("/v2/users").key(&user.key).json(body).await.ok();
            assert_eq!((now["authLevel"].as_str(), now["login"].as_str()), (Some(level.as_str()), Some(&*user.login)));
            assert_eq!((int(&now, "networkId"), int(&now, "mailboxId")), (t.a, t.a1));
            assert_eq!(now["firstName"], "Jo");
            w.sign_in(&user).await;
        }
    });
}

#[test]
fn a_status_takes_what_ending_takes() {
    on_both(async |w| {
        let t = w.tenants().await;
        let admin = w.user(MailboxAdmin, t.a, t.a1).await;
        let (near, far) = (w.user(MailboxUser, t.a, t.a1).await, w.user(MailboxUser, t.a, t.a2).await);
        let set =
            |id: i64, status: &str| w.put("/v2/users").key(&admin.key).json(json!({"userId": id, "status": status}));
        set(near.id, "Suspended").await.ok();
        set(near.id, "Suspended").await.ok();
        w.get("/v2/users/me").key(&near.key).await.refused(401, "InvalidAPIKey");
        set(near.id, "Active").await.ok();
        w.get("/v2/users/me").key(&near.key).await.ok();
        set(far.id, "Suspended").await.refused(404, "ObjectNotFound");
        for wrong in ["Terminated", "Development", "Preproduction", "Gone"] {
            set(near.id, wrong).await.wrong("status");
        }
        let now = w.get(format!("/v2/users/{}", near.id)).key(&w.root).await.ok();
        assert_eq!(now["status"], "Active");
    });
}

#[test]
fn a_wrong_field_is_named_and_nothing_changes() {
    on_both(async |w| {
        let t = w.tenants().await;
        let user = w.user(MailboxUser, t.a, t.a1).await;
        for (body, param) in [
            (json!({}), "userId"),
            (json!({"userId": 0}), "userId"),
            (json!({"userId": user.id, "email": "x"}), "email"),
            (json!({"userId": user.id, "email": ""}), "email"),
            (json!({"userId": user.id, "firstName": 7}), "firstName"),
            (json!({"userId": user.id, "firstName": "Jo", "status": true}), "status"),
        ] {
            w.put("/v2/users").key(&user.key).json(body).await.wrong(param);
        }
        assert_eq!(w.get("/v2/users/me").key(&user.key).await.ok()["firstName"], "");
        w.put("/v2/users").json(json!({"userId": user.id})).await.refused(401, "InvalidAPIKey");
    });
}
