//! What becomes of interchanges: delivered, held, in suspense; and what the sender's parcel says of it.

use super::{FROM, TO, Trade, content, file, outcome, outcomes};
use crate::support::{World, int, on_both, x12, x12_test};
use model::AuthLevel::*;
use serde_json::json;

/// Uploads and says what became of it: the parcel's state, and each interchange's.
async fn send(w: &World, key: &str, text: impl AsRef<[u8]>) -> (String, Vec<(String, String, String)>) {
    let number = w.upload(key, text).await;
    let status = w.parcel(number).await["status"].as_str().unwrap().to_owned();
    (status, outcomes(w, number).await)
}

#[test]
fn what_cannot_be_routed_waits_in_suspense_and_says_why() {
    on_both(async |w| {
        let trade = Trade::begin(w).await;
        let stranger = w.trading_id(trade.t.b1, "ZZ:STRANGER").await;
        w.trading_id(trade.t.a2, "ZZ:NEIGHBOUR").await;
        w.trading_id_with(trade.t.b1, "ZZ:TESTER", json!({"useType": "Test"})).await;
        for (text, event, code) in [
            (x12(FROM, "ZZ:NOWHERE", 1), "E1103", "E232"),
            (x12(FROM, "01:RECEIVER", 2), "E1103", "E233"),
            (x12("ZZ:UNKNOWN", TO, 3), "E1303", "E234"),
            (x12("ZZ:NEIGHBOUR", TO, 4), "E1303", "E235"),
            (x12(TO, FROM, 5), "E1303", "E235"),
            (x12(FROM, "ZZ:STRANGER", 6), "E1111", "E237"),
            (x12_test(FROM, TO, 7), "E1103", "E238"),
            (x12(FROM, "ZZ:TESTER", 8), "E1103", "E238"),
            ("just words".to_owned(), "E1103", "E272"),
        ] {
            let (status, outcomes) = send(w, &trade.sender.key, &text).await;
            assert_eq!(status, "outboxDeliveryError", "{code}");
            assert_eq!(outcomes, [outcome("Suspended", event, code)], "{text}");
        }
        assert_eq!(w.pending(trade.t.b1).await.len(), 0, "nothing was delivered ({stranger})");
    });
}

#[test]
fn the_good_ones_go_and_the_bad_ones_wait() {
    on_both(async |w| {
        let trade = Trade::begin(w).await;
        let good = [x12(FROM, TO, 1), x12(FROM, TO, 3)];
        let text = [good[0].as_str(), &x12(FROM, "ZZ:NOWHERE", 2), &good[1]].concat();
        let (status, outcomes) = send(w, &trade.sender.key, text).await;
        assert_eq!(status, "outboxDeliveryError");
        let (ok, bad) = (outcome("Active", "E3000", ""), outcome("Suspended", "E1103", "E232"));
        assert_eq!(outcomes, [ok.clone(), bad, ok]);
        let pending = w.pending(trade.t.b1).await;
        assert_eq!(content(w, &trade.receiver.key, int(&pending[0], "parcelId")).await, good.concat().as_bytes());
    });
}

#[test]
fn a_network_admin_sends_for_any_id_of_the_network_and_for_no_other() {
    on_both(async |w| {
        let trade = Trade::begin(w).await;
        let second = w.trading_id(trade.t.a2, "ZZ:SECOND").await;
        w.connect(second, trade.to).await;
        let admin = w.user(NetworkAdmin, trade.t.a, trade.t.a1).await;
        assert_eq!(send(w, &admin.key, x12("ZZ:SECOND", TO, 1)).await.0, "outboxSent");
        assert_eq!(send(w, &admin.key, x12(TO, FROM, 1)).await.1, [outcome("Suspended", "E1303", "E235")]);
        assert_eq!(
            send(w, &trade.sender.key, x12("ZZ:SECOND", TO, 1)).await.1,
            [outcome("Suspended", "E1303", "E235")]
        );
    });
}

