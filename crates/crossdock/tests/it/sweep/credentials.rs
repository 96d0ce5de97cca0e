//! Every operation, kind of credential and state of account, for a level that may and a target in reach.

use super::{
    deviates,
    scene::{Scene, With},
    table::{self, Distance},
};
use crate::support::{User, World, on_both};
use model::{AuthLevel, KeyKind};
use std::collections::BTreeSet;

const EVERY: &str = "auth:read auth:write ids:read ids:write keys:read keys:write mailboxes:read mailboxes:write networks:read \
     networks:write parcels:read parcels:write partners:read partners:write users:read users:write keys:reveal";
const READER: &str = "auth:read ids:read keys:read mailboxes:read networks:read parcels:read partners:read users:read";
const ELSEWHERE: &str = "reports:read reports:write portals:read portals:write status-lists:read";

const KINDS: [&str; 16] = [
    "primary",
    "private",
    "private-reveal",
    "reveal-only",
    "private-elsewhere",
    "private-reader",
    "shared",
    "public",
    "session-key",
    "session-bearer",
    "key-token",
    "password-token",
    "none",
    "bad-key",
    "unknown-key",
    "bad-bearer",
];

/// A state, and what brings an account into it: a statement with the user's, the mailbox's or the network's id.
type State = (&'static str, &'static str, fn(&User) -> i64);

const STATES: [State; 7] = [
    ("active", "UPDATE users SET status = 'Active' WHERE user_id = $1", |u| u.id),
    ("user-suspended", "UPDATE users SET status = 'Suspended' WHERE user_id = $1", |u| u.id),
    ("user-terminated", "UPDATE users SET status = 'Terminated' WHERE user_id = $1", |u| u.id),
    ("mailbox-suspended", "UPDATE mailboxes SET status = 'Suspended' WHERE mailbox_id = $1", |u| u.mailbox),
    ("mailbox-terminated", "UPDATE mailboxes SET status = 'Terminated' WHERE mailbox_id = $1", |u| u.mailbox),
    ("network-suspended", "UPDATE networks SET status = 'Suspended' WHERE network_id = $1", |u| u.network),
    ("network-terminated", "UPDATE networks SET status = 'Terminated' WHERE network_id = $1", |u| u.network),
];

/// A credential of a kind.
async fn credential(w: &World, user: &User, kind: &str) -> With {
    let secondary = async |kind, scopes| With::Key(w.secondary(user, kind, scopes).await);
    match kind {
        "primary" => With::Key(user.key.clone()),
        "private" => secondary(KeyKind::Private, None).await,
        "private-reveal" => secondary(KeyKind::Private, Some(EVERY)).await,
        "reveal-only" => secondary(KeyKind::Private, Some("keys:reveal")).await,
        "private-elsewhere" => secondary(KeyKind::Private, Some(ELSEWHERE)).await,
        "private-reader" => secondary(KeyKind::Private, Some(READER)).await,
        "shared" => secondary(KeyKind::Shared, None).await,
        "public" => secondary(KeyKind::Public, None).await,
        "session-key" => With::Key(w.key_session(&user.key).await.1),
        "session-bearer" => With::Bearer(w.key_session(&user.key).await.1),
        "key-token" => With::Bearer(w.key_session(&user.key).await.0),
        "password-token" => With::Bearer(w.token(user).await),
        "none" => With::Nothing,
        "bad-key" => With::Key("not-a-key".into()),
        "unknown-key" => With::Key("0190163d-8694-439b-aea5-966c26f8ad91".into()),
        "bad-bearer" => With::Bearer("eyJhbGciOiJFZERTQSJ9.e30.AAAA".into()),
        other => panic!("{other}"),
    }
}

#[test]
fn every_cell_of_the_credential_table_is_as_it_says() {
    on_both(async |w| {
        let scene = Scene::set(w).await;
        let (rules, access) = (table::credentials(), table::access());
        let [operations, kinds, states] = table::words(&rules);
        let present: BTreeSet<&str> = api::catalogue().iter().map(|entry| entry.spec.name).collect();
        assert!(operations.iter().all(|o| present.contains(o)), "{operations:?}");
        assert!(kinds.iter().all(|k| KINDS.contains(k)), "{kinds:?}");
        assert!(states.iter().all(|s| STATES.iter().any(|(state, ..)| state == s)), "{states:?}");

        let mut accounts = Vec::new();
        for (state, change, of) in STATES {
            let network = w.network().await;
            let user = w.user(AuthLevel::NetOps, network, w.mailbox(network).await).await;
            let mut credentials = Vec::new();
            for kind in KINDS {
                // A logout ends what it is made with: it gets one of its own.
                credentials.push((kind, credential(w, &user, kind).await, credential(w, &user, kind).await));
            }
            w.sql(change, &[of(&user)]).await;
            accounts.push((state, credentials));
        }

        let subject = scene.caller(AuthLevel::NetOps);
        let (mut cells, mut deviations, mut answers) = (0, Vec::new(), BTreeSet::new());
        for operation in present {
            let row = access.iter().find(|row| row.operation == operation && row.level == AuthLevel::NetOps).unwrap();
            let distance = [Distance::Other, Distance::Own].into_iter().find(|d| row.cells[*d as usize] == Some(200));
            let distance = distance.unwrap_or_else(|| panic!("{operation} has no target for the sweep"));
            for (state, credentials) in &accounts {
                for (kind, with, for_logout) in credentials {
                    let expected = table::expected(&rules, operation, kind, state);
                    let with = if operation == "logout" { for_logout } else { with };
                    let ask = scene.ask(&row.row, subject, distance).await.unwrap();
                    let answer = ask.send(w, with).await;
                    cells += 1;
                    answers.insert(answer.status);
                    let name = format!("{operation} with {kind}, {state}");
                    deviations.extend(deviates(&name, expected, &answer));
                    if answer.status == 401 {
                        // A bearer that fails is a session that is over; anything else is a key that is not there (A7).
                        let code = if matches!(with, With::Bearer(_)) { "InvalidSession" } else { "InvalidAPIKey" };
                        if answer.code() != code {
                            deviations.push(format!("{name}: {} and not {code}", answer.code()));
                        }
                    }
                }
            }
        }
        eprintln!("credentials: {cells} cells on {:?}, {} deviations", w.engine, deviations.len());
        assert!(deviations.is_empty(), "{}", deviations.join("\n"));
        assert_eq!(cells, api::catalogue().len() * KINDS.len() * STATES.len());
        assert_eq!(answers.into_iter().collect::<Vec<_>>(), [200, 401, 403]);
    });
}
