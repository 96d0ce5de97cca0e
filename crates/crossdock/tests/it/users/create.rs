//! `POST /v2/users`

use crate::support::{PASSWORD, World, int, on_both};
use model::AuthLevel::*;
use serde_json::{Value, json};
use std::time::Duration;

fn new(login: &str) -> Value {
    json!({"login": login, "password": PASSWORD, "email": "new@example.com"})
}

fn and(mut body: Value, more: Value) -> Value {
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

#[test]
fn what_is_absent_is_the_callers_own_place_and_a_mailbox_user() {
    on_both(async |w| {
        let t = w.tenants().await;
        let admin = w.user(NetworkAdmin, t.a, t.a2).await;
        let body = and(new("jo"), json!({"firstName": "Jo", "lastName": "Doe"}));
        let made = w.post("/v2/users").key(&admin.key).json(body).await.ok();
        assert_eq!((int(&made, "networkId"), int(&made, "mailboxId")), (t.a, t.a2));
        assert_eq!((made["authLevel"].as_str(), made["status"].as_str()), (Some("MailboxUser"), Some("Active")));
        assert_eq!((made["firstName"].as_str(), made["lastName"].as_str()), (Some("Jo"), Some("Doe")));
        assert_eq!(made["created"], "2026-01-01T00:00:00Z");
        let read = w.get(format!("/v2/users/{}", int(&made, "userId"))).key(&admin.key).await.ok();
        assert_eq!(read, made);
        let key = w.reveal(int(&made, "userId")).await;
        assert_eq!(w.get("/v2/users/me").key(key).await.ok()["login"], "jo");
        w.post("/v2/auth/login").json(json!({"login": "jo", "password": PASSWORD})).await.ok();
    });
}

#[test]
fn a_login_is_unique_in_its_network_in_any_letter_case() {
    on_both(async |w| {
        let t = w.tenants().await;
        let admin = w.user(NetworkAdmin, t.a, t.a1).await;
        w.post("/v2/users").key(&admin.key).json(new("Jo")).await.ok();
        for same in ["Jo", "jo", "JO", " jo "] {
            let answer = w.post("/v2/users").key(&admin.key).json(new(same)).await.refused(400, "DuplicateObject");
            assert_eq!(answer.param(), "login");
        }
        let other = w.user(NetworkAdmin, t.b, t.b1).await;
        w.post("/v2/users").key(&other.key).json(new("jo")).await.ok();
    });
}

#[test]
fn two_that_ask_for_a_login_at_once_do_not_both_get_it() {
    on_both(async |w| {
        let t = w.tenants().await;
        let admin = w.user(NetworkAdmin, t.a, t.a1).await;
        for at in 0..5 {
            let login = format!("race{at}");
            let ask = || w.post("/v2/users").key(&admin.key).json(new(&login));
            let (a, b) = tokio::join!(ask(), ask());
            let mut statuses = [a.status, b.status];
            statuses.sort();
            assert_eq!(statuses, [200, 400]);
        }
    });
}

#[test]
fn the_login_of_a_terminated_user_rests_for_180_days() {
    on_both(async |w| {
        let t = w.tenants().await;
        let admin = w.user(NetworkAdmin, t.a, t.a1).await;
        let made = w.post("/v2/users").key(&admin.key).json(new("phoenix")).await.ok();
        w.delete(format!("/v2/users/{}", int(&made, "userId"))).key(&admin.key).await.ok();
        w.post("/v2/users").key(&admin.key).json(new("Phoenix")).await.refused(400, "DuplicateObject");
        w.pass(Duration::from_secs(180 * 24 * 3600 - 1));
        w.post("/v2/users").key(&admin.key).json(new("phoenix")).await.refused(400, "DuplicateObject");
        w.pass(Duration::from_secs(1));
        let again = w.post("/v2/users").key(&admin.key).json(new("phoenix")).await.ok();
        assert_ne!(int(&again, "userId"), int(&made, "userId"), "ids are never reused");
    });
}

#[test]
fn a_wrong_field_is_named() {
    on_both(async |w| {
        let t = w.tenants().await;
        let admin = w.user(NetworkAdmin, t.a, t.a1).await;
        for (change, param) in [
            (json!({"login": null}), "login"),
            (json!({"login": ""}), "login"),
            (json!({"login": "j o"}), "login"),
            (json!({"login": "x".repeat(101)}), "login"),
            (json!({"login": 17}), "login"),
            (json!({"email": null}), "email"),
            (json!({"email": "nobody"}), "email"),
            (json!({"email": "a@b@c"}), "email"),
            (json!({"password": null}), "password"),
            (json!({"password": "short1!"}), "password"),
            (json!({"password": "correct-horse-7"}), "password"),
            (json!({"password": "CORRECT-HORSE-7"}), "password"),
            (json!({"password": "Correct-Horse"}), "password"),
            (json!({"password": "CorrectHorse7"}), "password"),
            (json!({"firstName": "x".repeat(101)}), "firstName"),
            (json!({"lastName": "a\u{7}b"}), "lastName"),
            (json!({"networkId": -1}), "networkId"),
            (json!({"networkId": "x"}), "networkId"),
            (json!({"mailboxId": 1.5}), "mailboxId"),
            (json!({"mailboxId": 2_147_483_648_i64}), "mailboxId"),
            (json!({"authLevel": "Emperor"}), "authLevel"),
            (json!({"authLevel": "NoChange"}), "authLevel"),
            (json!({"mailboxId": 0}), "mailboxId"),
            (json!({"ecGridId": 0}), "ecGridId"),
        ] {
            let answer = w.post("/v2/users").key(&admin.key).json(and(new("jo"), change.clone())).await.wrong(param);
            assert!(!answer.text.contains("Horse"), "a refusal never repeats a value: {}", answer.text);
        }
        let users = "SELECT count(*) FROM users WHERE login_key = 'jo'";
        assert_eq!(w.count(users, &[]).await, 0);
    });
}

#[test]
fn a_network_level_user_needs_no_mailbox_and_the_others_do() {
    on_both(async |w| {
        let t = w.tenants().await;
        let admin = w.user(NetworkAdmin, t.a, 0).await;
        for level in ["NetworkUser", "NetworkAdmin"] {
            let body = and(new(&format!("none{level}")), json!({"authLevel": level, "mailboxId": 0}));
            assert_eq!(int(&w.post("/v2/users").key(&admin.key).json(body).await.ok(), "mailboxId"), 0);
        }
        for level in ["MailboxAdmin", "MailboxUser", "TPUser", "General"] {
            let body = and(new("jo"), json!({"authLevel": level}));
            w.post("/v2/users").key(&admin.key).json(body).await.wrong("mailboxId");
        }
    });
}

#[test]
fn a_tp_user_names_one_id_of_its_mailbox() {
    on_both(async |w| {
        let t = w.tenants().await;
        let admin = w.user(NetworkAdmin, t.a, t.a1).await;
        let (near, far, foreign) = (w.any_id(t.a1).await, w.any_id(t.a2).await, w.any_id(t.b1).await);
        let tp = |id: i64| and(new("tp"), json!({"authLevel": "TPUser", "ecGridId": id}));
        let mut seen = Vec::new();
        for id in [far, foreign, 2_000_000_000] {
            let answer = w.post("/v2/users").key(&admin.key).json(tp(id)).await;
            seen.push(answer.refused(404, "ObjectNotFound").faceless());
        }
        seen.dedup();
        assert_eq!(seen.len(), 1, "{seen:?}");
        let body = and(new("tp"), json!({"authLevel": "MailboxUser", "ecGridId": near}));
        w.post("/v2/users").key(&admin.key).json(body).await.wrong("ecGridId");
        let made = w.post("/v2/users").key(&admin.key).json(tp(near)).await.ok();
        assert_eq!(int(&made, "ecGridId"), near);
    });
}

#[test]
fn nothing_is_made_in_what_is_terminated() {
    on_both(async |w| {
        let t = w.tenants().await;
        let admin = w.user(NetworkAdmin, t.a, t.a1).await;
        w.sql("UPDATE mailboxes SET status = 'Terminated' WHERE mailbox_id = $1", &[t.a2]).await;
        let ended = and(new("jo"), json!({"mailboxId": t.a2}));
        let ended = w.post("/v2/users").key(&admin.key).json(ended).await.refused(404, "ObjectNotFound");
        let missing = and(new("jo"), json!({"mailboxId": 2_000_000_000}));
        let missing = w.post("/v2/users").key(&admin.key).json(missing).await.refused(404, "ObjectNotFound");
        assert_eq!(ended.faceless(), missing.faceless());
        w.sql("UPDATE networks SET status = 'Terminated' WHERE network_id = $1", &[t.b]).await;
        let body = and(new("jo"), json!({"networkId": t.b, "mailboxId": t.b1}));
        w.post("/v2/users").key(&w.root).json(body).await.refused(404, "ObjectNotFound");
    });
}

/// Pairs of network and mailbox of which one is somebody else's (proofs A3).
#[test]
fn no_pair_of_ids_tells_what_is_elsewhere() {
    on_both(async |w| {
        let t = w.tenants().await;
        for level in [MailboxAdmin, NetworkAdmin] {
            let admin = w.user(level, t.a, t.a1).await;
            let mut seen = Vec::new();
            for (network, mailbox) in [
                (t.b, t.b1),
                (t.b, 2_000_000_000),
                (t.b, 0),
                (t.b, t.a1),
                (2_000_000_000, t.b1),
                (2_000_000_000, 0),
                (t.a, t.b1),
                (t.a, 2_000_000_000),
            ] {
                let body = and(new("jo"), json!({"networkId": network, "mailboxId": mailbox, "authLevel": "General"}));
                let answer = w.post("/v2/users").key(&admin.key).json(body).await;
                seen.push(answer.refused(404, "ObjectNotFound").faceless());
            }
            seen.dedup();
            assert_eq!(seen.len(), 1, "{seen:?}");
        }
    });
}

/// Fields that a creator must not set (proofs A6).
#[test]
fn members_that_are_not_asked_for_change_nothing() {
    on_both(async |w: &World| {
        let t = w.tenants().await;
        let admin = w.user(NetworkAdmin, t.a, t.a1).await;
        let extra = json!({
            "userId": admin.id, "status": "Suspended", "created": "2001-01-01T00:00:00Z", "apiKey": "chosen",
            "level": "Root", "auth_level": "Root", "passwordHash": "x", "isAdmin": true,
        });
        let made = w.post("/v2/users").key(&admin.key).json(and(new("jo"), extra)).await.ok();
        assert_ne!(int(&made, "userId"), admin.id);
        assert_eq!((made["status"].as_str(), made["authLevel"].as_str()), (Some("Active"), Some("MailboxUser")));
        assert_eq!(made["created"], "2026-01-01T00:00:00Z");
        assert_ne!(w.reveal(int(&made, "userId")).await, "chosen");
    });
}
