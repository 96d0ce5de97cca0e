//! `POST /v2/auth/login`

use crate::support::{Answer, PASSWORD, Plan, User, World, on_both, on_both_as};
use hub::PerMinute;
use model::{AuthLevel::*, KeyKind};
use serde_json::{Value, json};
use std::time::Duration;

async fn user(w: &World) -> User {
    let t = w.tenants().await;
    w.user(MailboxUser, t.a, t.a1).await
}

async fn login(w: &World, body: Value) -> Answer {
    w.post("/v2/auth/login").json(body).await
}

async fn with(w: &World, login_name: &str, password: &str) -> Answer {
    login(w, json!({"login": login_name, "password": password})).await
}

#[test]
fn a_login_is_taken_in_every_documented_spelling() {
    on_both(async |w| {
        let user = user(w).await;
        let upper = user.login.to_uppercase();
        for name in ["login", "email", "username", "userName", "loginName", "LoginName", "UserID", "userId", "LOGIN"] {
            let data = login(w, json!({name: user.login, "password": PASSWORD})).await.ok();
            assert_eq!(data["userId"], user.id, "{name}");
            let token = data["token"].as_str().unwrap();
            assert_eq!(w.get("/v2/users/me").bearer(token).await.ok()["login"], user.login.as_str());
        }
        let address = format!("{}@EXAMPLE.com", user.login);
        for text in [user.login.as_str(), upper.as_str(), address.as_str()] {
            assert_eq!(with(w, text, PASSWORD).await.ok()["userId"], user.id, "{text}");
        }
    });
}

#[test]
fn the_answer_says_when_the_token_ends_and_an_api_key_gives_a_session_key_too() {
    on_both(async |w| {
        let user = user(w).await;
        let data = with(w, &user.login, PASSWORD).await.ok();
        assert_eq!(data["expiresAt"], "2026-01-01T01:00:00Z");
        assert!(data["refreshToken"].as_str().unwrap().len() >= 43);
        assert_eq!(data.get("sessionKey"), None);
        let data = login(w, json!({"apiKey": user.key})).await.ok();
        assert!(data["sessionKey"].as_str().unwrap().starts_with("ek_session_"));
        assert_eq!(data["userId"], user.id);
    });
}

#[test]
fn a_wrong_request_is_400_and_says_what_is_missing() {
    on_both(async |w| {
        let key = &w.root;
        login(w, json!({})).await.wrong("login");
        login(w, json!({"password": "x"})).await.wrong("login");
        login(w, json!({"login": "x"})).await.wrong("password");
        login(w, json!({"login": "x", "password": PASSWORD, "apiKey": key})).await.wrong("apiKey");
        login(w, json!({"login": 7, "password": PASSWORD})).await.wrong("login");
        login(w, json!({"login": "a", "email": "b", "password": PASSWORD})).await.wrong("login");
        login(w, json!({"login": "x", "password": PASSWORD, "networkId": "x"})).await.wrong("networkId");
        w.post("/v2/auth/login").body("{").header("content-type", "application/json").await.wrong("body");
    });
}

#[test]
fn every_failure_reads_the_same() {
    on_both(async |w| {
        let t = w.tenants().await;
        let (open, suspended, ended) = (
            w.user(MailboxUser, t.a, t.a1).await,
            w.user(MailboxUser, t.a, t.a1).await,
            w.user(MailboxUser, t.a, t.a1).await,
        );
        w.put("/v2/users").key(&w.root).json(json!({"userId": suspended.id, "status": "Suspended"})).await.ok();
        w.delete(format!("/v2/users/{}", ended.id)).key(&w.root).await.ok();
        let mut seen = Vec::new();
        for (name, password) in [
            (open.login.as_str(), "Wrong-Horse-7"),
            (open.login.as_str(), ""),
            ("nobody", PASSWORD),
            ("root", PASSWORD),
            (suspended.login.as_str(), PASSWORD),
            (ended.login.as_str(), PASSWORD),
            ("", PASSWORD),
        ] {
            seen.push(with(w, name, password).await.refused(401, "InvalidSession").faceless());
        }
        let elsewhere = json!({"login": open.login, "password": PASSWORD, "networkId": t.b});
        seen.push(login(w, elsewhere).await.refused(401, "InvalidSession").faceless());
        seen.dedup();
        assert_eq!(seen.len(), 1, "{seen:?}");
    });
}

