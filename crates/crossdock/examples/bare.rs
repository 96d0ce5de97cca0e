//! The other side of the benchmark: handlers that do one thing and nothing else, as a limit to measure against.
//!
//! `bare me PORT FILE` answers `GET /v2/users/me` after one indexed read of SQLite by the presented key.
//! `bare reveal PORT FOLDER` answers `GET /v2/users/key/1001` after one durable unit through Crossdock's own store: the
//! key's row is read and an audit record written.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a measuring program stops at the first surprise")]

use axum::{Json, Router, http::HeaderMap, http::StatusCode, routing::get};
use model::{Id, Time, UserId};
use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;
use std::{cell::RefCell, path::Path};
use store::{Db, Error, Options, audit::Record};

#[derive(Serialize)]
struct Envelope<T> {
    success: bool,
    data: T,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Me {
    user_id: i64,
    login: String,
    email: String,
    network_id: i64,
    auth_level: String,
    status: String,
    created: String,
}

const USERS: i64 = 10_000;

const SCHEMA: &str =
    "CREATE TABLE users (user_id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, login TEXT, email TEXT,
    network_id INTEGER, level TEXT, status TEXT, created TEXT)";

/// Users with keys that are their numbers.
fn fill(file: &str) {
    let mut db = Connection::open(file).unwrap();
    db.pragma_update(None, "journal_mode", "WAL").unwrap();
    let tx = db.transaction().unwrap();
    tx.execute_batch(SCHEMA).unwrap();
    for user in 1..=USERS {
        tx.execute(
            "INSERT INTO users VALUES (?1, ?2, ?3, ?4, 1, 'Root', 'Active', '2026-01-01T00:00:00Z')",
            (user, format!("key-{user}"), format!("user{user}"), format!("user{user}@example.com")),
        )
        .unwrap();
    }
    tx.commit().unwrap();
}

thread_local!(static CONNECTION: RefCell<Option<Connection>> = const { RefCell::new(None) });

fn read(file: &str, key: &str) -> Option<Me> {
    CONNECTION.with(|connection| {
        let mut connection = connection.borrow_mut();
        let db = connection.get_or_insert_with(|| Connection::open(file).unwrap());
        let sql = "SELECT user_id, login, email, network_id, level, status, created FROM users WHERE key = ?1";
        let mut statement = db.prepare_cached(sql).unwrap();
        let row = statement.query_row([key], |r| {
            Ok(Me {
                user_id: r.get(0)?,
                login: r.get(1)?,
                email: r.get(2)?,
                network_id: r.get(3)?,
                auth_level: r.get(4)?,
                status: r.get(5)?,
                created: r.get(6)?,
            })
        });
        row.optional().unwrap()
    })
}

fn me(file: String) -> Router {
    if !Path::new(&file).exists() {
        fill(&file);
    }
    let handler = move |headers: HeaderMap| async move {
        let key = headers.get("x-api-key").and_then(|k| k.to_str().ok()).ok_or(StatusCode::UNAUTHORIZED)?;
        let data = read(&file, key).ok_or(StatusCode::UNAUTHORIZED)?;
        Ok::<_, StatusCode>(Json(Envelope { success: true, data }))
    };
    Router::new().route("/v2/users/me", get(handler))
}

fn record() -> Record {
    Record {
        chain: 1001,
        at: Time(1_795_000_000_000),
        event: "key.reveal".into(),
        verdict: "done".into(),
        reason: String::new(),
        user: Some(1001),
        credential: "primary key 1001".into(),
        subject: "user 1001".into(),
        fingerprint: Some(vec![0; 8]),
        address: "127.0.0.1".into(),
        agent: String::new(),
        request: "01a20829-7843-7b6f-ad7c-db5816734fce".into(),
        path: "/v2/users/key/1001".into(),
    }
}

fn reveal(folder: &str) -> Router {
    let db = Db::sqlite(&Path::new(folder).join("crossdock.db"), Options::default()).unwrap();
    let handler = move || {
        let db = db.clone();
        async move {
            let unit = |tx: &mut store::Tx<'_>| {
                let key = store::keys::current(tx, UserId::new(1001).unwrap())?;
                store::audit::insert(tx, &record())?;
                Ok::<_, Error>(key.map(|key| key.hint))
            };
            let data = db.write(unit).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
            Ok::<_, StatusCode>(Json(Envelope { success: true, data }))
        }
    };
    Router::new().route("/v2/users/key/1001", get(handler))
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, what, port, place] = arguments.as_slice() else { panic!("bare me|reveal PORT PLACE") };
    let router = match what.as_str() {
        "me" => me(place.clone()),
        _ => reveal(place),
    };
    let threads = std::thread::available_parallelism().unwrap().get();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build().unwrap();
    runtime.block_on(async move {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", port.parse().unwrap())).await.unwrap();
        axum::serve(listener, router).await.unwrap();
    });
}
