//! `POST /v2/auth/logout`: what ends with each kind of credential (decision A9).

use crate::support::{User, World, on_both};
use model::AuthLevel::*;

async fn user(w: &World) -> User {
    let t = w.tenants().await;
    w.user(MailboxUser, t.a, t.a1).await
}

#[test]
fn a_token_ends_with_its_session_and_cannot_log_out_again() {
    on_both(async |w| {
        let user = user(w).await;
        let (one, two) = (w.token(&user).await, w.token(&user).await);
        let answer = w.post("/v2/auth/logout").bearer(&one).await;
        assert_eq!(answer.ok(), serde_json::Value::Null);
        w.post("/v2/auth/logout").bearer(&one).await.refused(401, "InvalidSession");
        w.get("/v2/users/me").bearer(&one).await.refused(401, "InvalidSession");
        w.get("/v2/users/me").bearer(&two).await.ok();
        w.get("/v2/users/me").key(&user.key).await.ok();
    });
}

#[test]
fn a_primary_key_goes_on_working() {
    on_both(async |w| {
        let user = user(w).await;
        for _ in 0..2 {
            w.post("/v2/auth/logout").key(&user.key).await.ok();
        }
        w.get("/v2/users/me").key(&user.key).await.ok();
    });
}

#[test]
fn a_session_key_ends_and_the_key_it_came_from_does_not() {
    on_both(async |w| {
        let user = user(w).await;
        let (_, session_key) = w.key_session(&user.key).await;
        w.post("/v2/auth/logout").key(&session_key).await.ok();
        w.post("/v2/auth/logout").key(&session_key).await.refused(401, "InvalidAPIKey");
        w.get("/v2/users/me").bearer(&session_key).await.refused(401, "InvalidSession");
        w.get("/v2/users/me").key(&user.key).await.ok();
        let (_, by_bearer) = w.key_session(&user.key).await;
        w.post("/v2/auth/logout").bearer(&by_bearer).await.ok();
        w.get("/v2/users/me").key(&by_bearer).await.refused(401, "InvalidAPIKey");
    });
}

#[test]
fn a_token_made_from_a_key_ends_and_the_key_does_not() {
    on_both(async |w| {
        let user = user(w).await;
        let (token, _) = w.key_session(&user.key).await;
        w.post("/v2/auth/logout").bearer(&token).await.ok();
        w.get("/v2/users/me").bearer(&token).await.refused(401, "InvalidSession");
        w.get("/v2/users/me").key(&user.key).await.ok();
    });
}
