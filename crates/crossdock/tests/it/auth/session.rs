//! What credentials are worth: tokens and session keys, both headers at once, ends by time and by replacement.

use crate::support::{User, World, on_both};
use model::{AuthLevel::*, KeyKind, Time};
use serde_json::json;
use std::time::Duration;

async fn user(w: &World) -> User {
    let t = w.tenants().await;
    w.user(MailboxUser, t.a, t.a1).await
}

#[test]
fn the_session_says_who_it_is_and_until_when() {
    on_both(async |w| {
        let user = user(w).await;
        let data = w.post("/v2/auth/session").key(&user.key).await.ok();
        assert_eq!(data["expiresAt"], "9999-12-31T23:59:59Z", "a key without an end");
        assert_eq!((data["userId"].as_i64(), data["networkId"].as_i64()), (Some(user.id), Some(user.network)));
        assert_eq!((data["mailboxId"].as_i64(), data["authLevel"].as_str()), (Some(user.mailbox), Some("MailboxUser")));
        let token = w.token(&user).await;
        let data = w.post("/v2/auth/session").bearer(token).await.ok();
        assert_eq!(data["expiresAt"], "2026-01-01T01:00:00Z");
        let end = Some(Time(crate::support::DAWN + 1000));
        let key = w.secondary_until(&user, KeyKind::Private, None, end).await;
        let data = w.post("/v2/auth/session").key(&key).await.ok();
        assert_eq!(data["expiresAt"], "2026-01-01T00:00:01Z");
        w.post("/v2/auth/session").await.refused(401, "InvalidAPIKey");
    });
}

#[test]
fn get_me_shows_the_own_key_to_a_password_token_and_to_the_key_itself_and_to_nobody_else() {
    on_both(async |w| {
        let user = user(w).await;
        let me = w.get("/v2/users/me").key(user.key.to_uppercase()).await.ok();
        assert_eq!(me["apiKey"], user.key.as_str(), "the presented key, in canonical form");
        assert_eq!(me["apiKeyHint"].as_str(), Some(&user.key[user.key.len() - 4..]));
        let token = w.token(&user).await;
        let answer = w.get("/v2/users/me").bearer(&token).await;
        assert!(answer.header("x-crossdock-audit-record").is_some(), "a token is shown what it did not bring");
        assert_eq!(answer.ok()["apiKey"], user.key.as_str());
        let (key_token, session_key) = w.key_session(&user.key).await;
        let mut others = vec![w.get("/v2/users/me").bearer(key_token), w.get("/v2/users/me").bearer(&session_key)];
        others.push(w.get("/v2/users/me").key(&session_key));
        for (kind, scopes) in [
            (KeyKind::Private, None),
            (KeyKind::Private, Some("users:read keys:reveal")),
            (KeyKind::Shared, None),
            (KeyKind::Session, None),
        ] {
            let key = w.secondary(&user, kind, scopes).await;
            others.push(w.get("/v2/users/me").key(key));
        }
        for other in others {
            let answer = other.await;
            assert!(!answer.text.contains(&user.key) && answer.json["data"].get("apiKey").is_none(), "{}", answer.text);
            assert_eq!(answer.ok()["userId"], user.id);
        }
    });
}

#[test]
fn a_key_token_may_what_its_user_may_but_not_with_users_or_keys() {
    on_both(async |w| {
        let t = w.tenants().await;
        let admin = w.user(NetworkAdmin, t.a, 0).await;
        let user = w.user(MailboxUser, t.a, t.a1).await;
        let generate = format!("/v2/users/key-generate/{}", user.id);
        let (key_token, _) = w.key_session(&admin.key).await;
        let token = w.token(&admin).await;
        w.post("/v2/users/list").bearer(&key_token).await.ok();
        let new = json!({"networkId": t.a, "uniqueId": "NEWBOX", "companyName": "New"});
        w.post("/v2/mailboxes/create").bearer(&key_token).json(new).await.ok();
        w.post(&generate).bearer(&key_token).await.refused(403, "AccessDenied");
        w.get(format!("/v2/users/key/{}", user.id)).bearer(&key_token).await.refused(403, "AccessDenied");
        w.delete(format!("/v2/users/{}", user.id)).bearer(&key_token).await.refused(403, "AccessDenied");
        let made = w.post(&generate).bearer(&token).await.ok();
        assert_eq!(w.get(format!("/v2/users/key/{}", user.id)).bearer(&token).await.ok(), made);
    });
}

