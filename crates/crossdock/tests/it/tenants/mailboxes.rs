//! `/v2/mailboxes`

use crate::support::{User, World, int, on_both};
use model::AuthLevel::*;
use serde_json::{Value, json};

async fn ids(w: &World, caller: &User, body: Value) -> Vec<i64> {
    let list = w.post("/v2/mailboxes/list").key(&caller.key).json(body).await.ok();
    assert_eq!(int(&list, "totalRecords"), list["mailboxes"].as_array().unwrap().len() as i64);
    list["mailboxes"].as_array().unwrap().iter().map(|m| int(m, "mailboxId")).collect()
}

#[test]
fn a_short_name_is_unique_in_its_network_in_any_letter_case() {
    on_both(async |w| {
        let t = w.tenants().await;
        let admin = w.user(NetworkAdmin, t.a, 0).await;
        let new = |name: &str, network: i64| {
            let body = json!({"networkId": network, "uniqueId": name, "companyName": "Acme"});
            w.post("/v2/mailboxes/create").json(body)
        };
        let made = new("BOX-1", t.a).key(&admin.key).await.ok();
        assert_eq!((int(&made, "networkId"), made["uniqueId"].as_str()), (t.a, Some("BOX-1")));
        let read = w.get(format!("/v2/mailboxes/{}", int(&made, "mailboxId"))).key(&admin.key).await.ok();
        assert_eq!(read, made);
        let answer = new("box-1", t.a).key(&admin.key).await.refused(400, "DuplicateObject");
        assert_eq!(answer.param(), "uniqueId");
        new("BOX-1", t.b).key(&w.root).await.ok();
        w.sql("UPDATE networks SET status = 'Terminated' WHERE network_id = $1", &[t.b]).await;
        let ended = new("BOX-2", t.b).key(&w.root).await.refused(404, "ObjectNotFound");
        let missing = new("BOX-2", 2_000_000_000).key(&w.root).await.refused(404, "ObjectNotFound");
        assert_eq!(ended.faceless(), missing.faceless());
        let body = json!({"networkId": t.a, "uniqueId": "BOX-3", "companyName": "Acme"});
        w.post("/v2/mailboxes").key(&admin.key).json(body).await.ok();
    });
}

#[test]
fn a_list_shows_what_is_in_reach() {
    on_both(async |w| {
        let t = w.tenants().await;
        for (level, mailbox, expected) in [
            (TpUser, t.a1, vec![]),
            (MailboxUser, t.a1, vec![t.a1]),
            (MailboxAdmin, t.a2, vec![t.a2]),
            (NetworkUser, 0, vec![t.a1, t.a2]),
            (NetworkAdmin, t.a1, vec![t.a1, t.a2]),
        ] {
            let caller = w.user(level, t.a, mailbox).await;
            assert_eq!(ids(w, &caller, json!({})).await, expected, "{level}");
            assert_eq!(ids(w, &caller, json!({"networkId": t.a})).await, expected, "{level}");
            let mut seen = Vec::new();
            for network in [t.b, 2_000_000_000] {
                let answer = w.post("/v2/mailboxes/list").key(&caller.key).json(json!({"networkId": network})).await;
                seen.push(answer.refused(404, "ObjectNotFound").faceless());
            }
            assert_eq!(seen[0], seen[1]);
        }
        let ops = w.user(NetOps, t.a, 0).await;
        assert_eq!(ids(w, &ops, json!({"networkId": t.b})).await, [t.b1]);
        w.sql("UPDATE mailboxes SET status = 'Terminated' WHERE mailbox_id = $1", &[t.a2]).await;
        assert_eq!(ids(w, &ops, json!({"networkId": t.a})).await, [t.a1]);
        assert_eq!(ids(w, &ops, json!({"networkId": t.a, "status": "Terminated"})).await, [t.a2]);
        let shown = w.get(format!("/v2/mailboxes/{}", t.a2)).key(&ops.key).await.ok();
        assert_eq!(shown["status"], "Terminated");
    });
}

#[test]
fn a_wrong_field_is_named() {
    on_both(async |w| {
        let t = w.tenants().await;
        let admin = w.user(NetworkAdmin, t.a, 0).await;
        for (body, param) in [
            (json!({"uniqueId": "A", "companyName": "A"}), "networkId"),
            (json!({"networkId": 0, "uniqueId": "A", "companyName": "A"}), "networkId"),
            (json!({"networkId": t.a, "companyName": "A"}), "uniqueId"),
            (json!({"networkId": t.a, "uniqueId": "A B", "companyName": "A"}), "uniqueId"),
            (json!({"networkId": t.a, "uniqueId": "A"}), "companyName"),
        ] {
            w.post("/v2/mailboxes/create").key(&admin.key).json(body).await.wrong(param);
        }
        for (body, param) in [
            (json!({"recordsPerPage": 501}), "recordsPerPage"),
            (json!({"pageNo": -1}), "pageNo"),
            (json!({"networkId": -1}), "networkId"),
            (json!({"status": "x"}), "status"),
        ] {
            w.post("/v2/mailboxes/list").key(&admin.key).json(body).await.wrong(param);
        }
        w.get("/v2/mailboxes/0").key(&admin.key).await.wrong("id");
        w.post("/v2/mailboxes/list").await.refused(401, "InvalidAPIKey");
    });
}
