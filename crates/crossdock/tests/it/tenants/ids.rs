//! `/v2/ids`

use crate::support::{int, on_both};
use model::AuthLevel::*;
use serde_json::json;

#[test]
fn an_address_is_registered_once_in_its_standard_on_the_hub_and_whose_it_is_is_not_said() {
    on_both(async |w| {
        let t = w.tenants().await;
        let (one, two) = (w.user(MailboxAdmin, t.a, t.a1).await, w.user(MailboxAdmin, t.b, t.b1).await);
        let body =
            |mailbox: i64, id: &str| json!({"mailboxId": mailbox, "qualifier": "ZZ", "id": id, "description": "Acme"});
        let made = w.post("/v2/ids").key(&one.key).json(body(t.a1, "AcmeCorp")).await.ok();
        assert_eq!((int(&made, "mailboxId"), int(&made, "networkId")), (t.a1, t.a));
        assert_eq!((made["qualifier"].as_str(), made["id"].as_str()), (Some("ZZ"), Some("AcmeCorp")));
        assert_eq!((made["ediStandard"].as_str(), made["routingGroup"].as_str()), (Some("X12"), Some("ProductionA")));
        let mut seen = Vec::new();
        for (user, mailbox) in [(&one, t.a1), (&two, t.b1)] {
            let answer = w.post("/v2/ids").key(&user.key).json(body(mailbox, "ACMECORP")).await;
            seen.push(answer.refused(400, "DuplicateObject").faceless());
        }
        assert_eq!(seen[0], seen[1], "own and foreign duplicates read the same");
        assert!(!seen[0].contains("Acme"), "{}", seen[0]);
        // Another standard or qualifier is another address.
        let mut other = body(t.b1, "AcmeCorp");
        other["ediStandard"] = json!("EDIFACT");
        w.post("/v2/ids").key(&two.key).json(other.clone()).await.ok();
        other["ediStandard"] = json!("TRADACOMS");
        other["ediStandards"] = json!(["VDA", "X12"]);
        w.post("/v2/ids").key(&two.key).json(other).await.refused(400, "DuplicateObject");
        assert_eq!(w.count("SELECT count(*) FROM trading_ids", &[]).await, 2, "a half-made id is not left");
        let mut other = body(t.b1, "AcmeCorp");
        other["qualifier"] = json!("01");
        w.post("/v2/ids").key(&two.key).json(other).await.ok();
    });
}

#[test]
fn two_that_claim_an_address_at_once_do_not_both_get_it() {
    on_both(async |w| {
        let t = w.tenants().await;
        let (one, two) = (w.user(MailboxAdmin, t.a, t.a1).await, w.user(MailboxAdmin, t.b, t.b1).await);
        for n in 0..5 {
            let ask = |mailbox: i64, key: &str| {
                let body = json!({"mailboxId": mailbox, "qualifier": "ZZ", "id": format!("RACE{n}")});
                w.post("/v2/ids").key(key).json(body)
            };
            let (a, b) = tokio::join!(ask(t.a1, &one.key), ask(t.b1, &two.key));
            let mut statuses = [a.status, b.status];
            statuses.sort();
            assert_eq!(statuses, [200, 400]);
        }
    });
}

#[test]
fn the_directory_shows_an_address_to_all_and_its_mailbox_to_those_in_reach() {
    on_both(async |w| {
        let t = w.tenants().await;
        let id = w.trading_id_with(t.a1, "ZZ:ACME", json!({"description": "Acme"})).await;
        for (level, network, mailbox, sees) in [
            (MailboxUser, t.a, t.a1, true),
            (MailboxUser, t.a, t.a2, false),
            (NetworkUser, t.a, 0, true),
            (NetworkAdmin, t.b, 0, false),
            (NetOps, t.b, 0, true),
        ] {
            let caller = w.user(level, network, mailbox).await;
            let found =
                w.post("/v2/ids/find").key(&caller.key).json(json!({"qualifier": "zz", "id": "acme"})).await.ok();
            assert_eq!((found.as_array().unwrap().len(), int(&found[0], "ecGridId")), (1, id));
            assert_eq!(int(&found[0], "mailboxId"), if sees { t.a1 } else { 0 }, "{level} of {network}");
            assert!(found[0]["networkName"].is_string());
            let by_get = w.get("/v2/ids/find?isaQualifier=ZZ&isaId=Acme").key(&caller.key).await.ok();
            assert_eq!(by_get, found);
        }
        let caller = w.user(MailboxUser, t.a, t.a1).await;
        let none = w.post("/v2/ids/find").key(&caller.key).json(json!({"qualifier": "ZZ", "id": "NOBODY"})).await;
        assert_eq!(none.ok(), json!([]));
        w.sql("UPDATE trading_ids SET status = 'Terminated' WHERE trading_id = $1", &[id]).await;
        let gone = w.post("/v2/ids/find").key(&caller.key).json(json!({"qualifier": "ZZ", "id": "ACME"})).await;
        assert_eq!(gone.ok(), json!([]));
        assert_eq!(w.get(format!("/v2/ids/{id}")).key(&caller.key).await.ok()["status"], "Terminated");
    });
}

#[test]
fn the_path_is_the_number_and_the_body_is_the_address() {
    on_both(async |w| {
        let t = w.tenants().await;
        let id = w.trading_id(t.a1, "ZZ:4711").await;
        let user = w.user(MailboxUser, t.a, t.a1).await;
        assert_eq!(w.get(format!("/v2/ids/{id}")).key(&user.key).await.ok()["id"], "4711");
        w.get("/v2/ids/4711ABC").key(&user.key).await.wrong("id");
        w.get("/v2/ids/find").key(&user.key).await.wrong("qualifier");
    });
}

#[test]
fn a_wrong_field_is_named() {
    on_both(async |w| {
        let t = w.tenants().await;
        let admin = w.user(MailboxAdmin, t.a, t.a1).await;
        for (change, param) in [
            (json!({"mailboxId": null}), "mailboxId"),
            (json!({"qualifier": null}), "qualifier"),
            (json!({"qualifier": "TOOLONG"}), "qualifier"),
            (json!({"qualifier": 1}), "qualifier"),
            (json!({"id": null}), "id"),
            (json!({"id": ""}), "id"),
            (json!({"id": "X".repeat(36)}), "id"),
            (json!({"description": "X".repeat(501)}), "description"),
            (json!({"ediStandard": "HTML"}), "ediStandard"),
            (json!({"ediStandards": "X12"}), "ediStandards"),
            (json!({"routingGroup": 99}), "routingGroup"),
            (json!({"useType": "Never"}), "useType"),
        ] {
            let mut body = json!({"mailboxId": t.a1, "qualifier": "ZZ", "id": "WRONG"});
            body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            w.post("/v2/ids").key(&admin.key).json(body).await.wrong(param);
        }
        w.post("/v2/ids").json(json!({})).await.refused(401, "InvalidAPIKey");
        w.sql("UPDATE mailboxes SET status = 'Terminated' WHERE mailbox_id = $1", &[t.a2]).await;
        let body = json!({"mailboxId": t.a2, "qualifier": "ZZ", "id": "LATE"});
        w.post("/v2/ids").key(&w.root).json(body).await.refused(404, "ObjectNotFound");
    });
}
