//! `POST /v2/auth/refresh`

use crate::support::{Answer, User, World, on_both};
use model::AuthLevel::*;
use serde_json::{Value, json};
use std::time::Duration;

async fn user(w: &World) -> User {
    let t = w.tenants().await;
    w.user(MailboxUser, t.a, t.a1).await
}

async fn refresh(w: &World, body: Value) -> Answer {
    w.post("/v2/auth/refresh").json(body).await
}

async fn works(w: &World, token: &Value) -> bool {
    let answer = w.get("/v2/users/me").bearer(token.as_str().unwrap()).await;
    assert!([200, 401].contains(&answer.status));
    answer.status == 200
}

#[test]
fn a_refresh_token_gives_the_next_token_and_the_old_one_ends_at_once() {
    on_both(async |w| {
        let user = user(w).await;
        let mut now = w.sign_in(&user).await;
        for _ in 0..3 {
            let next = refresh(w, json!({"refreshToken": now["refreshToken"]})).await.ok();
            assert_ne!(next["token"], now["token"]);
            assert_ne!(next["refreshToken"], now["refreshToken"]);
            assert_eq!(next["userId"], user.id);
            assert!(works(w, &next["token"]).await && !works(w, &now["token"]).await);
            now = next;
        }
    });
}

#[test]
fn a_refresh_token_that_comes_twice_ends_the_session_for_both() {
    on_both(async |w| {
        let user = user(w).await;
        let other = w.sign_in(&user).await;
        let first = w.sign_in(&user).await;
        let second = refresh(w, json!({"refreshToken": first["refreshToken"]})).await.ok();
        refresh(w, json!({"refreshToken": first["refreshToken"]})).await.refused(401, "InvalidSession");
        assert!(!works(w, &second["token"]).await, "the session of the thief and of the owner is over");
        refresh(w, json!({"refreshToken": second["refreshToken"]})).await.refused(401, "InvalidSession");
        refresh(w, json!({"token": second["token"]})).await.refused(401, "InvalidSession");
        assert!(works(w, &other["token"]).await, "another session of the same user goes on");
        let reuse = "SELECT count(*) FROM audit WHERE event = 'auth.refresh_reuse' AND user_id = $1";
        assert!(w.count(reuse, &[user.id]).await >= 1);
    });
}

#[test]
fn a_token_handed_in_uses_up_the_refresh_token_too() {
    on_both(async |w| {
        let user = user(w).await;
        let first = w.sign_in(&user).await;
        let second = refresh(w, json!({"token": first["token"]})).await.ok();
        refresh(w, json!({"refreshToken": first["refreshToken"]})).await.refused(401, "InvalidSession");
        assert!(!works(w, &second["token"]).await, "two chains of one session: it is over for both");
    });
}

#[test]
fn of_two_that_use_a_refresh_token_at_once_one_at_most_gets_a_token_that_works() {
    on_both(async |w| {
        let user = user(w).await;
        for _ in 0..5 {
            let data = w.sign_in(&user).await;
            let body = || json!({"refreshToken": data["refreshToken"]});
            let (a, b) = tokio::join!(refresh(w, body()), refresh(w, body()));
            let mut statuses = [a.status, b.status];
            statuses.sort();
            assert_eq!(statuses, [200, 401]);
        }
    });
}

#[test]
fn a_token_refreshes_itself_until_five_minutes_after_its_end() {
    on_both(async |w| {
        let user = user(w).await;
        let mut now = w.sign_in(&user).await["token"].clone();
        for late in [Duration::ZERO, Duration::from_secs(3600), Duration::from_secs(3600 + 299)] {
            w.pass(late);
            let next = refresh(w, json!({"token": now})).await.ok()["token"].clone();
            refresh(w, json!({"token": now})).await.refused(401, "InvalidSession");
            assert!(works(w, &next).await && !works(w, &now).await);
            now = next;
        }
        w.pass(Duration::from_secs(3600 + 300));
        refresh(w, json!({"token": now})).await.refused(401, "InvalidSession");
    });
}

#[test]
fn a_session_ends_after_thirty_days_however_often_it_is_refreshed() {
    on_both(async |w| {
        let user = user(w).await;
        let mut now = w.sign_in(&user).await;
        for _ in 0..29 {
            w.pass(Duration::from_secs(24 * 3600));
            now = refresh(w, json!({"refreshToken": now["refreshToken"]})).await.ok();
        }
        w.pass(Duration::from_secs(24 * 3600 - 600));
        now = refresh(w, json!({"refreshToken": now["refreshToken"]})).await.ok();
        assert_eq!(now["expiresAt"], "2026-01-31T00:00:00Z", "the last token ends with the session");
        w.pass(Duration::from_secs(600));
        assert!(!works(w, &now["token"]).await);
        refresh(w, json!({"refreshToken": now["refreshToken"]})).await.refused(401, "InvalidSession");
        refresh(w, json!({"token": now["token"]})).await.refused(401, "InvalidSession");
    });
}

#[test]
fn nothing_refreshes_after_a_logout_a_suspension_or_the_end() {
    on_both(async |w| {
        let user = user(w).await;
        let out = w.sign_in(&user).await;
        w.post("/v2/auth/logout").bearer(out["token"].as_str().unwrap()).await.ok();
        let held = w.sign_in(&user).await;
        w.put("/v2/users").key(&w.root).json(json!({"userId": user.id, "status": "Suspended"})).await.ok();
        for data in [&out, &held] {
            refresh(w, json!({"token": data["token"]})).await.refused(401, "InvalidSession");
        }
        refresh(w, json!({"refreshToken": out["refreshToken"]})).await.refused(401, "InvalidSession");
        w.put("/v2/users").key(&w.root).json(json!({"userId": user.id, "status": "Active"})).await.ok();
        assert!(works(w, &held["token"]).await, "a suspension is no end");
        w.delete(format!("/v2/users/{}", user.id)).key(&w.root).await.ok();
        refresh(w, json!({"token": held["token"]})).await.refused(401, "InvalidSession");
        refresh(w, json!({"refreshToken": held["refreshToken"]})).await.refused(401, "InvalidSession");
    });
}

#[test]
fn what_is_no_token_of_ours_is_401_and_nothing_is_400() {
    on_both(async |w| {
        refresh(w, json!({})).await.wrong("token");
        refresh(w, json!({"token": 1})).await.wrong("token");
        for bad in ["", "x", "a.b.c", &"A".repeat(5000)] {
            refresh(w, json!({"token": bad})).await.refused(401, "InvalidSession");
            refresh(w, json!({"refreshToken": bad})).await.refused(401, "InvalidSession");
        }
    });
}
