//! Every operation, level and distance, with the caller's primary key.

use super::{
    deviates, done,
    scene::{Scene, With},
    table::{self, Distance, Row},
};
use crate::support::{User, World, on_both};
use model::AuthLevel;
use std::collections::BTreeSet;

#[test]
fn every_operation_is_in_the_table_for_every_level_once() {
    let rows = table::access();
    let mut seen = BTreeSet::new();
    for row in &rows {
        assert!(seen.insert((row.row.clone(), row.level.rank())), "{} {} stands there twice", row.row, row.level);
    }
    let fields: BTreeSet<&String> = rows.iter().map(|row| &row.row).collect();
    for field in fields {
        for level in AuthLevel::LADDER {
            assert!(seen.contains(&(field.clone(), level.rank())), "{field} says nothing of {level}");
        }
    }
    let named: BTreeSet<&str> = rows.iter().map(|row| row.operation.as_str()).collect();
    let present: BTreeSet<&str> = api::catalogue().iter().map(|entry| entry.spec.name).collect();
    assert_eq!(named, present);
}

#[test]
fn every_cell_of_the_access_table_is_as_it_says() {
    on_both(async |w| {
        let scene = Scene::set(w).await;
        let (mut cells, mut deviations) = (0, Vec::new());
        for row in table::access() {
            let caller = scene.caller(row.level).clone();
            let mut hidden: Vec<(String, String)> = Vec::new();
            for distance in Distance::ALL {
                let (number, found) = cell(&scene, &row, &caller, distance, &mut hidden).await;
                cells += number;
                deviations.extend(found);
            }
            // What is out of reach and what is not there read the same, to the byte.
            for (other, text) in hidden.iter().skip(1) {
                if *text != hidden[0].1 {
                    deviations.push(format!(
                        "{} {}: {} and {other} differ: {} {text}",
                        row.row, row.level, hidden[0].0, hidden[0].1
                    ));
                }
            }
        }
        eprintln!("access: {cells} cells on {:?}, {} deviations", w.engine, deviations.len());
        assert!(deviations.is_empty(), "{}", deviations.join("\n"));
        let there = table::access().iter().flat_map(|row| row.cells).flatten().count();
        assert_eq!(cells, there, "cells were skipped");
    });
}

/// Sends one cell; how many cells that were, and what was wrong.
async fn cell(
    scene: &Scene<'_>,
    row: &Row,
    caller: &User,
    distance: Distance,
    hidden: &mut Vec<(String, String)>,
) -> (usize, Vec<String>) {
    let name = format!("{} by {} at {distance:?}", row.row, row.level);
    let w: &World = scene.w;
    let ask = scene.ask(&row.row, caller, distance).await;
    let (ask, expected) = match (ask, row.cells[distance as usize]) {
        (None, None) => return (0, Vec::new()),
        (Some(ask), Some(expected)) => (ask, expected),
        (ask, _) => {
            return (
                1,
                vec![format!("{name}: table and sweep disagree on whether it makes sense ({})", ask.is_some())],
            );
        }
    };
    // The key may have been replaced by a cell before.
    let key = w.reveal(caller.id).await;
    let before = done(w).await;
    let answer = ask.send(w, &With::Key(key)).await;
    let mut wrong: Vec<String> = deviates(&name, expected, &answer).into_iter().collect();
    if answer.status != 200 && done(w).await != before {
        wrong.push(format!("{name}: was refused and done nevertheless"));
    }
    if answer.status == 404 {
        hidden.push((format!("{distance:?}"), answer.faceless()));
    }
    (1, wrong)
}