#[test]
fn a_connection_that_one_side_asked_for_holds_what_is_sent() {
    on_both(async |w| {
        let trade = Trade::unconnected(w).await;
        let admin = w.user(MailboxAdmin, trade.t.a, trade.t.a1).await;
        let pair = json!({"ecGridIdFrom": trade.from, "ecGridIdTo": trade.to});
        let made = w.post("/v2/partners").key(&admin.key).json(pair.clone()).await.ok();
        assert_eq!(made["interconnectStatus"], "Pending");
        let held = w.upload(&trade.sender.key, x12(FROM, TO, 1)).await;
        assert_eq!(w.parcel(held).await["status"], "outboxPending");
        assert_eq!(outcomes(w, held).await, [outcome("Suspended", "E1111", "E1111")]);
        assert_eq!(w.pending(trade.t.b1).await.len(), 0);
        let other = w.user(MailboxAdmin, trade.t.b, trade.t.b1).await;
        let back = json!({"ecGridIdFrom": trade.to, "ecGridIdTo": trade.from});
        let accepted = w.post("/v2/partners").key(&other.key).json(back).await.ok();
        assert_eq!(
            (&accepted["interconnectId"], accepted["interconnectStatus"].as_str()),
            (&made["interconnectId"], Some("Completed"))
        );
        assert_eq!(send(w, &trade.sender.key, x12(FROM, TO, 2)).await.0, "outboxSent");
        assert_eq!(send(w, &trade.receiver.key, x12(TO, FROM, 3)).await.0, "outboxSent", "both ways");
        // What waited goes on by itself, once.
        w.hub.settle().await.unwrap();
        w.hub.settle().await.unwrap();
        let pending = w.pending(trade.t.b1).await;
        assert_eq!(pending.len(), 2);
        let released = int(pending.last().unwrap(), "parcelId");
        assert_eq!(content(w, &trade.receiver.key, released).await, x12(FROM, TO, 1).as_bytes());
        assert_eq!(w.parcel(held).await["status"], "outboxSent");
    });
}

#[test]
fn a_suspended_receiver_holds_and_a_terminated_one_is_no_route() {
    on_both(async |w| {
        let trade = Trade::begin(w).await;
        let held = outcome("Suspended", "E1110", "E1110");
        for (suspend, activate, id) in [
            (
                "UPDATE mailboxes SET status = 'Suspended' WHERE mailbox_id = $1",
                "UPDATE mailboxes SET status = 'Active' WHERE mailbox_id = $1",
                trade.t.b1,
            ),
            (
                "UPDATE networks SET status = 'Suspended' WHERE network_id = $1",
                "UPDATE networks SET status = 'Active' WHERE network_id = $1",
                trade.t.b,
            ),
            (
                "UPDATE trading_ids SET status = 'Suspended' WHERE trading_id = $1",
                "UPDATE trading_ids SET status = 'Active' WHERE trading_id = $1",
                trade.to,
            ),
            (
                "UPDATE trading_ids SET status = 'Suspended' WHERE trading_id = $1",
                "UPDATE trading_ids SET status = 'Active' WHERE trading_id = $1",
                trade.from,
            ),
            (
                "UPDATE partners SET status = 'Suspended' WHERE id_from = $1",
                "UPDATE partners SET status = 'Active' WHERE id_from = $1",
                trade.from,
            ),
        ] {
            assert_eq!(w.sql(suspend, &[id]).await, 1);
            let (status, outcomes) = send(w, &trade.sender.key, x12(FROM, TO, 1)).await;
            assert_eq!((status.as_str(), outcomes), ("outboxPending", vec![held.clone()]), "{suspend}");
            w.sql(activate, &[id]).await;
        }
        w.sql("UPDATE mailboxes SET status = 'Terminated' WHERE mailbox_id = $1", &[trade.t.b1]).await;
        let (status, outcomes) = send(w, &trade.sender.key, x12(FROM, TO, 1)).await;
        assert_eq!((status.as_str(), outcomes), ("outboxDeliveryError", vec![outcome("Suspended", "E1103", "E232")]));
    });
}

#[test]
fn a_mailbox_in_trial_takes_test_data_only() {
    on_both(async |w| {
        let trade = Trade::begin(w).await;
        w.sql("UPDATE mailboxes SET status = 'Development' WHERE mailbox_id = $1", &[trade.t.b1]).await;
        w.sql("UPDATE trading_ids SET use_type = 'TestAndProduction' WHERE trading_id <> $1", &[0]).await;
        assert_eq!(send(w, &trade.sender.key, x12(FROM, TO, 1)).await.1, [outcome("Suspended", "E1103", "E238")]);
        assert_eq!(send(w, &trade.sender.key, x12_test(FROM, TO, 2)).await.0, "outboxSent");
    });
}

