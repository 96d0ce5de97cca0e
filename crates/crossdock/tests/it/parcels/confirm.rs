//! `POST /v2/parcels/confirm`

use super::{FROM, TO, Trade};
use crate::support::{World, int, on_both, x12};
use serde_json::json;

async fn confirm(w: &World, key: &str, parcel: i64) -> crate::support::Answer {
    w.post("/v2/parcels/confirm").key(key).json(json!({"parcelId": parcel})).await
}

async fn status(w: &World, parcel: i64) -> String {
    w.parcel(parcel).await["status"].as_str().unwrap().to_owned()
}

#[test]
fn a_confirmed_parcel_is_transferred_and_the_senders_acknowledged_and_twice_is_once() {
    on_both(async |w| {
        let trade = Trade::begin(w).await;
        let sent = w.upload(&trade.sender.key, x12(FROM, TO, 1)).await;
        let inbound = int(&w.pending(trade.t.b1).await[0], "parcelId");
        assert_eq!((status(w, sent).await, status(w, inbound).await), ("outboxSent".into(), "InBoxReady".into()));
        for _ in 0..3 {
            assert_eq!(confirm(w, &trade.receiver.key, inbound).await.ok(), true);
            let now = (status(w, sent).await, status(w, inbound).await);
            assert_eq!(now, ("outboxAcknowledged".into(), "InBoxTransferred".into()));
        }
        let events = "SELECT count(*) FROM parcel_events WHERE event = 'confirmed' AND parcel_id = $1";
        assert_eq!(w.count(events, &[inbound]).await, 1);
        assert_eq!(w.pending(trade.t.b1).await.len(), 0);
    });
}

#[test]
fn the_sender_is_acknowledged_when_the_last_receiver_confirmed() {
    on_both(async |w| {
        let trade = Trade::begin(w).await;
        let second = w.trading_id(trade.t.a2, "ZZ:SECOND").await;
        w.connect(trade.from, second).await;
        let sent = w.upload(&trade.sender.key, [x12(FROM, TO, 1), x12(FROM, "ZZ:SECOND", 2)].concat()).await;
        let one = int(&w.pending(trade.t.b1).await[0], "parcelId");
        let two = int(&w.pending(trade.t.a2).await[0], "parcelId");
        confirm(w, &w.root, one).await.ok();
        assert_eq!(status(w, sent).await, "outboxSent");
        confirm(w, &w.root, two).await.ok();
        assert_eq!(status(w, sent).await, "outboxAcknowledged");
    });
}

#[test]
fn two_receivers_that_confirm_at_once_acknowledge_the_sender() {
    on_both(async |w| {
        let trade = Trade::begin(w).await;
        let second = w.trading_id(trade.t.a2, "ZZ:SECOND").await;
        w.connect(trade.from, second).await;
        for n in 0..5 {
            let sent = w.upload(&trade.sender.key, [x12(FROM, TO, n), x12(FROM, "ZZ:SECOND", n)].concat()).await;
            let one = int(&w.pending(trade.t.b1).await[0], "parcelId");
            let two = int(&w.pending(trade.t.a2).await[0], "parcelId");
            let (a, b) = tokio::join!(confirm(w, &w.root, one), confirm(w, &w.root, two));
            assert_eq!((a.ok(), b.ok()), (json!(true), json!(true)));
            assert_eq!(status(w, sent).await, "outboxAcknowledged");
        }
    });
}

#[test]
fn what_is_in_suspense_keeps_the_sender_in_error_though_the_rest_is_confirmed() {
    on_both(async |w| {
        let trade = Trade::begin(w).await;
        let sent = w.upload(&trade.sender.key, [x12(FROM, TO, 1), x12(FROM, "ZZ:NOWHERE", 2)].concat()).await;
        let inbound = int(&w.pending(trade.t.b1).await[0], "parcelId");
        confirm(w, &trade.receiver.key, inbound).await.ok();
        assert_eq!(status(w, sent).await, "outboxDeliveryError");
    });
}

#[test]
fn an_outbound_parcel_is_not_confirmed() {
    on_both(async |w| {
        let trade = Trade::begin(w).await;
        let sent = w.upload(&trade.sender.key, x12(FROM, TO, 1)).await;
        let answer = confirm(w, &trade.sender.key, sent).await.wrong("parcelId");
        assert!(answer.text.contains("outboxSent"), "it names the status: {}", answer.text);
        assert_eq!(status(w, sent).await, "outboxSent");
    });
}

#[test]
fn the_guides_are_answered_with_an_object() {
    on_both(async |w| {
        let trade = Trade::begin(w).await;
        w.upload(&trade.sender.key, x12(FROM, TO, 1)).await;
        let inbound = int(&w.pending(trade.t.b1).await[0], "parcelId");
        let ask = |shape: &str| {
            let call = w.post(format!("/v2/parcels/{inbound}/confirm")).key(&trade.receiver.key);
            call.header("x-crossdock-shape", shape)
        };
        assert_eq!(ask("guide").await.ok(), json!({"parcelId": inbound, "confirmed": true}));
        assert_eq!(ask("samples").await.ok(), true);
        assert_eq!(ask("reference").await.ok(), true);
    });
}
