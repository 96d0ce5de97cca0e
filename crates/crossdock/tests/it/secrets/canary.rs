//! Secrets are sent through every operation and every error path; then everything that was put out is searched for them.

use super::{SECRET_WORD, Secrets};
use crate::support::{Answer, World, b64, on_both, x12};
use model::AuthLevel::*;
use serde_json::{Value, json};
use std::{
    io::Write,
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};
use tracing_subscriber::fmt::MakeWriter;

/// What the program logs while a canary flies, at every level.
#[derive(Default)]
struct Log {
    flying: AtomicUsize,
    text: Mutex<Vec<u8>>,
}

impl Log {
    fn of_the_process() -> &'static Self {
        static LOG: OnceLock<Log> = OnceLock::new();
        static READY: OnceLock<()> = OnceLock::new();
        let log = LOG.get_or_init(Self::default);
        READY.get_or_init(|| {
            let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false);
            tracing::subscriber::set_global_default(subscriber.with_writer(Writer(log)).finish()).unwrap();
        });
        log
    }
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.text.lock().unwrap()).into_owned()
    }
}

struct Writer(&'static Log);
impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0.flying.load(SeqCst) > 0 {
            self.0.text.lock().unwrap().extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
impl<'a> MakeWriter<'a> for Writer {
    type Writer = Writer;
    fn make_writer(&'a self) -> Writer {
        Writer(self.0)
    }
}

/// Everything that was put out and is no success: errors whole, successes by their headers.
#[derive(Default)]
struct Seen {
    texts: Vec<String>,
    sent: usize,
}
impl Seen {
    fn note(&mut self, answer: Answer) {
        self.sent += 1;
        let body = if answer.status == 200 { "" } else { &answer.text };
        self.texts.push(format!("{} {:?} {body}", answer.status, answer.headers));
    }
}

/// Needles: each secret, and the payload of a parcel with the password in its envelope.
const PAYLOAD: &str = "CANARYPAYLOAD0815";
const ENVELOPE_PASSWORD: &str = "CANARYPWD1";

fn payload() -> String {
    x12("ZZ:NOBODY", "ZZ:NOWHERE", 1)
        .replace("00*          *00", &format!("00*          *01*{ENVELOPE_PASSWORD}*00"))
        .replace("BEG*00*SA*", &format!("BEG*00*SA*{PAYLOAD}"))
}

#[test]
fn no_secret_is_in_a_log_an_error_a_metric_or_the_audit_log() {
    let log = Log::of_the_process();
    log.flying.fetch_add(1, SeqCst);
    on_both(async |w| {
        let t = w.tenants().await;
        let mut seen = Seen::default();
        let mut all: Vec<(&'static str, String)> = Vec::new();
        for level in [NetworkAdmin, MailboxUser] {
            let user = w.user_with(level, t.a, t.a1, json!({"password": SECRET_WORD})).await;
            let secrets = Secrets::of(w, user).await;
            as_credentials(w, &secrets, &mut seen).await;
            in_fields(w, &secrets, &mut seen).await;
            sign_ins(w, &secrets, &mut seen).await;
            all.extend(secrets.all);
        }
        with_a_broken_store(w, &all, &mut seen).await;
        all.push(("payload", PAYLOAD.into()));
        all.push(("payload in base64", b64(payload())));
        all.push(("password of an envelope", ENVELOPE_PASSWORD.into()));
        for page in ["/metrics", "/openapi.json", "/health/ready", "/health/live"] {
            seen.texts.push(w.get(page).await.text);
        }
        seen.texts.extend(audit(w).await);
        let logged = log.text();
        assert!(logged.contains("a request failed"), "the log was not caught");
        assert!(logged.contains("crossdock") || logged.contains("hub"), "the log was not caught");
        seen.texts.push(logged);
        let mut hits = Vec::new();
        for (what, secret) in &all {
            let found = seen.texts.iter().filter(|text| text.contains(secret.as_str()));
            hits.extend(found.map(|text| format!("{what} in {}", &text[..text.len().min(600)])));
        }
        eprintln!("canary: {} requests on {:?}, {} secrets, {} hits", seen.sent, w.engine, all.len(), hits.len());
        assert!(hits.is_empty(), "{}", hits.join("\n"));
        assert!(seen.sent > 1_000);
    });
    log.flying.fetch_sub(1, SeqCst);
}

/// A request for an operation with a body and a path of our own.
fn ask<'w>(w: &'w World, entry: &api::Entry, id: &str, body: &Value) -> crate::support::Call<'w> {
    let rest = &entry.spec.rest;
    let call = w.call(rest.method, rest.path.replace("{id}", id));
    if rest.method == "GET" { call } else { call.json(body.clone()) }
}

/// Every operation with every secret as a credential: whole, cut short, and where it does not belong.
async fn as_credentials(w: &World, secrets: &Secrets, seen: &mut Seen) {
    for entry in api::catalogue().iter().filter(|entry| !["logout", "refresh"].contains(&entry.spec.name)) {
        let body: Value = serde_json::from_str((entry.example)()).unwrap();
        for (_, secret) in &secrets.all {
            let cut = &secret[..secret.len() - 1];
            seen.note(ask(w, entry, "1", &body).key(secret).await);
            seen.note(ask(w, entry, "1", &body).key(cut).await);
            seen.note(ask(w, entry, "1", &body).bearer(secret).await);
            seen.note(ask(w, entry, "1", &body).bearer(format!("{secret}.x")).await);
        }
    }
}

/// Every operation with a secret in each field of its body, in its path, in its query, and in a body that is no JSON.
async fn in_fields(w: &World, secrets: &Secrets, seen: &mut Seen) {
    let key = &secrets.user.key;
    for entry in api::catalogue().iter().filter(|entry| !["login", "refresh"].contains(&entry.spec.name)) {
        let example: Value = serde_json::from_str((entry.example)()).unwrap();
        for (at, (_, secret)) in secrets.all.iter().enumerate() {
            let rest = &entry.spec.rest;
            if rest.path.contains("{id}") {
                seen.note(ask(w, entry, secret, &example).key(key).await);
            }
            let query = format!("{}?id={secret}&password={secret}&userId={secret}", rest.path.replace("{id}", "1"));
            seen.note(w.call(rest.method, query).key(key).await);
            let broken = format!("{{\"password\":\"{secret}\",\"x\":{secret}");
            seen.note(w.call(rest.method, rest.path.replace("{id}", "1")).key(key).body(broken).await);
            for field in example.as_object().unwrap().keys() {
                let mut body = example.clone();
                body[field] = json!(secret);
                body["userId"] = json!(if field == "userId" { json!(secret) } else { json!(2_000_000_000) });
                // A key is a short text that some fields take; what takes it is a success and shows it to its owner.
                seen.note(ask(w, entry, "2000000000", &body).key(key).await);
                if at == 0 {
                    let mut body = example.clone();
                    body[field] = json!([secret, {"a": secret}]);
                    seen.note(ask(w, entry, "2000000000", &body).key(key).await);
                }
            }
        }
    }
    for wrong in [json!(1), json!("x")] {
        let body = json!({"fileName": "a", "content": b64(payload()), "bytes": wrong});
        seen.note(w.post("/v2/parcels/upload").key(key).json(body).await);
    }
    let body = json!({"fileName": "a", "content": format!("{}*", b64(payload()))});
    seen.note(w.post("/v2/parcels/upload").key(key).json(body).await);
    let body = json!({"fileName": "a", "content": b64(payload())});
    seen.note(w.post("/v2/parcels/upload").key(key).json(body).await);
}

/// Sign-ins and refreshes that fail, with secrets in every place.
async fn sign_ins(w: &World, secrets: &Secrets, seen: &mut Seen) {
    let (login, password) = (&secrets.user.login, secrets.password);
    for (_, secret) in &secrets.all {
        for body in [
            json!({"login": secret, "password": secret}),
            json!({"login": "nobody", "password": secret}),
            json!({"login": login, "password": format!("{secret}x")}),
            json!({"login": login, "password": password, "apiKey": secret}),
            json!({"login": login, "password": password, "networkId": secret}),
            json!({"apiKey": format!("{secret}x")}),
            json!({"password": secret}),
        ] {
            seen.note(w.post("/v2/auth/login").json(body).await);
        }
        seen.note(w.post("/v2/auth/refresh").json(json!({"token": format!("{secret}x")})).await);
        seen.note(w.post("/v2/auth/refresh").json(json!({"refreshToken": format!("{secret}x")})).await);
        seen.note(w.post("/v2/auth/refresh").json(json!({"token": [secret]})).await);
    }
    // The lock-out has made the password useless for a while; the refresh token that is used twice ends its session.
    let refresh = secrets.all.iter().find(|(what, _)| *what == "refresh token").unwrap();
    for _ in 0..2 {
        seen.note(w.post("/v2/auth/refresh").json(json!({"refreshToken": refresh.1})).await);
    }
}

/// The paths to 500: tables that are gone, and a ciphertext that does not open.
async fn with_a_broken_store(w: &World, all: &[(&'static str, String)], seen: &mut Seen) {
    let key = w.root.clone();
    let me = w.get("/v2/users/me").key(&key).await.ok()["userId"].as_i64().unwrap();
    w.sql("ALTER TABLE audit RENAME TO audit_away", &[]).await;
    for answer in [
        w.get(format!("/v2/users/key/{me}")).key(&key).await,
        w.post(format!("/v2/users/key-generate/{me}")).key(&key).await,
        w.post("/v2/auth/login").json(json!({"apiKey": key})).await,
    ] {
        assert_eq!(answer.status, 500, "{}", answer.text);
        seen.note(answer);
    }
    w.sql("ALTER TABLE audit_away RENAME TO audit", &[]).await;
    w.sql("ALTER TABLE keys RENAME TO keys_away", &[]).await;
    for (_, secret) in all {
        seen.note(w.get("/v2/users/me").key(secret).await);
        seen.note(w.post("/v2/auth/login").json(json!({"apiKey": secret})).await);
    }
    w.sql("ALTER TABLE keys_away RENAME TO keys", &[]).await;
    w.sql("UPDATE keys SET sealed = uuid WHERE user_id = $1 AND sealed IS NOT NULL", &[me]).await;
    seen.note(w.get(format!("/v2/users/key/{me}")).key(&key).await.refused(500, "InternalError"));
}

/// The audit log as text.
async fn audit(w: &World) -> Vec<String> {
    let kept = w.db().scan(|tx| store::audit::unchained(tx, 1_000_000)).await.unwrap();
    assert!(kept.len() > 100);
    kept.iter().map(|kept| format!("{kept:?}")).collect()
}