#[test]
fn explicit_ids_go_before_the_envelopes_and_the_sender_must_be_in_reach() {
    on_both(async |w| {
        let trade = Trade::begin(w).await;
        let (own, foreign) = (w.any_id(trade.t.a1).await, w.any_id(trade.t.b1).await);
        let beside = w.any_id(trade.t.a2).await;
        w.connect(own, foreign).await;
        let upload = |from: i64, to: i64| {
            let mut body = file(x12(FROM, TO, 1));
            body["ecGridIdFrom"] = json!(from);
            body["ecGridIdTo"] = json!(to);
            w.post("/v2/parcels/upload").key(&trade.sender.key).json(body)
        };
        let number = upload(own, foreign).await.ok();
        let parcel = w.parcel(number.as_i64().unwrap()).await;
        assert_eq!((int(&parcel, "ecGridIdFrom"), int(&parcel, "ecGridIdTo")), (own, foreign));
        assert_eq!(int(&w.pending(trade.t.b1).await[0], "ecGridIdTo"), foreign);
        let mut seen = Vec::new();
        for from in [beside, foreign, 2_000_000_000] {
            seen.push(upload(from, trade.to).await.refused(404, "ObjectNotFound").faceless());
        }
        seen.dedup();
        assert_eq!(seen.len(), 1, "{seen:?}");
        upload(own, 2_000_000_000).await.refused(404, "ObjectNotFound");
        w.sql("UPDATE trading_ids SET status = 'Terminated' WHERE trading_id = $1", &[foreign]).await;
        upload(own, foreign).await.refused(404, "ObjectNotFound");
    });
}

#[test]
fn a_document_without_an_envelope_goes_where_the_ids_say_byte_for_byte() {
    on_both(async |w| {
        let trade = Trade::begin(w).await;
        let documents: [&[u8]; 4] = [
            b"%PDF-1.7\n1 0 obj\n",
            b"plain words\r\nand more",
            b"<?xml version=\"1.0\"?><order/>",
            b"\x00\x01\xfe\xffbinary",
        ];
        for document in documents {
            let mut body = file(document);
            body["ecGridIdFrom"] = json!(trade.from);
            body["ecGridIdTo"] = json!(trade.to);
            let number = w.post("/v2/parcels/upload").key(&trade.sender.key).json(body).await.ok();
            assert_eq!(w.parcel(number.as_i64().unwrap()).await["status"], "outboxSent");
            let last = w.pending(trade.t.b1).await.pop().unwrap();
            assert_eq!(content(w, &trade.receiver.key, int(&last, "parcelId")).await, document);
        }
    });
}

#[test]
fn with_an_open_policy_on_both_sides_no_connection_is_needed() {
    on_both(async |w| {
        let trade = Trade::unconnected(w).await;
        let open = "UPDATE networks SET routing_policy = 'Open' WHERE network_id = $1";
        assert_eq!(send(w, &trade.sender.key, x12(FROM, TO, 1)).await.1, [outcome("Suspended", "E1111", "E237")]);
        w.sql(open, &[trade.t.a]).await;
        assert_eq!(
            send(w, &trade.sender.key, x12(FROM, TO, 2)).await.0,
            "outboxDeliveryError",
            "the stricter one wins"
        );
        w.sql(open, &[trade.t.b]).await;
        assert_eq!(send(w, &trade.sender.key, x12(FROM, TO, 3)).await.0, "outboxSent");
    });
}

#[test]
fn addresses_match_in_any_letter_case() {
    on_both(async |w| {
        let trade = Trade::begin(w).await;
        assert_eq!(send(w, &trade.sender.key, x12("zz:sender", "ZZ:Receiver", 1)).await.0, "outboxSent");
    });
}

/// A file in somebody else's name tells nothing to whom that name belongs.
#[test]
fn an_id_used_by_a_stranger_shows_its_owner_nothing_of_the_strangers_parcel() {
    on_both(async |w| {
        let trade = Trade::begin(w).await;
        let forged = w.upload(&trade.sender.key, x12(TO, FROM, 1)).await;
        let tp = w.tp_user(trade.t.b, trade.t.b1, trade.to).await;
        w.get(format!("/v2/parcels/{forged}")).key(&tp.key).await.refused(404, "ObjectNotFound");
        assert_eq!(w.parcel(forged).await["ecGridIdFrom"], 0);
    });
}
