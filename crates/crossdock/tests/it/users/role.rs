//! `POST /v2/users/role`: levels and moves (decision B9).

use crate::support::{PASSWORD, User, World, int, on_both};
use model::AuthLevel::*;
use serde_json::{Value, json};

async fn role(w: &World, caller: &str, body: Value) -> crate::support::Answer {
    w.post("/v2/users/role").key(caller).json(body).await
}

#[test]
fn a_level_changes_with_the_next_request_and_the_key_stays() {
    on_both(async |w| {
        let t = w.tenants().await;
        let admin = w.user(NetworkAdmin, t.a, 0).await;
        let user = w.user(MailboxUser, t.a, t.a1).await;
        let token = w.token(&user).await;
        let users = format!("/v2/users/{}", admin.id);
        w.get(&users).key(&user.key).await.refused(404, "ObjectNotFound");
        let changed = role(w, &admin.key, json!({"userId": user.id, "authLevel": "NetworkUser"})).await.ok();
        assert_eq!((changed["authLevel"].as_str(), int(&changed, "mailboxId")), (Some("NetworkUser"), t.a1));
        w.get(&users).key(&user.key).await.ok();
        w.get(&users).bearer(&token).await.ok();
        role(w, &admin.key, json!({"userId": user.id, "authLevel": "General"})).await.ok();
        w.get(&users).key(&user.key).await.refused(404, "ObjectNotFound");
    });
}

#[test]
fn a_user_moves_between_mailboxes_of_the_network() {
    on_both(async |w| {
        let t = w.tenants().await;
        let admin = w.user(NetworkAdmin, t.a, 0).await;
        let user = w.user(MailboxUser, t.a, t.a1).await;
        let to = json!({"userId": user.id, "authLevel": "NoChange", "mailboxId": t.a2});
        let moved = role(w, &admin.key, to).await.ok();
        assert_eq!((int(&moved, "mailboxId"), moved["authLevel"].as_str()), (t.a2, Some("MailboxUser")));
        role(w, &admin.key, json!({"userId": user.id, "authLevel": "NoChange", "mailboxId": 0}))
            .await
            .wrong("mailboxId");
        let up = json!({"userId": user.id, "authLevel": "NetworkUser", "mailboxId": 0});
        assert_eq!(int(&role(w, &admin.key, up).await.ok(), "mailboxId"), 0);
        w.get("/v2/users/me").key(&user.key).await.ok();
    });
}

/// Both the old and the new place must be in reach, and what is not reads the same whatever it is.
#[test]
fn a_move_out_of_reach_is_not_found_and_tells_nothing() {
    on_both(async |w| {
        let t = w.tenants().await;
        for level in [MailboxAdmin, NetworkAdmin] {
            let admin = w.user(level, t.a, t.a1).await;
            let user = w.user(General, t.a, t.a1).await;
            let mut seen = Vec::new();
            for to in [
                json!({"networkId": t.b}),
                json!({"networkId": 2_000_000_000}),
                json!({"networkId": t.b, "mailboxId": t.b1}),
                json!({"networkId": t.b, "mailboxId": 0}),
                json!({"networkId": 2_000_000_000, "mailboxId": 0}),
                json!({"mailboxId": t.b1}),
                json!({"mailboxId": 2_000_000_000}),
                json!({"networkId": t.b, "mailboxId": t.a1}),
            ] {
                let mut body = json!({"userId": user.id, "authLevel": "NoChange"});
                body.as_object_mut().unwrap().extend(to.as_object().unwrap().clone());
                seen.push(role(w, &admin.key, body).await.refused(404, "ObjectNotFound").faceless());
            }
            seen.dedup();
            assert_eq!(seen.len(), 1, "{seen:?}");
            let now = w.get(format!("/v2/users/{}", user.id)).key(&w.root).await.ok();
            assert_eq!((int(&now, "networkId"), int(&now, "mailboxId")), (t.a, t.a1));
        }
    });
}

#[test]
fn after_a_move_across_networks_key_password_and_sessions_work_and_rights_are_the_new_ones() {
    on_both(async |w| {
        let t = w.tenants().await;
        let ops = w.user(NetOps, t.a, 0).await;
        let user = w.user(NetworkAdmin, t.a, t.a1).await;
        let spare = w.user(NetworkAdmin, t.a, 0).await;
        let token = w.token(&user).await;
        let (key_token, session_key) = w.key_session(&user.key).await;
        let to = json!({"userId": user.id, "authLevel": "NoChange", "networkId": t.b, "mailboxId": t.b1});
        let moved = role(w, &ops.key, to).await.ok();
        assert_eq!((int(&moved, "networkId"), int(&moved, "mailboxId")), (t.b, t.b1));
        assert_eq!(w.get(format!("/v2/users/key/{}", user.id)).key(&ops.key).await.ok(), user.key.as_str());
        let calls = || {
            [
                w.get("/v2/users/me").key(&user.key),
                w.get("/v2/users/me").key(&session_key),
                w.get("/v2/users/me").bearer(&token),
                w.get("/v2/users/me").bearer(&key_token),
            ]
        };
        for call in calls() {
            assert_eq!(int(&call.await.ok(), "networkId"), t.b);
        }
        let moved = User { network: t.b, ..user.clone() };
        w.sign_in(&moved).await;
        w.get(format!("/v2/networks/{}", t.b)).key(&user.key).await.ok();
        w.get(format!("/v2/networks/{}", t.a)).key(&user.key).await.refused(404, "ObjectNotFound");
        w.get(format!("/v2/users/{}", spare.id)).key(&user.key).await.refused(404, "ObjectNotFound");
        // And back again.
        let to = json!({"userId": user.id, "authLevel": "NoChange", "networkId": t.a, "mailboxId": 0});
        role(w, &ops.key, to).await.ok();
        assert_eq!(w.get(format!("/v2/users/key/{}", user.id)).key(&spare.key).await.ok(), user.key.as_str());
    });
}

