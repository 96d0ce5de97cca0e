//! Revocation race (ruling 3): a request whose headers arrive after the answer that revoked its key left is never accepted.

use crate::{
    http::Client,
    server::{Company, Home, Server},
    size,
};
use std::{
    net::SocketAddr,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
};

const CLIENTS: usize = 64;

/// The keys made so far, and how many of them are known to be dead: the answer that replaced them has arrived.
struct Keys {
    made: Mutex<Vec<String>>,
    dead: AtomicUsize,
    end: AtomicBool,
}

#[derive(Default)]
struct Count {
    asked: AtomicUsize,
    accepted: AtomicUsize,
    later: AtomicUsize,
    late_accepted: AtomicUsize,
}

/// Uses the newest key, or one that died a moment ago, as fast as it can.
fn hammer(address: SocketAddr, keys: &Keys, count: &Count, nth: usize) {
    let mut client = Client::new(address);
    while !keys.end.load(SeqCst) {
        // Known to be dead before the request is written: the server sees it later than the revoking answer left.
        let dead = keys.dead.load(SeqCst);
        let (at, key) = {
            let made = keys.made.lock().unwrap();
            let newest = made.len() - 1;
            let at = if nth.is_multiple_of(2) { newest } else { newest.saturating_sub(1) };
            (at, made[at].clone())
        };
        let status = client.send("GET", "/v2/users/me", &key, "").unwrap().status;
        assert!(status == 200 || status == 401, "{status}");
        count.asked.fetch_add(1, SeqCst);
        count.accepted.fetch_add(usize::from(status == 200), SeqCst);
        if at < dead {
            count.later.fetch_add(1, SeqCst);
            count.late_accepted.fetch_add(usize::from(status == 200), SeqCst);
        }
    }
}

fn race(regenerate_at: SocketAddr, use_at: &[SocketAddr], root: &str, rounds: usize) {
    let mut client = Client::new(regenerate_at);
    let company = Company::create(&mut client, root, "RACER");
    let keys = Keys {
        made: Mutex::new(vec![company.admin_key.clone()]),
        dead: AtomicUsize::new(0),
        end: AtomicBool::new(false),
    };
    let count = Count::default();
    std::thread::scope(|scope| {
        for nth in 0..CLIENTS {
            let (keys, count, address) = (&keys, &count, use_at[nth % use_at.len()]);
            scope.spawn(move || hammer(address, keys, count, nth / use_at.len()));
        }
        let path = format!("/v2/users/key-generate/{}", company.admin);
        for round in 0..rounds {
            let answer = client.send("POST", &path, root, "").unwrap();
            assert_eq!(answer.status, 200, "{}", answer.json);
            let key = answer.data().as_str().unwrap().to_owned();
            keys.made.lock().unwrap().push(key);
            keys.dead.store(round + 1, SeqCst);
        }
        keys.end.store(true, SeqCst);
    });
    let (asked, accepted) = (count.asked.load(SeqCst), count.accepted.load(SeqCst));
    let (later, late) = (count.later.load(SeqCst), count.late_accepted.load(SeqCst));
    println!(
        "{rounds} regenerations, {CLIENTS} clients on {} servers: {asked} requests, {accepted} accepted; {later} with a key known to be dead, {late} of them accepted",
        use_at.len()
    );
    assert_eq!(late, 0, "a revoked key was accepted");
    assert!(accepted > 0 && later > 0, "the race did not race");
}

#[test]
fn a_revoked_key_is_never_accepted_later() {
    let home = Home::new();
    let server = Server::start(&home.folder(), &[]);
    race(server.address, &[server.address], &home.root_key(), size("CROSSDOCK_ROUNDS", 300));
}

#[test]
fn a_revoked_key_is_never_accepted_later_by_another_server_on_the_same_postgresql() {
    let Some((_, guard)) = store::testing::fresh(store::Engine::Postgres) else { return };
    let url = guard.address().unwrap();
    let home = Home::new();
    let one = Server::start(&home.folder(), &["--database-url", &url]);
    std::fs::create_dir_all(home.second_folder()).unwrap();
    std::fs::copy(home.folder().join("master-key"), home.second_folder().join("master-key")).unwrap();
    let content = home.folder().join("content").display().to_string();
    let two = Server::start(&home.second_folder(), &["--database-url", &url, "--content", &content]);
    race(one.address, &[one.address, two.address], &home.root_key(), size("CROSSDOCK_ROUNDS", 300));
}
