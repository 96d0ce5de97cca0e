//! `/v2/networks`

use crate::support::{int, on_both};
use model::AuthLevel::*;
use serde_json::json;

#[test]
fn operators_make_networks_and_their_short_names_are_unique_on_the_hub() {
    on_both(async |w| {
        let ops = w.user(NetOps, w.network().await, 0).await;
        let body = json!({"uniqueId": "Acme-1", "companyName": " Acme Corporation "});
        let made = w.post("/v2/networks").key(&ops.key).json(body).await.ok();
        assert_eq!(
            (made["uniqueId"].as_str(), made["companyName"].as_str()),
            (Some("Acme-1"), Some("Acme Corporation"))
        );
        assert_eq!(made["status"], "Active");
        let read = w.get(format!("/v2/networks/{}", int(&made, "networkId"))).key(&ops.key).await.ok();
        assert_eq!(read, made);
        for same in ["Acme-1", "ACME-1", " acme-1"] {
            let body = json!({"uniqueId": same, "companyName": "Other"});
            let answer = w.post("/v2/networks").key(&ops.key).json(body).await.refused(400, "DuplicateObject");
            assert_eq!(answer.param(), "uniqueId");
        }
        let admin = w.user(NetworkAdmin, int(&made, "networkId"), 0).await;
        assert_eq!(w.reveal(admin.id).await, admin.key, "a new network can seal keys");
    });
}

#[test]
fn a_wrong_field_is_named() {
    on_both(async |w| {
        for (body, param) in [
            (json!({}), "uniqueId"),
            (json!({"uniqueId": "A"}), "companyName"),
            (json!({"uniqueId": "", "companyName": "A"}), "uniqueId"),
            (json!({"uniqueId": "A_B", "companyName": "A"}), "uniqueId"),
            (json!({"uniqueId": "A".repeat(33), "companyName": "A"}), "uniqueId"),
            (json!({"uniqueId": 12, "companyName": "A"}), "uniqueId"),
            (json!({"uniqueId": "A", "companyName": ""}), "companyName"),
            (json!({"uniqueId": "A", "companyName": "A".repeat(201)}), "companyName"),
        ] {
            w.post("/v2/networks").key(&w.root).json(body).await.wrong(param);
        }
        w.post("/v2/networks").json(json!({"uniqueId": "A", "companyName": "A"})).await.refused(401, "InvalidAPIKey");
        for id in ["0", "x", "2147483648", "-1"] {
            w.get(format!("/v2/networks/{id}")).key(&w.root).await.wrong("id");
        }
    });
}
