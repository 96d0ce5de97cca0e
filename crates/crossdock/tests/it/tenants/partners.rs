//! `/v2/partners`

use crate::support::{User, World, int, on_both};
use model::AuthLevel::*;
use serde_json::{Value, json};

async fn connect(w: &World, by: &User, from: i64, to: i64) -> crate::support::Answer {
    w.post("/v2/partners").key(&by.key).json(json!({"ecGridIdFrom": from, "ecGridIdTo": to})).await
}

fn standing(pair: &Value) -> (Option<&str>, Option<&str>) {
    (pair["status"].as_str(), pair["interconnectStatus"].as_str())
}

#[test]
fn inside_a_network_and_by_operators_it_is_complete_at_once() {
    on_both(async |w| {
        let t = w.tenants().await;
        let (one, two, foreign) = (w.any_id(t.a1).await, w.any_id(t.a2).await, w.any_id(t.b1).await);
        let admin = w.user(NetworkAdmin, t.a, 0).await;
        let made = connect(w, &admin, one, two).await.ok();
        assert_eq!(standing(&made), (Some("Active"), Some("Completed")));
        let read = w.get(format!("/v2/partners/{}", int(&made, "interconnectId"))).key(&admin.key).await.ok();
        assert_eq!(read, made);
        let ops = w.user(NetOps, t.a, 0).await;
        assert_eq!(standing(&connect(w, &ops, one, foreign).await.ok()), (Some("Active"), Some("Completed")));
    });
}

#[test]
fn across_networks_it_waits_for_the_other_side_in_either_order() {
    on_both(async |w| {
        let t = w.tenants().await;
        let (a, b) = (w.user(MailboxAdmin, t.a, t.a1).await, w.user(MailboxAdmin, t.b, t.b1).await);
        for turned in [false, true] {
            let (one, two) = (w.any_id(t.a1).await, w.any_id(t.b1).await);
            // The asking side may name itself first or second.
            let made = if turned { connect(w, &a, two, one) } else { connect(w, &a, one, two) }.await.ok();
            assert_eq!(standing(&made), (Some("Active"), Some("Pending")));
            for (from, to) in [(one, two), (two, one)] {
                let again = connect(w, &a, from, to).await.refused(400, "DuplicateObject");
                assert_eq!(again.param(), "ecGridIdTo");
            }
            let path = format!("/v2/partners/{}", int(&made, "interconnectId"));
            assert_eq!(w.get(&path).key(&b.key).await.ok(), made, "both sides may read it");
            w.pass(std::time::Duration::from_secs(1));
            let accepted = connect(w, &b, two, one).await.ok();
            assert_eq!(accepted["interconnectId"], made["interconnectId"]);
            assert_eq!(standing(&accepted), (Some("Active"), Some("Completed")));
            assert_ne!(accepted["modified"], made["modified"]);
            connect(w, &b, two, one).await.refused(400, "DuplicateObject");
            connect(w, &a, one, two).await.refused(400, "DuplicateObject");
        }
    });
}

#[test]
fn two_sides_that_ask_at_once_are_connected() {
    on_both(async |w| {
        let t = w.tenants().await;
        let (a, b) = (w.user(MailboxAdmin, t.a, t.a1).await, w.user(MailboxAdmin, t.b, t.b1).await);
        for _ in 0..5 {
            let (one, two) = (w.any_id(t.a1).await, w.any_id(t.b1).await);
            let (x, y) = tokio::join!(connect(w, &a, one, two), connect(w, &b, two, one));
            // On PostgreSQL one may not see the other in time and is told so; it then asks again.
            let asked = [x.status, y.status];
            assert!(asked.iter().all(|s| [200, 400].contains(s)) && asked.contains(&200), "{} {}", x.text, y.text);
            for (answer, by, from, to) in [(x, &a, one, two), (y, &b, two, one)] {
                if answer.status == 400 {
                    answer.refused(400, "DuplicateObject");
                    connect(w, by, from, to).await.ok();
                }
            }
            let complete = "SELECT count(*) FROM partners WHERE id_low = $1 AND interconnect_status = 'Completed'";
            assert_eq!(w.count(complete, &[one.min(two)]).await, 1);
        }
    });
}

#[test]
fn one_side_must_be_the_callers_and_what_is_not_reads_the_same() {
    on_both(async |w| {
        let t = w.tenants().await;
        let (own, beside, foreign, far) =
            (w.any_id(t.a1).await, w.any_id(t.a2).await, w.any_id(t.b1).await, w.any_id(t.b1).await);
        let admin = w.user(MailboxAdmin, t.a, t.a1).await;
        let mut seen = Vec::new();
        for (from, to) in [
            (beside, foreign),
            (foreign, far),
            (foreign, 2_000_000_000),
            (2_000_000_000, foreign),
            (own, 2_000_000_000),
            (2_000_000_000, own),
        ] {
            seen.push(connect(w, &admin, from, to).await.refused(404, "ObjectNotFound").faceless());
        }
        seen.dedup();
        assert_eq!(seen.len(), 1, "{seen:?}");
        connect(w, &admin, own, own).await.wrong("ecGridIdTo");
        connect(w, &admin, foreign, own).await.ok();
    });
}

#[test]
fn a_terminated_id_is_connected_with_nobody() {
    on_both(async |w| {
        let t = w.tenants().await;
        let (own, ended) = (w.any_id(t.a1).await, w.any_id(t.a1).await);
        let admin = w.user(MailboxAdmin, t.a, t.a1).await;
        w.sql("UPDATE trading_ids SET status = 'Terminated' WHERE trading_id = $1", &[ended]).await;
        connect(w, &admin, own, ended).await.refused(404, "ObjectNotFound");
        connect(w, &admin, ended, own).await.refused(404, "ObjectNotFound");
    });
}

#[test]
fn a_wrong_field_is_named() {
    on_both(async |w| {
        let t = w.tenants().await;
        let own = w.any_id(t.a1).await;
        let admin = w.user(MailboxAdmin, t.a, t.a1).await;
        for (body, param) in [
            (json!({"ecGridIdTo": own}), "ecGridIdFrom"),
            (json!({"ecGridIdFrom": own}), "ecGridIdTo"),
            (json!({"ecGridIdFrom": 0, "ecGridIdTo": own}), "ecGridIdFrom"),
            (json!({"ecGridIdFrom": own, "ecGridIdTo": true}), "ecGridIdTo"),
            (json!({"ecGridIdFrom": own, "ecGridIdTo": 1.0}), "ecGridIdTo"),
        ] {
            w.post("/v2/partners").key(&admin.key).json(body).await.wrong(param);
        }
        w.get("/v2/partners/x").key(&admin.key).await.wrong("id");
        w.post("/v2/partners").json(json!({})).await.refused(401, "InvalidAPIKey");
    });
}