#[test]
fn users_of_terminated_containers_do_not_sign_in_and_those_of_suspended_ones_do() {
    on_both(async |w| {
        let t = w.tenants().await;
        let (one, two) = (w.user(MailboxUser, t.a, t.a1).await, w.user(MailboxUser, t.b, t.b1).await);
        w.sql("UPDATE mailboxes SET status = 'Suspended' WHERE mailbox_id = $1", &[t.a1]).await;
        w.sql("UPDATE networks SET status = 'Suspended' WHERE network_id = $1", &[t.b]).await;
        for user in [&one, &two] {
            let token = w.token(user).await;
            w.get("/v2/users/me").bearer(&token).await.ok();
            w.post("/v2/users/list").bearer(&token).await.refused(403, "AccessDenied");
            w.key_session(&user.key).await;
        }
        w.sql("UPDATE mailboxes SET status = 'Terminated' WHERE mailbox_id = $1", &[t.a1]).await;
        w.sql("UPDATE networks SET status = 'Terminated' WHERE network_id = $1", &[t.b]).await;
        for user in [&one, &two] {
            with(w, &user.login, PASSWORD).await.refused(401, "InvalidSession");
            login(w, json!({"apiKey": user.key})).await.refused(401, "InvalidAPIKey");
        }
    });
}

#[test]
fn five_failures_lock_the_password_out_for_a_while_and_never_the_key() {
    on_both(async |w| {
        let user = user(w).await;
        let token = w.token(&user).await;
        let wrong = with(w, &user.login, "Wrong-Horse-7").await.refused(401, "InvalidSession").faceless();
        for _ in 0..3 {
            with(w, &user.login, "Wrong-Horse-7").await.refused(401, "InvalidSession");
        }
        with(w, &user.login, PASSWORD).await.ok();
        for _ in 0..5 {
            with(w, &user.login, "Wrong-Horse-7").await.refused(401, "InvalidSession");
        }
        let locked = with(w, &user.login, PASSWORD).await.refused(401, "InvalidSession");
        assert_eq!(locked.faceless(), wrong, "a lock-out reads like a wrong password");
        w.get("/v2/users/me").key(&user.key).await.ok();
        w.get("/v2/users/me").bearer(&token).await.ok();
        w.key_session(&user.key).await;
        w.pass(Duration::from_secs(29));
        with(w, &user.login, PASSWORD).await.refused(401, "InvalidSession");
        w.pass(Duration::from_secs(1));
        with(w, &user.login, PASSWORD).await.ok();
        // The success forgets the failures.
        for _ in 0..4 {
            with(w, &user.login, "Wrong-Horse-7").await.refused(401, "InvalidSession");
        }
        with(w, &user.login, PASSWORD).await.ok();
    });
}

#[test]
fn each_failure_after_the_fifth_locks_for_longer() {
    on_both(async |w| {
        let user = user(w).await;
        for _ in 0..7 {
            with(w, &user.login, "Wrong-Horse-7").await.refused(401, "InvalidSession");
        }
        w.pass(Duration::from_secs(89));
        with(w, &user.login, PASSWORD).await.refused(401, "InvalidSession");
        w.pass(Duration::from_secs(1));
        with(w, &user.login, PASSWORD).await.ok();
    });
}

#[test]
fn a_login_of_several_networks_signs_in_where_the_network_is_named() {
    on_both(async |w| {
        let t = w.tenants().await;
        let one = w.user_with(MailboxUser, t.a, t.a1, json!({"login": "jsmith", "password": "First-Horse-1"})).await;
        assert_eq!(with(w, "jsmith", "First-Horse-1").await.ok()["userId"], one.id, "while it is the only one");
        let two = w.user_with(MailboxUser, t.b, t.b1, json!({"login": "JSmith", "password": "Other-Horse-2"})).await;
        for (user, password) in [(&one, "First-Horse-1"), (&two, "Other-Horse-2")] {
            with(w, "jsmith", password).await.refused(401, "InvalidSession");
            let body = json!({"login": "jsmith", "password": password, "networkId": user.network});
            assert_eq!(login(w, body).await.ok()["userId"], user.id);
        }
        let body = json!({"login": "jsmith", "password": "Other-Horse-2", "networkId": t.a});
        login(w, body).await.refused(401, "InvalidSession");
    });
}