#[test]
fn a_login_that_the_new_network_has_already_is_a_duplicate() {
    on_both(async |w| {
        let t = w.tenants().await;
        let one = w.user_with(MailboxUser, t.a, t.a1, json!({"login": "same"})).await;
        w.user_with(MailboxUser, t.b, t.b1, json!({"login": "SAME"})).await;
        let to = json!({"userId": one.id, "authLevel": "NoChange", "networkId": t.b, "mailboxId": t.b1});
        role(w, &w.root, to).await.refused(400, "DuplicateObject");
        w.get("/v2/users/me").key(&one.key).await.ok();
        assert_eq!(w.reveal(one.id).await, one.key);
    });
}

#[test]
fn a_terminated_user_is_not_changed() {
    on_both(async |w| {
        let t = w.tenants().await;
        let admin = w.user(NetworkAdmin, t.a, 0).await;
        let user = w.user(MailboxUser, t.a, t.a1).await;
        w.delete(format!("/v2/users/{}", user.id)).key(&admin.key).await.ok();
        for answer in [
            role(w, &admin.key, json!({"userId": user.id, "authLevel": "General"})).await,
            w.put("/v2/users").key(&admin.key).json(json!({"userId": user.id, "firstName": "X"})).await,
            w.put("/v2/users").key(&admin.key).json(json!({"userId": user.id, "status": "Active"})).await,
            w.post(format!("/v2/users/key-generate/{}", user.id)).key(&admin.key).await,
        ] {
            let answer = answer.refused(400, "InvalidParameter");
            assert!(answer.json["message"].as_str().unwrap().contains("terminated"), "{}", answer.text);
        }
        w.delete(format!("/v2/users/{}", user.id)).key(&admin.key).await.ok();
    });
}

/// Two administrators that end each other at once: one of them stays (decision B10).
#[test]
fn a_network_keeps_one_administrator_whatever_happens_at_once() {
    on_both(async |w| {
        for _ in 0..4 {
            let network = w.network().await;
            let (one, two) = (w.user(NetworkAdmin, network, 0).await, w.user(NetworkAdmin, network, 0).await);
            let end = |by: &User, of: &User| w.delete(format!("/v2/users/{}", of.id)).key(&by.key);
            let (a, b) = tokio::join!(end(&one, &two), end(&two, &one));
            assert!([a.status, b.status].contains(&200), "{} {}", a.text, b.text);
            let left =
                "SELECT count(*) FROM users WHERE network_id = $1 AND level = 'NetworkAdmin' AND status = 'Active'";
            assert_eq!(w.count(left, &[network]).await, 1);
        }
    });
}

#[test]
fn operators_may_take_the_last_administrator_and_nobody_takes_the_last_root() {
    on_both(async |w| {
        let t = w.tenants().await;
        let last = w.user(NetworkAdmin, t.a, 0).await;
        let ops = w.user(NetOps, t.b, 0).await;
        w.put("/v2/users").key(&ops.key).json(json!({"userId": last.id, "status": "Suspended"})).await.ok();
        w.put("/v2/users").key(&ops.key).json(json!({"userId": last.id, "status": "Active"})).await.ok();
        role(w, &ops.key, json!({"userId": last.id, "authLevel": "NetworkUser"})).await.ok();
        // Two roots that end each other at once: one stays.
        let me = int(&w.get("/v2/users/me").key(&w.root).await.ok(), "userId");
        let other = w.user(Root, t.a, 0).await;
        let (by_root, by_other) = (w.delete(format!("/v2/users/{}", other.id)), w.delete(format!("/v2/users/{me}")));
        let (a, b) = tokio::join!(by_root.key(&w.root), by_other.key(&other.key));
        assert!([a.status, b.status].contains(&200), "{} {}", a.text, b.text);
        assert_eq!(w.count("SELECT count(*) FROM users WHERE level = 'Root' AND status = 'Active'", &[]).await, 1);
    });
}

/// Fields that a change of role must not touch (proofs A6).
#[test]
fn members_that_are_not_asked_for_change_nothing() {
    on_both(async |w| {
        let t = w.tenants().await;
        let admin = w.user(NetworkAdmin, t.a, 0).await;
        let user = w.user(MailboxUser, t.a, t.a1).await;
        let before = w.get(format!("/v2/users/{}", user.id)).key(&w.root).await.ok();
        let body = json!({
            "userId": user.id, "authLevel": "NoChange", "status": "Terminated", "login": "other", "password": PASSWORD,
            "email": "other@example.com", "created": "2001-01-01T00:00:00Z",
        });
        assert_eq!(role(w, &admin.key, body).await.ok(), before);
    });
}
