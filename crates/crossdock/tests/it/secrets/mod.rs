//! What must never be seen (proofs S8 and S10): not in a log, an error, a metric or the audit log, and not in a store that
//! was stolen without its master key.

mod canary;
mod stolen;

use crate::support::{User, World};
use model::KeyKind;
use serde_json::json;

/// Everything secret that a user can have.
struct Secrets {
    user: User,
    password: &'static str,
    /// Each with what it is.
    all: Vec<(&'static str, String)>,
}

const SECRET_WORD: &str = "Canary-Password-77";

impl Secrets {
    async fn of(w: &World, user: User) -> Self {
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let body = json!({"login": user.login, "password": SECRET_WORD, "networkId": user.network});
        let by_password = w.post("/v2/auth/login").json(body).await.ok();
        let by_key = w.post("/v2/auth/login").json(json!({"apiKey": user.key})).await.ok();
        let all = vec![
            ("password", SECRET_WORD.to_owned()),
            ("primary key", user.key.clone()),
            ("private key", w.secondary(&user, KeyKind::Private, None).await),
            ("shared key", w.secondary(&user, KeyKind::Shared, None).await),
            ("public key", w.secondary(&user, KeyKind::Public, None).await),
            ("session key", text(&by_key["sessionKey"])),
            ("key token", text(&by_key["token"])),
            ("token", text(&by_password["token"])),
            ("refresh token", text(&by_password["refreshToken"])),
            ("refresh token of a key", text(&by_key["refreshToken"])),
        ];
        Self { user, password: SECRET_WORD, all }
    }
}
