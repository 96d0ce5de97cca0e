//! A store without its master key is worth nothing, and a store without its key does not start.

use super::{SECRET_WORD, Secrets};
use crate::support::{DAWN, Plan, World, on_both};
use hub::{Begin, Clock, Hub, StartError};
use model::AuthLevel::*;
use serde_json::json;
use std::path::Path;
use store::Engine;

/// The forms in which a text could lie in a file.
fn forms(secret: &str) -> Vec<Vec<u8>> {
    let bare = secret.replace('-', "");
    let mut forms = vec![secret.as_bytes().to_vec(), secret.to_uppercase().into_bytes(), bare.clone().into_bytes()];
    if bare.len() == 32 {
        let digits = |at: usize| u8::from_str_radix(&bare[at..at + 2], 16);
        forms.extend((0..32).step_by(2).map(digits).collect::<Result<Vec<u8>, _>>());
    }
    forms
}

fn hex(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().flat_map(|b| format!("{b:02x}").into_bytes()).collect()
}

/// Every file of a folder, but those that are the keys themselves.
fn files(folder: &Path, into: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            files(&path, into);
        } else if name != "master-key" {
            into.push((name, std::fs::read(&path).unwrap()));
        }
    }
}

/// All that a thief of the store has: its files on SQLite; on PostgreSQL every row of every table that knows of secrets.
async fn loot(w: &World) -> Vec<(String, Vec<u8>)> {
    const TABLES: [&str; 9] = [
        "SELECT CAST(t AS TEXT) FROM keys t",
        "SELECT CAST(t AS TEXT) FROM sessions t",
        "SELECT CAST(t AS TEXT) FROM refreshes t",
        "SELECT CAST(t AS TEXT) FROM users t",
        "SELECT CAST(t AS TEXT) FROM secrets t",
        "SELECT CAST(t AS TEXT) FROM data_keys t",
        "SELECT CAST(t AS TEXT) FROM audit t",
        "SELECT CAST(t AS TEXT) FROM networks t",
        "SELECT CAST(t AS TEXT) FROM leases t",
    ];
    let mut all = Vec::new();
    files(w.folder(), &mut all);
    match w.engine {
        Engine::Sqlite => files(w.database().unwrap(), &mut all),
        Engine::Postgres => {
            for sql in TABLES {
                let rows: Vec<String> = w.db().scan(move |tx| tx.rows(sql, &[])).await.unwrap();
                assert!(!rows.is_empty(), "{sql}");
                all.push((sql.to_owned(), rows.join("\n").into_bytes()));
            }
        }
    }
    all
}

#[test]
fn no_secret_lies_in_the_store() {
    on_both(async |w| {
        let t = w.tenants().await;
        let user = w.user_with(NetworkAdmin, t.a, t.a1, json!({"password": SECRET_WORD})).await;
        let mut secrets = Secrets::of(w, user).await.all;
        // Root's first key lies in a file until it is replaced.
        assert!(w.folder().join("root-api-key").exists());
        let me = w.get("/v2/users/me").key(&w.root).await.ok()["userId"].as_i64().unwrap();
        let new = w.post(format!("/v2/users/key-generate/{me}")).key(&w.root).await.ok();
        assert!(!w.folder().join("root-api-key").exists(), "the file has done its work");
        secrets.push(("root's first key", w.root.clone()));
        secrets.push(("root's key", new.as_str().unwrap().to_owned()));
        let loot = loot(w).await;
        let holds = |content: &[u8], needle: &[u8]| content.windows(needle.len()).any(|window| window == needle);
        // The search finds what is there: the login, which is no secret.
        assert!(loot.iter().any(|(_, content)| holds(content, b"user")), "{:?}", loot.len());
        for (what, secret) in &secrets {
            for form in forms(secret) {
                for (file, content) in &loot {
                    assert!(!holds(content, &form) && !holds(content, &hex(&form)), "{what} lies in {file}");
                }
            }
        }
    });
}

#[test]
fn a_ciphertext_in_another_row_does_not_open_not_even_with_its_number() {
    on_both(async |w| {
        let t = w.tenants().await;
        let admin = w.user(NetworkAdmin, t.a, 0).await;
        let (one, two) = (w.user(MailboxUser, t.a, t.a1).await, w.user(MailboxUser, t.b, t.b1).await);
        let three = w.user(MailboxUser, t.a, t.a1).await;
        const SWAP: &str = "UPDATE keys SET sealed = (SELECT sealed FROM keys k WHERE k.user_id = $2),
            uuid = (SELECT uuid FROM keys k WHERE k.user_id = $2) WHERE user_id = $1";
        for victim in [&two, &three] {
            w.sql(SWAP, &[one.id, victim.id]).await;
            let answer = w.get(format!("/v2/users/key/{}", one.id)).key(&admin.key).await;
            let answer = answer.refused(500, "InternalError");
            assert!(!answer.text.contains(&victim.key));
            // Nor does it move with its user into the victim's network.
            let to = json!({"userId": one.id, "authLevel": "NoChange", "networkId": t.b, "mailboxId": t.b1});
            w.post("/v2/users/role").key(&w.root).json(to).await.refused(500, "InternalError");
        }
    });
}

#[test]
fn a_row_that_was_given_to_another_user_shows_nobody_that_key() {
    on_both(async |w| {
        let t = w.tenants().await;
        let thief = w.user(NetworkAdmin, t.a, 0).await;
        let victim = w.user(NetworkAdmin, t.a, 0).await;
        w.sql("DELETE FROM keys WHERE user_id = $1", &[thief.id]).await;
        w.sql("UPDATE keys SET user_id = $1 WHERE user_id = $2", &[thief.id, victim.id]).await;
        let answer = w.get(format!("/v2/users/key/{}", thief.id)).key(&w.root).await;
        assert!(!answer.text.contains(&victim.key));
        answer.refused(500, "InternalError");
    });
}

#[test]
fn without_its_master_key_or_with_another_a_store_does_not_start_and_no_new_key_is_made() {
    on_both(async |w| {
        let begin = async |folder: &Path| {
            let begin = Begin {
                db: w.db().clone(),
                folder: folder.to_owned(),
                content: Some(w.folder().join("content")),
                master_key: None,
                settings: Plan::default().settings,
                table: None,
                clock: Clock::Set((DAWN + 3_600_000).into()),
            };
            Hub::begin(begin).await
        };
        let elsewhere = tempfile::tempdir().unwrap();
        let refused = begin(elsewhere.path()).await.err().unwrap();
        assert!(matches!(refused, StartError::NoMasterKey(_)), "{refused}");
        assert!(refused.to_string().contains("--master-key"), "it names the remedy");
        assert!(!elsewhere.path().join("master-key").exists());
        std::fs::write(elsewhere.path().join("master-key"), "ab".repeat(32)).unwrap();
        let refused = begin(elsewhere.path()).await.err().unwrap();
        assert!(matches!(refused, StartError::WrongMasterKey(_)), "{refused}");
        std::fs::write(elsewhere.path().join("master-key"), "no key").unwrap();
        let refused = begin(elsewhere.path()).await.err().unwrap();
        assert!(matches!(refused, StartError::BadMasterKey(_)), "{refused}");
        std::fs::copy(w.folder().join("master-key"), elsewhere.path().join("master-key")).unwrap();
        assert!(begin(elsewhere.path()).await.is_ok());
    });
}
