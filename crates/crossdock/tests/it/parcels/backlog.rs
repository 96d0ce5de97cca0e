//! Parcels of more interchanges than are routed at once, which are left to a job.

use super::{FROM, TO, Trade, content, outcomes};
use crate::support::{World, edifact, int, on_both, x12};
use model::AuthLevel::*;
use std::{path::PathBuf, time::Duration};

/// More interchanges than are routed at once.
fn long(text: &str) -> String {
    text.repeat(1100)
}

async fn status(w: &World, parcel: i64) -> String {
    w.parcel(parcel).await["status"].as_str().unwrap().to_owned()
}

#[test]
fn a_nul_in_an_envelope_gets_the_same_verdict_as_any_unknown_id_however_long_the_file() {
    on_both(async |w| {
        let trade = Trade::begin(w).await;
        let (x, e) = (x12(FROM, TO, 1), edifact(FROM, TO, 2));
        for (good, bad) in [
            (&x, x.replace("SENDER    ", "SEN\0ER    ")),
            (&x, x.replace("RECEIVER  ", "RECE\0VER  ")),
            (&x, x.replace("000000001", "00\x00000001")),
            (&x, x.replace("ST*850", "ST*8\x005")),
            (&e, e.replace("+SENDER", "+SEN\0ER")),
        ] {
            assert_ne!(good, &bad);
            let short = w.upload(&trade.sender.key, &bad).await;
            let verdict = outcomes(w, short).await;
            let number = w.upload(&trade.sender.key, long(good) + &bad + good).await;
            w.hub.route_waiting().await.unwrap();
            let outcomes = outcomes(w, number).await;
            assert_eq!((outcomes.len(), &outcomes[1100]), (1102, &verdict[0]));
            assert!(outcomes[1101].0 == "Active" && outcomes[0].0 == "Active");
        }
    });
}

#[test]
fn a_parcel_that_cannot_be_routed_waits_and_does_not_hold_up_the_others() {
    on_both(async |w| {
        let trade = Trade::begin(w).await;
        let file = long(&x12(FROM, TO, 1));
        let lost = w.upload(&trade.sender.key, &file).await;
        let path = content_files(w).pop().unwrap();
        let aside = path.with_extension("aside");
        std::fs::rename(&path, &aside).unwrap();
        let others = [w.upload(&trade.sender.key, &file).await, w.upload(&trade.sender.key, &file).await];
        assert!(w.hub.route_waiting().await.is_err(), "it is told");
        for other in others {
            assert_eq!(status(w, other).await, "outboxSent");
        }
        assert_eq!(status(w, lost).await, "outboxPending");
        std::fs::rename(&aside, &path).unwrap();
        w.hub.route_waiting().await.unwrap();
        assert_eq!(status(w, lost).await, "outboxPending", "it rests");
        w.pass(Duration::from_secs(61));
        w.hub.renew_numbers().await.unwrap();
        w.hub.route_waiting().await.unwrap();
        assert_eq!(status(w, lost).await, "outboxSent");
        assert_eq!(outcomes(w, lost).await.len(), 1100);
    });
}

#[test]
fn several_route_at_once_and_none_does_the_work_of_another_or_changes_the_order() {
    on_both(async |w| {
        let trade = Trade::begin(w).await;
        let other = w.user(MailboxUser, trade.t.a, trade.t.a2).await;
        w.trading_id(trade.t.a2, "ZZ:OTHER").await;
        for control in 0..4 {
            w.upload(&trade.sender.key, long(&x12(FROM, TO, control))).await;
        }
        w.upload(&other.key, long(&x12("ZZ:OTHER", "ZZ:NOBODY", 1))).await;
        let (a, b, c) = tokio::join!(w.hub.route_waiting(), w.hub.route_waiting(), w.hub.route_waiting());
        let routed = a.unwrap() + b.unwrap() + c.unwrap() + w.hub.route_waiting().await.unwrap();
        assert_eq!(routed, 5 * 3, "three batches for each parcel");
        assert_eq!(w.count("SELECT count(*) FROM interchanges", &[]).await, 5500);
        let mut received = Vec::new();
        for parcel in w.pending(trade.t.b1).await {
            received.extend(content(w, &trade.receiver.key, int(&parcel, "parcelId")).await);
        }
        let sent: String = (0..4).map(|control| long(&x12(FROM, TO, control))).collect();
        assert_eq!(received, sent.as_bytes(), "what goes out from one mailbox keeps its order");
    });
}

#[test]
fn a_hub_that_stops_begins_no_batch() {
    on_both(async |w| {
        let trade = Trade::begin(w).await;
        let number = w.upload(&trade.sender.key, long(&x12(FROM, TO, 1))).await;
        w.hub.close_desk();
        assert_eq!(w.hub.route_waiting().await.unwrap(), 0);
        assert_eq!(status(w, number).await, "outboxPending");
        w.sql("DELETE FROM routings", &[]).await;
    });
}

/// The files in the content folder that hold content.
fn content_files(w: &World) -> Vec<PathBuf> {
    let mut found = vec![w.folder().join("content")];
    while let Some(at) = found.iter().position(|path| path.is_dir()) {
        let folder = found.swap_remove(at);
        found.extend(std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()));
    }
    found.retain(|path| !path.ends_with("store-mark"));
    found
}
