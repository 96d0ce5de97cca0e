//! `GET /v2/users/key/{id}`: each row of the page's outcome table is a test here.

use crate::support::{Answer, Plan, Tenants, User, World, on_both, on_both_as};
use model::{AuthLevel::*, KeyKind, KeyText};
use serde_json::json;

/// Asks for a key.
pub async fn ask(w: &World, key: &str, user: impl std::fmt::Display) -> Answer {
    w.get(format!("/v2/users/key/{user}")).key(key).await
}

pub async fn admin(w: &World) -> (Tenants, User) {
    let t = w.tenants().await;
    (t, w.user(NetworkAdmin, t.a, 0).await)
}

#[test]
fn a_network_admin_sees_the_key_of_a_user_of_its_network_and_nothing_else_is_in_the_body() {
    on_both(async |w| {
        let (t, admin) = admin(w).await;
        for level in [General, MailboxUser, MailboxAdmin, NetworkUser, NetworkAdmin] {
            let user = w.user(level, t.a, t.a1).await;
            let answer = ask(w, &admin.key, user.id).await;
            let key = answer.json["data"].as_str().unwrap();
            assert_eq!(answer.status, 200);
            assert_eq!(answer.text, format!(r#"{{"success":true,"data":"{key}"}}"#));
            assert_eq!(KeyText::parse(key).unwrap().expose(), key, "the key is in canonical form");
            let me = w.get("/v2/users/me").key(key).await.ok();
            assert_eq!(me["userId"], user.id, "the key is that user's");
        }
    });
}

#[test]
fn operators_of_the_hub_see_keys_of_any_network_up_to_their_rank() {
    on_both(async |w| {
        let t = w.tenants().await;
        let user = w.user(MailboxUser, t.b, t.b1).await;
        for level in [NetOps, TechOps, Root] {
            let operator = w.user(level, t.a, 0).await;
            let peer = w.user(level, t.b, 0).await;
            assert_eq!(ask(w, &operator.key, user.id).await.ok(), user.key);
            assert_eq!(ask(w, &operator.key, peer.id).await.ok(), peer.key);
        }
    });
}

#[test]
fn the_key_of_a_suspended_user_is_shown_though_it_signs_nobody_in() {
    on_both(async |w| {
        let (t, admin) = admin(w).await;
        let user = w.user(MailboxUser, t.a, t.a1).await;
        w.put("/v2/users").key(&admin.key).json(json!({"userId": user.id, "status": "Suspended"})).await.ok();
        assert_eq!(ask(w, &admin.key, user.id).await.ok(), user.key);
        w.get("/v2/users/me").key(&user.key).await.refused(401, "InvalidAPIKey");
        w.put("/v2/users").key(&admin.key).json(json!({"userId": user.id, "status": "Active"})).await.ok();
        w.get("/v2/users/me").key(&user.key).await.ok();
    });
}

#[test]
fn the_key_of_a_terminated_user_is_not_found_and_its_ciphertext_is_gone() {
    on_both(async |w| {
        let (t, admin) = admin(w).await;
        let user = w.user(MailboxUser, t.a, t.a1).await;
        w.delete(format!("/v2/users/{}", user.id)).key(&admin.key).await.ok();
        ask(w, &admin.key, user.id).await.refused(404, "ObjectNotFound");
        let left = w.count("SELECT count(*) FROM keys WHERE user_id = $1 AND sealed IS NOT NULL", &[user.id]).await;
        assert_eq!(left, 0);
    });
}

#[test]
fn a_user_that_never_had_a_key_has_none_to_show_and_generate_makes_one() {
    on_both(async |w| {
        let (t, admin) = admin(w).await;
        let user = w.user(MailboxUser, t.a, t.a1).await;
        w.sql("DELETE FROM keys WHERE user_id = $1", &[user.id]).await;
        ask(w, &admin.key, user.id).await.refused(404, "ObjectNotFound");
        let keys = "SELECT count(*) FROM keys WHERE user_id = $1";
        assert_eq!(w.count(keys, &[user.id]).await, 0, "a GET makes no key");
        let made = w.post(format!("/v2/users/key-generate/{}", user.id)).key(&admin.key).await.ok();
        assert_eq!(ask(w, &admin.key, user.id).await.ok(), made);
    });
}

#[test]
fn a_foreign_user_and_one_that_does_not_exist_answer_the_same_bytes() {
    on_both(async |w| {
        let (t, admin) = admin(w).await;
        let foreign = w.user(MailboxUser, t.b, t.b1).await;
        let other = ask(w, &admin.key, foreign.id).await.refused(404, "ObjectNotFound");
        let missing = ask(w, &admin.key, 2_000_000_000).await.refused(404, "ObjectNotFound");
        assert_eq!(other.faceless(), missing.faceless());
        let names = |a: &Answer| a.headers.keys().map(|k| k.to_string()).collect::<Vec<_>>();
        assert_eq!(names(&other), names(&missing));
    });
}

#[test]
fn a_user_of_higher_rank_is_denied() {
    on_both(async |w| {
        let (t, admin) = admin(w).await;
        let operators = [w.user(NetOps, t.a, 0).await, w.user(TechOps, t.a, 0).await, w.user(Root, t.a, 0).await];
        for (at, higher) in operators.iter().enumerate() {
            ask(w, &admin.key, higher.id).await.refused(403, "AccessDenied");
            for lower in operators.iter().take(at) {
                ask(w, &lower.key, higher.id).await.refused(403, "AccessDenied");
            }
        }
    });
}

#[test]
fn below_network_admin_everything_is_denied_whatever_the_id() {
    on_both(async |w| {
        let t = w.tenants().await;
        let other = w.user(General, t.a, t.a1).await;
        for level in [General, TpUser, MailboxUser, MailboxAdmin, NetworkUser] {
            let caller = w.user(level, t.a, t.a1).await;
            let mut seen = Vec::new();
            for id in [caller.id.to_string(), other.id.to_string(), "2000000000".into(), "x".into(), "-1".into()] {
                seen.push(ask(w, &caller.key, id).await.refused(403, "AccessDenied").faceless());
            }
            seen.dedup();
            assert_eq!(seen.len(), 1, "one answer for all: {seen:?}");
        }
    });
}

#[test]
fn credentials_that_may_not_reveal_are_denied() {
    on_both(async |w| {
        let (t, admin) = admin(w).await;
        let user = w.user(MailboxUser, t.a, t.a1).await;
        let writes = Some("users:read users:write keys:read keys:write");
        for (kind, scopes) in [
            (KeyKind::Shared, None),
            (KeyKind::Shared, Some("users:write keys:reveal")),
            (KeyKind::Public, None),
            (KeyKind::Public, Some("users:write keys:reveal")),
            (KeyKind::Session, None),
            (KeyKind::Session, Some("users:write keys:reveal")),
            (KeyKind::Private, None),
            (KeyKind::Private, writes),
        ] {
            let key = w.secondary(&admin, kind, scopes).await;
            ask(w, &key, user.id).await.refused(403, "AccessDenied");
        }
        let (token, session_key) = w.key_session(&admin.key).await;
        ask(w, &session_key, user.id).await.refused(403, "AccessDenied");
        for bearer in [token, session_key] {
            let answer = w.get(format!("/v2/users/key/{}", user.id)).bearer(bearer).await;
            answer.refused(403, "AccessDenied");
        }
    });
}

#[test]
fn a_private_key_with_keys_reveal_and_a_token_of_a_password_see_keys() {
    on_both(async |w| {
        let (t, admin) = admin(w).await;
        let user = w.user(MailboxUser, t.a, t.a1).await;
        for scopes in ["keys:reveal", "users:read keys:reveal", "users:read users:write keys:reveal"] {
            let key = w.secondary(&admin, KeyKind::Private, Some(scopes)).await;
            assert_eq!(ask(w, &key, user.id).await.ok(), user.key, "{scopes}");
        }
        let token = w.token(&admin).await;
        let answer = w.get(format!("/v2/users/key/{}", user.id)).bearer(token).await;
        assert_eq!(answer.ok(), user.key);
    });
}

#[test]
fn a_caller_in_a_suspended_mailbox_or_network_is_denied() {
    on_both(async |w| {
        let (t, _) = admin(w).await;
        let caller = w.user(NetworkAdmin, t.a, t.a1).await;
        let user = w.user(MailboxUser, t.a, t.a2).await;
        for (suspend, activate, id) in [
            (
                "UPDATE mailboxes SET status = 'Suspended' WHERE mailbox_id = $1",
                "UPDATE mailboxes SET status = 'Active' WHERE mailbox_id = $1",
                t.a1,
            ),
            (
                "UPDATE networks SET status = 'Suspended' WHERE network_id = $1",
                "UPDATE networks SET status = 'Active' WHERE network_id = $1",
                t.a,
            ),
        ] {
            w.sql(suspend, &[id]).await;
            ask(w, &caller.key, user.id).await.refused(403, "AccessDenied");
            w.get("/v2/users/me").key(&caller.key).await.ok();
            w.sql(activate, &[id]).await;
            ask(w, &caller.key, user.id).await.ok();
        }
    });
}

#[test]
fn a_suspended_or_terminated_caller_and_a_bad_credential_or_none_are_401() {
    on_both(async |w| {
        let (t, admin) = admin(w).await;
        let user = w.user(MailboxUser, t.a, t.a1).await;
        let path = format!("/v2/users/key/{}", user.id);
        w.get(&path).await.refused(401, "InvalidAPIKey");
        for bad in ["", "x", "00000000-0000-4000-8000-000000000000", "ek_live_abc"] {
            w.get(&path).key(bad).await.refused(401, "InvalidAPIKey");
        }
        w.get(&path).bearer("eyJhbGciOiJub25lIn0.e30.").await.refused(401, "InvalidSession");
        for (change, undo) in [
            ("UPDATE users SET status = 'Suspended' WHERE user_id = $1", true),
            ("UPDATE users SET status = 'Terminated' WHERE user_id = $1", false),
        ] {
            let token = w.token(&admin).await;
            w.sql(change, &[admin.id]).await;
            ask(w, &admin.key, user.id).await.refused(401, "InvalidAPIKey");
            w.get(&path).bearer(&token).await.refused(401, "InvalidSession");
            if undo {
                w.sql("UPDATE users SET status = 'Active' WHERE user_id = $1", &[admin.id]).await;
            }
        }
    });
}

#[test]
fn an_id_that_is_no_id_is_400_after_the_level_was_checked() {
    on_both(async |w| {
        let (t, admin) = admin(w).await;
        let low = w.user(NetworkUser, t.a, 0).await;
        for id in ["0", "-1", "2147483648", "99999999999999999999", "abc", "1.5", "1e3", "true", "%20", "1%2F2", "0x10"]
        {
            ask(w, &admin.key, id).await.wrong("id");
            ask(w, &low.key, id).await.refused(403, "AccessDenied");
        }
        ask(w, &admin.key, 2_147_483_647).await.refused(404, "ObjectNotFound");
    });
}

#[test]
fn other_methods_are_405_and_say_what_there_is() {
    on_both(async |w| {
        let (_, admin) = admin(w).await;
        let path = format!("/v2/users/key/{}", admin.id);
        for method in ["POST", "PUT", "DELETE", "PATCH"] {
            let answer = w.call(method, &path).key(&admin.key).await.refused(405, "InvalidParameter");
            let allow = answer.header("allow").unwrap();
            assert!(allow.split(", ").any(|m| m == "GET") && !allow.contains("HEAD"), "{allow}");
        }
        let head = w.call("HEAD", &path).key(&admin.key).await;
        assert_eq!(head.status, 405, "HEAD shows no key and no sign of one");
        assert_eq!(head.text, "");
        let reveals = "SELECT count(*) FROM audit WHERE event = 'key.reveal' AND user_id = $1";
        assert_eq!(w.count(reveals, &[admin.id]).await, 0);
    });
}

#[test]
fn during_generates_the_answer_is_a_key_that_was_current_and_never_a_mix() {
    on_both(async |w| {
        let (t, admin) = admin(w).await;
        let user = w.user(MailboxUser, t.a, t.a1).await;
        let path = format!("/v2/users/key-generate/{}", user.id);
        let mut made = vec![user.key.clone()];
        for _ in 0..10 {
            let generate = async || w.post(&path).key(&admin.key).await.ok().as_str().unwrap().to_owned();
            let reveal = async || ask(w, &admin.key, user.id).await.ok().as_str().unwrap().to_owned();
            let (one, a, two, b) = tokio::join!(generate(), reveal(), generate(), reveal());
            assert_ne!(one, two);
            let before = made.last().unwrap().clone();
            for seen in [a, b] {
                assert!([&before, &one, &two].contains(&&seen), "a key that was never current");
            }
            let now = reveal().await;
            assert!([&one, &two].contains(&&now));
            let dead = if now == one { two } else { one };
            w.get("/v2/users/me").key(&dead).await.refused(401, "InvalidAPIKey");
            w.get("/v2/users/me").key(&before).await.refused(401, "InvalidAPIKey");
            w.get("/v2/users/me").key(&now).await.ok();
            made.push(now);
        }
    });
}

#[test]
fn an_expired_key_is_still_shown_though_it_signs_nobody_in() {
    on_both(async |w| {
        let (t, admin) = admin(w).await;
        let user = w.user(MailboxUser, t.a, t.a1).await;
        w.sql("UPDATE keys SET expires_at = 1 WHERE user_id = $1", &[user.id]).await;
        w.get("/v2/users/me").key(&user.key).await.refused(401, "InvalidAPIKey");
        assert_eq!(ask(w, &admin.key, user.id).await.ok(), user.key);
    });
}

#[test]
fn the_path_matches_in_any_case_with_or_without_a_final_slash_and_under_its_other_spelling() {
    on_both(async |w| {
        let (_, admin) = admin(w).await;
        let id = admin.id;
        for path in [format!("/V2/Users/KEY/{id}"), format!("/v2/users/key/{id}/"), format!("/v2/users/{id}/api-key")] {
            let answer = w.get(&path).key(&admin.key).await;
            assert!(answer.header("x-crossdock-audit-record").is_some(), "{path}");
            assert_eq!(answer.ok(), admin.key, "{path}");
        }
    });
}

#[test]
fn the_key_moves_with_its_user_to_another_network_and_goes_on_working() {
    on_both(async |w| {
        let (t, old) = admin(w).await;
        let new = w.user(NetworkAdmin, t.b, 0).await;
        let user = w.user(MailboxUser, t.a, t.a1).await;
        let to = json!({"userId": user.id, "authLevel": "NoChange", "networkId": t.b, "mailboxId": t.b1});
        w.post("/v2/users/role").key(&w.root).json(to).await.ok();
        w.get("/v2/users/me").key(&user.key).await.ok();
        assert_eq!(ask(w, &new.key, user.id).await.ok(), user.key);
        ask(w, &old.key, user.id).await.refused(404, "ObjectNotFound");
    });
}

#[test]
fn a_switch_lets_mailbox_admins_see_the_keys_of_their_mailbox() {
    let plan = || {
        let mut plan = Plan::default();
        plan.settings.switches.mailbox_admin_may_read_keys = true;
        plan
    };
    on_both_as(plan, async |w| {
        let t = w.tenants().await;
        let caller = w.user(MailboxAdmin, t.a, t.a1).await;
        let (near, far) = (w.user(MailboxUser, t.a, t.a1).await, w.user(MailboxUser, t.a, t.a2).await);
        let above = w.user(NetworkUser, t.a, t.a1).await;
        assert_eq!(ask(w, &caller.key, near.id).await.ok(), near.key);
        ask(w, &caller.key, far.id).await.refused(404, "ObjectNotFound");
        ask(w, &caller.key, above.id).await.refused(403, "AccessDenied");
    });
}
