//! `GET /v2/users/key/{id}` when something stands between: no record no key, a full store, damage, a limit.

use super::key::{admin, ask};
use crate::support::{Plan, World, on, on_both, on_both_as};
use hub::PerMinute;
use model::AuthLevel::*;
use std::time::Duration;
use store::Engine;

/// The record that an answer names.
async fn record(w: &World, number: i64) -> store::audit::Kept {
    let all = w.db().scan(|tx| store::audit::unchained(tx, 10_000)).await.unwrap();
    all.into_iter().find(|kept| kept.id == number).expect("no record of that number")
}

#[test]
fn the_record_is_there_when_the_answer_is_and_never_holds_the_key() {
    on_both(async |w| {
        let (t, admin) = admin(w).await;
        let user = w.user(MailboxUser, t.a, t.a1).await;
        let id = "0190163d-8694-739b-aea5-966c26f8ad91";
        let path = format!("/v2/users/key/{}", user.id);
        let answer = w.get(&path).key(&admin.key).header("x-request-id", id).header("user-agent", "test/1").await;
        let number = answer.header("x-crossdock-audit-record").unwrap().parse().unwrap();
        assert_eq!(answer.header("x-request-id"), Some(id));
        answer.ok();
        let kept = record(w, number).await;
        let r = &kept.record;
        assert_eq!((r.event.as_str(), r.verdict.as_str(), r.chain), ("key.reveal", "done", t.a));
        assert_eq!((r.user, r.subject.as_str()), (Some(admin.id), format!("user {}", user.id).as_str()));
        assert!(r.credential.starts_with("primary key "), "{}", r.credential);
        assert_eq!((r.request.as_str(), r.path.as_str(), r.agent.as_str()), (id, path.as_str(), "test/1"));
        assert_eq!(r.address, "127.0.0.1");
        assert_eq!(r.fingerprint.as_deref(), Some(&w.hub.lookup_for_test(&user.key)[..8]));
        let told = format!("{kept:?}");
        assert!(!told.contains(&user.key) && !told.contains(&admin.key), "{told}");
    });
}

#[test]
fn a_refusal_is_recorded_in_the_callers_own_log() {
    on_both(async |w| {
        let (t, admin) = admin(w).await;
        let foreign = w.user(MailboxUser, t.b, t.b1).await;
        ask(w, &admin.key, foreign.id).await.refused(404, "ObjectNotFound");
        let all = w.db().scan(|tx| store::audit::unchained(tx, 10_000)).await.unwrap();
        let last = all.last().unwrap();
        assert_eq!((last.record.event.as_str(), last.record.verdict.as_str()), ("key.reveal_denied", "refused"));
        assert_eq!((last.record.chain, last.record.user), (t.a, Some(admin.id)));
        assert_eq!(last.record.fingerprint, None);
    });
}

#[test]
fn without_a_record_there_is_no_key() {
    // The log breaks: our fault, 500.
    on(Engine::Sqlite, Plan::default(), async |w| {
        let (t, admin) = admin(w).await;
        let user = w.user(MailboxUser, t.a, t.a1).await;
        w.sql("CREATE TRIGGER broken BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'broken'); END", &[]).await;
        let answer = ask(w, &admin.key, user.id).await.refused(500, "InternalError");
        assert!(!answer.text.contains(&user.key));
        w.sql("DROP TRIGGER broken", &[]).await;
        assert_eq!(ask(w, &admin.key, user.id).await.ok(), user.key);
    });
}

#[test]
fn a_full_store_answers_503_with_a_time_to_come_back_and_no_key() {
    on(Engine::Sqlite, Plan::default(), async |w| {
        let (t, admin) = admin(w).await;
        let user = w.user(MailboxUser, t.a, t.a1).await;
        // No page more than there are; and then as many records as the last pages hold.
        let pages = w.count("SELECT page_count FROM pragma_page_count()", &[]).await;
        let limit = w.count("SELECT max_page_count FROM pragma_max_page_count()", &[]).await;
        assert!(limit > pages);
        w.db().write(|tx| tx.one::<i64>("PRAGMA max_page_count = 1", &[])).await.unwrap();
        let mut answer = ask(w, &admin.key, user.id).await;
        for _ in 0..200 {
            if answer.status != 200 {
                break;
            }
            answer = ask(w, &admin.key, user.id).await;
        }
        let answer = answer.refused(503, "InternalError");
        assert!(answer.json["type"].as_str().unwrap().ends_with(":ServiceUnavailable"), "{}", answer.text);
        assert!(!answer.text.contains(&user.key));
        w.get("/v2/users/me").key(&admin.key).await.ok();
        w.db().write(|tx| tx.one::<i64>("PRAGMA max_page_count = 1073741823", &[])).await.unwrap();
        assert_eq!(ask(w, &admin.key, user.id).await.ok(), user.key, "it heals when there is room again");
    });
}

#[test]
fn a_ciphertext_that_does_not_open_is_500_and_never_another_users_key() {
    on_both(async |w| {
        let (t, admin) = admin(w).await;
        let (one, two) = (w.user(MailboxUser, t.a, t.a1).await, w.user(MailboxUser, t.a, t.a1).await);
        let sealed = "UPDATE keys SET sealed = (SELECT sealed FROM keys k WHERE k.user_id = $2) WHERE user_id = $1";
        assert_eq!(w.sql(sealed, &[one.id, two.id]).await, 1);
        let answer = ask(w, &admin.key, one.id).await.refused(500, "InternalError");
        assert!(!answer.text.contains(&one.key) && !answer.text.contains(&two.key));
        assert_eq!(ask(w, &admin.key, two.id).await.ok(), two.key);
        w.get("/v2/users/me").key(&one.key).await.ok();
    });
}

#[test]
fn over_the_limit_is_429() {
    let plan = || {
        let mut plan = Plan::default();
        plan.settings.reveals_per_user = PerMinute(3);
        plan
    };
    on_both_as(plan, async |w| {
        let t = w.tenants().await;
        let admin = w.user(NetworkAdmin, t.a, 0).await;
        for _ in 0..3 {
            assert_eq!(ask(w, &admin.key, admin.id).await.ok(), admin.key);
        }
        let answer = ask(w, &admin.key, admin.id).await.refused(429, "RateLimitExceeded");
        assert_eq!(answer.header("retry-after"), Some("21"));
        w.get("/v2/users/me").key(&admin.key).await.ok();
        w.pass(Duration::from_secs(20));
        ask(w, &admin.key, admin.id).await.ok();
        ask(w, &admin.key, admin.id).await.refused(429, "RateLimitExceeded");
    });
}