/// Whoever can make users must not learn by them whether a password is that of another tenant's user.
#[test]
fn an_own_user_of_the_same_name_or_address_is_no_oracle() {
    on_both(async |w| {
        let t = w.tenants().await;
        let victim = json!({"login": "victim", "email": "victim@acme.com", "password": "Secret-Horse-1"});
        let victim = w.user_with(MailboxUser, t.a, t.a1, victim).await;
        for (guess, at) in [("Secret-Horse-1", 1), ("Wrong-Horse-2", 2)] {
            let by_email = json!({"login": format!("x{at}"), "email": "victim@acme.com", "password": guess});
            let own = w.user_with(MailboxUser, t.b, t.b1, by_email).await;
            with(w, "victim@acme.com", guess).await.refused(401, "InvalidSession");
            w.delete(format!("/v2/users/{}", own.id)).key(&w.root).await.ok();
        }
        let by_login = json!({"login": "victim", "password": "Wrong-Horse-2"});
        w.user_with(MailboxUser, t.b, t.b1, by_login).await;
        with(w, "victim", "Wrong-Horse-2").await.refused(401, "InvalidSession");
        let named = json!({"login": "victim", "password": "Secret-Horse-1", "networkId": t.a});
        assert_eq!(login(w, named).await.ok()["userId"], victim.id);
    });
}

#[test]
fn only_a_primary_key_signs_in() {
    on_both(async |w| {
        let user = user(w).await;
        for kind in [KeyKind::Private, KeyKind::Shared, KeyKind::Public, KeyKind::Session] {
            let key = w.secondary(&user, kind, None).await;
            login(w, json!({"apiKey": key})).await.refused(403, "AccessDenied");
        }
        for bad in ["", "x", "0190163d-8694-439b-aea5-966c26f8ad91"] {
            login(w, json!({"apiKey": bad})).await.refused(401, "InvalidAPIKey");
        }
        let dressed = format!("{{{}}}", user.key.to_uppercase());
        assert_eq!(login(w, json!({"apiKey": dressed})).await.ok()["userId"], user.id);
    });
}

#[test]
fn too_many_failures_from_one_address_are_429_for_everything_from_there() {
    let plan = || {
        let mut plan = Plan::default();
        plan.settings.failures_per_address = PerMinute(4);
        plan
    };
    on_both_as(plan, async |w| {
        let user = user(w).await;
        for _ in 0..2 {
            with(w, "nobody", "x").await.refused(401, "InvalidSession");
            w.get("/v2/users/me").key("nonsense").await.refused(401, "InvalidAPIKey");
        }
        with(w, &user.login, PASSWORD).await.refused(429, "RateLimitExceeded");
        w.get("/v2/users/me").key(&user.key).await.refused(429, "RateLimitExceeded");
        w.pass(Duration::from_secs(16));
        w.get("/v2/users/me").key(&user.key).await.ok();
        with(w, &user.login, PASSWORD).await.ok();
    });
}

#[test]
fn a_sign_in_is_recorded_with_who_and_without_what() {
    on_both(async |w| {
        let user = user(w).await;
        let data = w.sign_in(&user).await;
        let all = w.db().scan(|tx| store::audit::unchained(tx, 10_000)).await.unwrap();
        let last = &all.last().unwrap().record;
        assert_eq!((last.event.as_str(), last.user, last.chain), ("auth.login", Some(user.id), user.network));
        let told = format!("{last:?}");
        for secret in [PASSWORD, data["token"].as_str().unwrap(), data["refreshToken"].as_str().unwrap()] {
            assert!(!told.contains(secret));
        }
    });
}