#[test]
fn tokens_and_session_keys_end_by_time() {
    on_both(async |w| {
        let user = user(w).await;
        let token = w.token(&user).await;
        let (_, session_key) = w.key_session(&user.key).await;
        let end = Some(Time(crate::support::DAWN + 5000));
        let private = w.secondary_until(&user, KeyKind::Private, None, end).await;
        w.pass(Duration::from_millis(4999));
        w.get("/v2/users/me").key(&private).await.ok();
        w.pass(Duration::from_millis(1));
        w.get("/v2/users/me").key(&private).await.refused(401, "InvalidAPIKey");
        w.pass(Duration::from_millis(3_600_000 - 5001));
        w.get("/v2/users/me").bearer(&token).await.ok();
        w.pass(Duration::from_millis(1));
        w.get("/v2/users/me").bearer(&token).await.refused(401, "InvalidSession");
        w.pass(Duration::from_secs(23 * 3600 - 1));
        w.get("/v2/users/me").key(&session_key).await.ok();
        w.pass(Duration::from_secs(1));
        w.get("/v2/users/me").key(&session_key).await.refused(401, "InvalidAPIKey");
        w.get("/v2/users/me").key(&user.key).await.ok();
    });
}

#[test]
fn what_was_made_from_a_key_dies_with_it_and_password_tokens_and_other_keys_live() {
    on_both(async |w| {
        let user = user(w).await;
        let token = w.token(&user).await;
        let private = w.secondary(&user, KeyKind::Private, None).await;
        let (key_token, session_key) = w.key_session(&user.key).await;
        let new = w.post(format!("/v2/users/key-generate/{}", user.id)).key(&user.key).await.ok();
        w.get("/v2/users/me").key(&user.key).await.refused(401, "InvalidAPIKey");
        w.get("/v2/users/me").key(&session_key).await.refused(401, "InvalidAPIKey");
        w.get("/v2/users/me").bearer(&session_key).await.refused(401, "InvalidSession");
        w.get("/v2/users/me").bearer(&key_token).await.refused(401, "InvalidSession");
        w.post("/v2/auth/refresh").json(json!({"token": key_token})).await.refused(401, "InvalidSession");
        w.get("/v2/users/me").bearer(&token).await.ok();
        w.get("/v2/users/me").key(&private).await.ok();
        w.get("/v2/users/me").key(new.as_str().unwrap()).await.ok();
    });
}

#[test]
fn a_grace_keeps_the_old_key_and_what_was_made_from_it_until_it_is_over() {
    on_both(async |w| {
        let user = user(w).await;
        let (key_token, session_key) = w.key_session(&user.key).await;
        let path = format!("/v2/users/key-generate/{}", user.id);
        let new = w.post(&path).key(&user.key).json(json!({"graceSeconds": 60})).await.ok();
        let new = new.as_str().unwrap();
        w.pass(Duration::from_millis(59_999));
        w.get("/v2/users/me").key(new).await.ok();
        w.get("/v2/users/me").key(&user.key).await.ok();
        w.get("/v2/users/me").key(&session_key).await.ok();
        w.get("/v2/users/me").bearer(&key_token).await.ok();
        assert_eq!(w.reveal(user.id).await, new, "what is shown is the new one");
        w.pass(Duration::from_millis(1));
        w.get("/v2/users/me").key(&user.key).await.refused(401, "InvalidAPIKey");
        w.get("/v2/users/me").key(&session_key).await.refused(401, "InvalidAPIKey");
        w.get("/v2/users/me").bearer(&key_token).await.refused(401, "InvalidSession");
        w.get("/v2/users/me").key(new).await.ok();
    });
}

#[test]
fn a_second_generate_ends_a_grace_at_once() {
    on_both(async |w| {
        let user = user(w).await;
        let path = format!("/v2/users/key-generate/{}", user.id);
        let second = w.post(&path).key(&user.key).json(json!({"graceSeconds": 600})).await.ok();
        let third = w.post(&path).key(&user.key).json(json!({"graceSeconds": 0})).await.ok();
        w.get("/v2/users/me").key(&user.key).await.refused(401, "InvalidAPIKey");
        w.get("/v2/users/me").key(second.as_str().unwrap()).await.refused(401, "InvalidAPIKey");
        w.get("/v2/users/me").key(third.as_str().unwrap()).await.ok();
    });
}

#[test]
fn a_grace_is_from_nothing_to_seven_days() {
    on_both(async |w| {
        let user = user(w).await;
        let path = format!("/v2/users/key-generate/{}", user.id);
        for bad in [json!(-1), json!(604_801), json!("x"), json!(1.5), json!(true)] {
            w.post(&path).key(&user.key).json(json!({"graceSeconds": bad})).await.wrong("graceSeconds");
        }
        w.get("/v2/users/me").key(&user.key).await.ok();
        w.post(&path).key(&user.key).json(json!({"graceSeconds": 604_800})).await.ok();
        w.get("/v2/users/me").key(&user.key).await.ok();
    });
}

