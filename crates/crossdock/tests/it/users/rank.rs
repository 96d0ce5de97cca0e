//! `contract/rank.csv`: whom one may touch, and what one may grant (proofs A4).

use crate::{
    contract::file,
    support::{PASSWORD, User, World, on_both},
};
use model::AuthLevel;
use serde_json::json;

async fn send(w: &World, operation: &str, caller: &User, level: AuthLevel) -> u16 {
    let (network, mailbox) = (caller.network, caller.mailbox);
    let target = match operation {
        "createUser.authLevel" => 0,
        "setRole.authLevel" => w.user(AuthLevel::General, network, mailbox).await.id,
        _ => w.user(level, network, mailbox).await.id,
    };
    let call = match operation {
        "createUser.authLevel" => {
            let login = format!("rank{}", w.number());
            let email = "rank@example.com";
            let level = level.as_str();
            w.post("/v2/users").json(json!({"login": login, "password": PASSWORD, "email": email, "authLevel": level}))
        }
        "setRole.authLevel" => w.post("/v2/users/role").json(json!({"userId": target, "authLevel": level.as_str()})),
        "setRole.userId" => w.post("/v2/users/role").json(json!({"userId": target, "authLevel": "General"})),
        "updateUser.userId" => w.put("/v2/users").json(json!({"userId": target, "firstName": "Changed"})),
        "terminateUser.id" => w.delete(format!("/v2/users/{target}")),
        "generateApiKey.id" => w.post(format!("/v2/users/key-generate/{target}")),
        "getApiKey.id" => w.get(format!("/v2/users/key/{target}")),
        other => panic!("{other}"),
    };
    let before = if target == 0 { None } else { Some(state(w, target).await) };
    let answer = call.key(&caller.key).await;
    if answer.status != 200 {
        answer.refused(403, "AccessDenied");
        if let Some(before) = before {
            assert_eq!(state(w, target).await, before, "{operation} was refused and done nevertheless");
        }
        return 403;
    }
    200
}

/// Everything about a user, and its key.
async fn state(w: &World, user: i64) -> (serde_json::Value, String) {
    let record = w.get(format!("/v2/users/{user}")).key(&w.root).await.ok();
    (record, w.reveal(user).await)
}

#[test]
fn nobody_touches_or_grants_what_is_above() {
    on_both(async |w| {
        let t = w.tenants().await;
        let (mut cells, mut wrong) = (0, Vec::new());
        for line in file("rank.csv").lines().filter(|line| !line.starts_with('#')).skip(1) {
            let fields: Vec<&str> = line.split(',').collect();
            let [operation, caller, statuses @ ..] = fields.as_slice() else { panic!("{line}") };
            assert_eq!(statuses.len(), AuthLevel::LADDER.len(), "{line}");
            let caller = w.user(caller.parse().unwrap(), t.a, t.a1).await;
            for (level, expected) in AuthLevel::LADDER.into_iter().zip(statuses) {
                let status = send(w, operation, &caller, level).await;
                cells += 1;
                if status.to_string() != **expected {
                    wrong.push(format!("{operation} by {} on {level}: {status}, not {expected}", caller.level));
                }
            }
        }
        eprintln!("rank: {cells} cells on {:?}, {} deviations", w.engine, wrong.len());
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert_eq!(cells, 33 * 9);
    });
}

#[test]
fn a_level_in_odd_dress_is_still_that_level() {
    on_both(async |w| {
        let t = w.tenants().await;
        let admin = w.user(AuthLevel::NetworkAdmin, t.a, t.a1).await;
        let user = w.user(AuthLevel::General, t.a, t.a1).await;
        for root in
            [json!("root"), json!("ROOT"), json!(" Root "), json!(1), json!("1"), json!("TECHOPS"), json!(2), json!(3)]
        {
            let body = json!({"userId": user.id, "authLevel": root});
            w.post("/v2/users/role").key(&admin.key).json(body).await.refused(403, "AccessDenied");
            let login = format!("odd{}", w.number());
            let body = json!({"login": login, "password": PASSWORD, "email": "a@b", "authLevel": root});
            w.post("/v2/users").key(&admin.key).json(body).await.refused(403, "AccessDenied");
        }
        for none in [json!("Superuser"), json!(10), json!(-1), json!(true), json!([]), json!("")] {
            let body = json!({"userId": user.id, "authLevel": none});
            w.post("/v2/users/role").key(&admin.key).json(body).await.wrong("authLevel");
        }
        let now = w.get(format!("/v2/users/{}", user.id)).key(&w.root).await.ok();
        assert_eq!(now["authLevel"], "General");
    });
}

#[test]
fn nobody_raises_suspends_or_ends_oneself() {
    on_both(async |w| {
        let t = w.tenants().await;
        for level in AuthLevel::LADDER {
            let user = w.user(level, t.a, t.a1).await;
            let runs = matches!(level.rank(), 3 | 5..=8);
            for to in ["Root", "General", "NoChange"] {
                let body = json!({"userId": user.id, "authLevel": to});
                let answer = w.post("/v2/users/role").key(&user.key).json(body).await;
                assert_eq!(answer.status, if runs { 400 } else { 403 }, "{level} to {to}");
            }
            let ended = w.delete(format!("/v2/users/{}", user.id)).key(&user.key).await;
            assert_eq!(ended.status, if runs { 400 } else { 403 }, "{level}");
            let body = json!({"userId": user.id, "status": "Suspended"});
            w.put("/v2/users").key(&user.key).json(body).await.wrong("status");
            let me = w.get("/v2/users/me").key(&user.key).await.ok();
            assert_eq!((me["authLevel"].as_str(), me["status"].as_str()), (Some(level.as_str()), Some("Active")));
        }
    });
}
