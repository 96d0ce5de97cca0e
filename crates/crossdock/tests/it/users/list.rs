//! `POST /v2/users/list` and `GET /v2/users/{id}`

use crate::support::{User, World, int, on_both};
use model::AuthLevel::*;
use serde_json::{Value, json};

async fn ids(w: &World, caller: &User, body: Value) -> Vec<i64> {
    let list = w.post("/v2/users/list").key(&caller.key).json(body).await.ok();
    list.as_array().unwrap().iter().map(|user| int(user, "userId")).collect()
}

#[test]
fn everybody_sees_as_far_as_their_level_reaches() {
    on_both(async |w| {
        let t = w.tenants().await;
        let near = w.user(General, t.a, t.a1).await;
        let beside = w.user(General, t.a, t.a2).await;
        let far = w.user(General, t.b, t.b1).await;
        for (level, sees) in [
            (General, [false, false, false]),
            (MailboxUser, [false, false, false]),
            (MailboxAdmin, [true, false, false]),
            (NetworkUser, [true, true, false]),
            (NetworkAdmin, [true, true, false]),
            (NetOps, [true, true, true]),
        ] {
            let caller = w.user(level, t.a, t.a1).await;
            let seen = ids(w, &caller, json!({"recordsPerPage": 1000})).await;
            assert!(seen.contains(&caller.id), "{level} sees itself");
            assert_eq!([&near, &beside, &far].map(|user| seen.contains(&user.id)), sees, "{level}");
            assert!(seen.is_sorted());
        }
    });
}

#[test]
fn filters_narrow_and_never_widen() {
    on_both(async |w| {
        let t = w.tenants().await;
        let admin = w.user(NetworkAdmin, t.a, 0).await;
        let one = w.user(MailboxUser, t.a, t.a1).await;
        let two = w.user(MailboxAdmin, t.a, t.a2).await;
        assert_eq!(ids(w, &admin, json!({"mailboxId": t.a1})).await, [one.id]);
        assert_eq!(ids(w, &admin, json!({"authLevel": "MailboxAdmin"})).await, [two.id]);
        assert_eq!(ids(w, &admin, json!({"authLevel": "NoChange"})).await.len(), 3);
        assert_eq!(ids(w, &admin, json!({"networkId": 0, "mailboxId": 0})).await.len(), 3);
        w.put("/v2/users").key(&admin.key).json(json!({"userId": one.id, "status": "Suspended"})).await.ok();
        w.delete(format!("/v2/users/{}", two.id)).key(&admin.key).await.ok();
        assert_eq!(ids(w, &admin, json!({})).await, [admin.id, one.id], "terminated users are hidden");
        assert_eq!(ids(w, &admin, json!({"status": "Terminated"})).await, [two.id]);
        assert_eq!(ids(w, &admin, json!({"status": "Suspended"})).await, [one.id]);
    });
}

/// A filter that names what is out of reach is an error; a pair of own and foreign ids is one too (decision B3).
#[test]
fn no_filter_tells_what_is_elsewhere() {
    on_both(async |w| {
        let t = w.tenants().await;
        for level in [MailboxUser, MailboxAdmin, NetworkUser, NetworkAdmin] {
            let caller = w.user(level, t.a, t.a1).await;
            let mut seen = Vec::new();
            for filter in [
                json!({"networkId": t.b}),
                json!({"networkId": 2_000_000_000}),
                json!({"mailboxId": t.b1}),
                json!({"mailboxId": 2_000_000_000}),
                json!({"networkId": t.b, "mailboxId": t.b1}),
                json!({"networkId": t.a, "mailboxId": t.b1}),
                json!({"networkId": t.a, "mailboxId": 2_000_000_000}),
                json!({"networkId": t.b, "mailboxId": t.a1}),
                json!({"networkId": 2_000_000_000, "mailboxId": t.a1}),
            ] {
                let answer = w.post("/v2/users/list").key(&caller.key).json(filter).await;
                seen.push(answer.refused(404, "ObjectNotFound").faceless());
            }
            seen.dedup();
            assert_eq!(seen.len(), 1, "{level}: {seen:?}");
        }
    });
}

#[test]
fn pages_are_counted_and_bounded() {
    on_both(async |w| {
        let t = w.tenants().await;
        let admin = w.user(NetworkAdmin, t.a, 0).await;
        for _ in 0..6 {
            w.user(General, t.a, t.a1).await;
        }
        let all = ids(w, &admin, json!({})).await;
        for (page, expected) in [(1, &all[0..3]), (2, &all[3..6]), (3, &all[6..]), (4, &all[7..])] {
            let body = json!({"pageNo": page, "recordsPerPage": 3});
            let answer = w.post("/v2/users/list").key(&admin.key).json(body).await;
            assert_eq!(answer.header("x-total-count"), Some("7"));
            assert_eq!((int(&answer.json, "totalRecords"), int(&answer.json, "pageNo")), (7, page));
            assert_eq!(int(&answer.json, "recordsPerPage"), 3);
            let seen: Vec<i64> = answer.ok().as_array().unwrap().iter().map(|u| int(u, "userId")).collect();
            assert_eq!(seen, expected);
        }
        for other in [json!({"PageNumber": 2, "PageSize": 3}), json!({"pageIndex": 1, "pageSize": "3"})] {
            assert_eq!(ids(w, &admin, other).await, all[3..6]);
        }
        let by_get = w.get("/v2/users?pageNo=2&recordsPerPage=3").key(&admin.key).await.ok();
        assert_eq!(int(&by_get[0], "userId"), all[3]);
        for (wrong, param) in [
            (json!({"pageNo": -1}), "pageNo"),
            (json!({"recordsPerPage": 1001}), "recordsPerPage"),
            (json!({"recordsPerPage": -1}), "recordsPerPage"),
            (json!({"pageNo": 1.5}), "pageNo"),
            (json!({"pageNo": 100_000}), "pageNo"),
            (json!({"pageNo": 1, "pageIndex": 1}), "pageNo"),
            (json!({"status": "Gone"}), "status"),
        ] {
            w.post("/v2/users/list").key(&admin.key).json(wrong).await.wrong(param);
        }
        assert_eq!(ids(w, &admin, json!({"pageNo": 0, "recordsPerPage": 0})).await, all);
    });
}

#[test]
fn a_user_is_shown_to_its_administrators_even_when_terminated() {
    on_both(async |w| {
        let t = w.tenants().await;
        let admin = w.user(NetworkAdmin, t.a, 0).await;
        let user = w.user(MailboxUser, t.a, t.a1).await;
        let path = format!("/v2/users/{}", user.id);
        w.delete(&path).key(&admin.key).await.ok();
        assert_eq!(w.get(&path).key(&admin.key).await.ok()["status"], "Terminated");
        w.get("/v2/users/x").key(&admin.key).await.wrong("id");
        w.get(&path).await.refused(401, "InvalidAPIKey");
    });
}
