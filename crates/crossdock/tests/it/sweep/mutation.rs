//! The mutation run: each cell of the access table is flipped to each other reach, in a hub on the same store, and the part
//! of the sweep that the cell speaks of is sent to it. A flip that the sweep does not notice is a hole in the contract.

use super::{
    scene::{Scene, With},
    table::{self, Distance, Row},
};
use crate::support::{Plan, on};
use hub::{
    Begin, Clock, Hub,
    access::{Policy, Reach, Table},
};
use model::AuthLevel;
use std::{collections::BTreeMap, time::Duration};
use store::Engine;

const REACHES: [Reach; 5] = [Reach::None, Reach::Own, Reach::Mailbox, Reach::Network, Reach::All];

/// Flips that change no answer, and why. Everything else must be noticed.
fn changes_nothing(policy: Policy, from: Reach, to: Reach) -> Option<&'static str> {
    let both_reach_the_caller = from != Reach::None && to != Reach::None;
    match policy {
        Policy::Open => Some("open operations ask for no caller, so that no level is looked at"),
        Policy::SignedIn if both_reach_the_caller => Some("its operations touch the caller and nothing else"),
        Policy::FindIds if both_reach_the_caller => Some("the directory is the same for everybody who may read it"),
        Policy::RunHub if both_reach_the_caller => Some("a new network has no place yet that could be out of reach"),
        _ => None,
    }
}

/// The policy of an operation.
fn policy(operation: &str) -> Policy {
    api::catalogue().iter().find(|entry| entry.spec.name == operation).unwrap().spec.policy
}

#[test]
fn every_flip_of_the_access_table_that_can_change_an_answer_is_noticed() {
    // The table knows nothing of stores: one engine is enough for it.
    on(Engine::Sqlite, Plan::default(), async |w| {
        let scene = Scene::set(w).await;
        let rows = table::access();
        let truth = Table::default();
        let (mut noticed, mut survivors, mut silent) = (0, Vec::new(), BTreeMap::<&str, usize>::new());
        let mut hour = 0;
        for mutated in Policy::ALL {
            for level in AuthLevel::LADDER {
                let from = truth.reach(mutated, level);
                let part: Vec<&Row> =
                    rows.iter().filter(|row| row.level == level && policy(&row.operation) == mutated).collect();
                assert!(!part.is_empty(), "no operation has the policy {mutated:?}: say so here");
                for to in REACHES.into_iter().filter(|to| *to != from) {
                    let mut table = truth.clone();
                    table.set(mutated, level, to);
                    hour += 1;
                    let other = another(w, table, hour).await;
                    let seen = notices(&scene, &other, &part).await;
                    match (seen, changes_nothing(mutated, from, to)) {
                        (true, None) => noticed += 1,
                        (false, Some(why)) => *silent.entry(why).or_default() += 1,
                        (true, Some(why)) => {
                            survivors.push(format!("{mutated:?} {level} {from:?}→{to:?} was noticed, though {why}"))
                        }
                        (false, None) => survivors.push(format!("{mutated:?} {level} {from:?}→{to:?} was not noticed")),
                    }
                }
            }
        }
        let flips = noticed + survivors.len() + silent.values().sum::<usize>();
        eprintln!("mutation: {flips} flips, {noticed} noticed, {} not; changing nothing: {silent:?}", survivors.len());
        assert!(survivors.is_empty(), "{}", survivors.join("\n"));
        assert_eq!(flips, Policy::ALL.len() * AuthLevel::LADDER.len() * (REACHES.len() - 1));
    });
}

/// A router of another hub on the same store, with a table of its own. It lives an hour later than the one before: by
/// then the numbers that one had leased are free again.
async fn another(w: &crate::support::World, table: Table, hour: u32) -> axum::Router {
    let at = w.hub.clock.now().plus(Duration::from_secs(3600) * hour);
    let begin = Begin {
        db: w.db().clone(),
        folder: w.folder().to_owned(),
        content: None,
        master_key: None,
        settings: Plan::default().settings,
        table: Some(table),
        clock: Clock::Set(at.0.into()),
    };
    crossdock::rest::router(Hub::begin(begin).await.unwrap(), crossdock::rest::Config::default())
}

/// Whether any cell of a part of the sweep answers otherwise than the contract says.
async fn notices(scene: &Scene<'_>, router: &axum::Router, part: &[&Row]) -> bool {
    for row in part {
        let caller = scene.caller(row.level).clone();
        for distance in Distance::ALL {
            let Some(expected) = row.cells[distance as usize] else { continue };
            let ask = scene.ask(&row.row, &caller, distance).await.unwrap();
            let key = scene.w.reveal(caller.id).await;
            if ask.send_through(scene.w, router, &With::Key(key)).await.status != expected {
                return true;
            }
        }
    }
    false
}
