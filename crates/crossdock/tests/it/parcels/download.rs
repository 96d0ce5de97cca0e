//! `POST /v2/parcels/download` and the list of what waits.

use super::{FROM, TO, Trade, content};
use crate::support::{int, on_both, x12};
use model::AuthLevel::*;
use serde_json::json;
use std::time::Duration;

#[test]
fn what_waits_is_listed_oldest_first_and_stays_until_it_is_confirmed() {
    on_both(async |w| {
        let trade = Trade::begin(w).await;
        let mut texts = Vec::new();
        for n in 0..5 {
            texts.push(x12(FROM, TO, n));
            w.upload(&trade.sender.key, texts.last().unwrap()).await;
            w.pass(Duration::from_secs(1));
        }
        let list = w.post("/v2/parcels/pending-inbox-list").key(&trade.receiver.key).await;
        assert_eq!(list.header("x-total-count"), Some("5"));
        let list = list.ok();
        for (parcel, text) in list.as_array().unwrap().iter().zip(&texts) {
            let number = int(parcel, "parcelId");
            assert_eq!(content(w, &trade.receiver.key, number).await, text.as_bytes());
            assert_eq!(w.parcel(number).await["status"], "InBoxReady", "a download changes no status");
            assert_eq!((int(parcel, "ecGridIdFrom"), int(parcel, "fromECGridId")), (trade.from, trade.from));
            assert_eq!((int(parcel, "bytes"), int(parcel, "size")), (text.len() as i64, text.len() as i64));
            assert_eq!(parcel["receivedDate"], parcel["created"]);
        }
        let first = int(&list[0], "parcelId");
        w.post("/v2/parcels/confirm").key(&trade.receiver.key).json(json!({"parcelId": first})).await.ok();
        let page = json!({"pageNo": 1, "recordsPerPage": 2});
        let rest = w.post("/v2/parcels/pending-inbox-list").key(&trade.receiver.key).json(page).await.ok();
        assert_eq!(
            rest.as_array().unwrap().iter().map(|p| int(p, "parcelId")).collect::<Vec<_>>(),
            [int(&list[1], "parcelId"), int(&list[2], "parcelId")]
        );
        let sender = w.post("/v2/parcels/pending-inbox-list").key(&trade.sender.key).await.ok();
        assert_eq!(sender, json!([]));
    });
}

#[test]
fn a_mailbox_of_nought_is_the_own_one_and_minus_one_is_all_in_reach() {
    on_both(async |w| {
        let trade = Trade::begin(w).await;
        let beside = w.trading_id(trade.t.a2, "ZZ:BESIDE").await;
        w.connect(trade.from, beside).await;
        let second = w.trading_id(trade.t.a1, "ZZ:SECOND").await;
        w.connect(trade.from, second).await;
        for to in [TO, "ZZ:BESIDE", "ZZ:SECOND"] {
            w.upload(&trade.sender.key, x12(FROM, to, 1)).await;
        }
        let count = async |key: &str, mailbox: i64| {
            let list = w.post("/v2/parcels/pending-inbox-list").key(key).json(json!({"mailboxId": mailbox})).await.ok();
            list.as_array().unwrap().len()
        };
        for (level, mailbox, own, all) in [
            (MailboxUser, trade.t.a1, 1, 1),
            (NetworkUser, trade.t.a1, 1, 2),
            (NetworkAdmin, 0, 2, 2),
            (NetOps, 0, 3, 3),
        ] {
            let caller = w.user(level, trade.t.a, mailbox).await;
            assert_eq!((count(&caller.key, 0).await, count(&caller.key, -1).await), (own, all), "{level}");
        }
        let body = json!({"mailboxId": -2});
        w.post("/v2/parcels/pending-inbox-list").key(&trade.sender.key).json(body).await.wrong("mailboxId");
    });
}

#[test]
fn a_tp_user_sees_the_traffic_of_its_one_id() {
    on_both(async |w| {
        let trade = Trade::begin(w).await;
        let second = w.trading_id(trade.t.b1, "ZZ:SECOND").await;
        w.connect(trade.from, second).await;
        w.upload(&trade.sender.key, x12(FROM, TO, 1)).await;
        w.upload(&trade.sender.key, x12(FROM, "ZZ:SECOND", 2)).await;
        let tp = w.tp_user(trade.t.b, trade.t.b1, second).await;
        let list = w.post("/v2/parcels/pending-inbox-list").key(&tp.key).await.ok();
        assert_eq!(list.as_array().unwrap().len(), 1);
        assert_eq!(int(&list[0], "ecGridIdTo"), second);
        let nobody = w.user(TpUser, trade.t.b, trade.t.b1).await;
        assert_eq!(w.post("/v2/parcels/pending-inbox-list").key(&nobody.key).await.ok(), json!([]));
    });
}

#[test]
fn a_sender_has_its_own_file_and_neither_side_has_the_others_parcel() {
    on_both(async |w| {
        let trade = Trade::begin(w).await;
        let text = x12(FROM, TO, 1);
        let sent = w.upload(&trade.sender.key, &text).await;
        let inbound = int(&w.pending(trade.t.b1).await[0], "parcelId");
        assert_eq!(content(w, &trade.sender.key, sent).await, text.as_bytes());
        for (key, parcel) in [(&trade.sender.key, inbound), (&trade.receiver.key, sent)] {
            for path in ["/v2/parcels/download", "/v2/parcels/confirm"] {
                let body = json!({"parcelId": parcel});
                let foreign = w.post(path).key(key).json(body).await.refused(404, "ObjectNotFound");
                let body = json!({"parcelId": 9_000_000_000_000_000_i64});
                let missing = w.post(path).key(key).json(body).await.refused(404, "ObjectNotFound");
                assert_eq!(foreign.faceless(), missing.faceless());
            }
            w.get(format!("/v2/parcels/{parcel}")).key(key).await.refused(404, "ObjectNotFound");
        }
    });
}

#[test]
fn the_other_paths_and_spellings_lead_to_the_same() {
    on_both(async |w| {
        let trade = Trade::begin(w).await;
        let text = x12(FROM, TO, 1);
        w.upload(&trade.sender.key, &text).await;
        let inbound = int(&w.pending(trade.t.b1).await[0], "parcelId");
        let by_path = w.get(format!("/v2/parcels/{inbound}/download")).key(&trade.receiver.key).await.ok();
        assert_eq!((int(&by_path, "size"), by_path["contentEncoding"].as_str()), (text.len() as i64, Some("base64")));
        for body in [json!({"parcelID": inbound}), json!({"PARCELID": inbound.to_string()})] {
            let data = w.post("/v2/parcels/download").key(&trade.receiver.key).json(body).await.ok();
            assert_eq!(data, by_path);
        }
        for (bad, param) in [
            (json!({}), "parcelId"),
            (json!({"parcelId": 0}), "parcelId"),
            (json!({"parcelId": "x"}), "parcelId"),
            (json!({"parcelId": 9_007_199_254_740_992_i64}), "parcelId"),
            (json!({"parcelId": 1, "parcelID": 2}), "parcelId"),
        ] {
            w.post("/v2/parcels/download").key(&trade.receiver.key).json(bad).await.wrong(param);
        }
    });
}