#[test]
fn with_both_headers_one_user_gets_the_narrower_right_and_two_users_get_nothing() {
    on_both(async |w| {
        let t = w.tenants().await;
        let (one, two) = (w.user(NetworkAdmin, t.a, 0).await, w.user(NetworkAdmin, t.a, 0).await);
        let path = format!("/v2/users/key/{}", one.id);
        let token = w.token(&one).await;
        let (key_token, session_key) = w.key_session(&one.key).await;
        w.get(&path).key(&one.key).bearer(&token).await.ok();
        for narrow in [&key_token, &session_key] {
            w.get(&path).key(&one.key).bearer(narrow).await.refused(403, "AccessDenied");
            w.get("/v2/users/me").key(&one.key).bearer(narrow).await.ok();
        }
        let shared = w.secondary(&one, KeyKind::Shared, None).await;
        w.get(&path).key(&shared).bearer(&token).await.refused(403, "AccessDenied");
        w.get(&path).key(&two.key).bearer(&token).await.refused(401, "InvalidSession");
        w.get(&path).key("nonsense").bearer(&token).await.refused(401, "InvalidAPIKey");
        w.get(&path).key(&one.key).bearer("nonsense").await.refused(401, "InvalidSession");
        w.get(&path).key(&one.key).key(&one.key).await.refused(401, "InvalidAPIKey");
    });
}

#[test]
fn a_bearer_is_a_token_or_a_session_key_and_no_other_key() {
    on_both(async |w| {
        let user = user(w).await;
        let private = w.secondary(&user, KeyKind::Private, None).await;
        for bad in [&user.key, &private] {
            w.get("/v2/users/me").bearer(bad).await.refused(401, "InvalidSession");
        }
        let (_, session_key) = w.key_session(&user.key).await;
        w.get("/v2/users/me").bearer(&session_key).await.ok();
        let basic = w.get("/v2/users/me").header("authorization", "Basic dXNlcjpwYXNz").await;
        basic.refused(401, "InvalidAPIKey");
    });
}

#[test]
fn the_version_is_open_and_ignores_a_bad_key() {
    on_both(async |w| {
        let plain = w.get("/v2/auth/version").await.ok();
        assert!(plain["version"].as_str().is_some_and(|v| v.split('.').count() == 3));
        assert_eq!(w.get("/v2/auth/version").key("nonsense").await.ok(), plain);
        assert_eq!(w.get("/v2/auth/version").bearer("nonsense").await.ok(), plain);
    });
}

#[test]
fn requests_with_one_credential_are_limited_and_others_are_not_held_up() {
    let plan = || {
        let mut plan = crate::support::Plan::default();
        plan.settings.requests_per_credential = hub::PerMinute(30);
        plan
    };
    crate::support::on_both_as(plan, async |w| {
        let user = user(w).await;
        let token = w.token(&user).await;
        for _ in 0..30 {
            w.get("/v2/users/me").key(&user.key).await.ok();
        }
        w.get("/v2/users/me").key(&user.key).await.refused(429, "RateLimitExceeded");
        w.get("/v2/users/me").bearer(&token).await.ok();
        w.pass(Duration::from_secs(2));
        w.get("/v2/users/me").key(&user.key).await.ok();
    });
}

/// What is made from a key in its grace ends with the grace, and a generate without grace ends all of it at once.
#[test]
fn nothing_made_from_a_key_outlives_it() {
    on_both(async |w| {
        let t = w.tenants().await;
        let user = w.user(MailboxUser, t.a, t.a1).await;
        let path = format!("/v2/users/key-generate/{}", user.id);
        let before = w.key_session(&user.key).await;
        let new = w.post(&path).key(&user.key).json(json!({"graceSeconds": 60})).await.ok();
        let during = w.key_session(&user.key).await;
        let alive = async |token: &str| w.get("/v2/users/me").bearer(token).await.status == 200;
        for token in [&before.0, &before.1, &during.0, &during.1] {
            assert!(alive(token).await, "the grace is not over");
        }
        let leaving = w.key_session(&user.key).await;
        for token in [&leaving.0, &leaving.1] {
            w.post("/v2/auth/logout").bearer(token).await.ok();
            assert!(!alive(token).await, "a logout ends a session in its grace too");
        }
        w.pass(Duration::from_secs(61));
        for token in [&before.0, &before.1, &during.0, &during.1] {
            assert!(!alive(token).await, "the grace is over");
        }
        let old = w.key_session(new.as_str().unwrap()).await;
        w.post(&path).key(new.as_str().unwrap()).json(json!({"graceSeconds": 600})).await.ok();
        assert!(alive(&old.0).await && alive(&old.1).await);
        w.post(&path).key(&w.root).await.ok();
        assert!(!alive(&old.0).await && !alive(&old.1).await, "a replacement without grace ends what was in grace");
    });
}
