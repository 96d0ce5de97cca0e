//! `contract/operations.txt` and `contract/foreign.txt`.

use super::{file, published};
use crate::sweep::{Distance, access};
use model::AuthLevel;
use std::collections::{BTreeMap, BTreeSet};

/// The operations of the text, with their names where they are built; those of the published contract, and the additive.
fn listed() -> (BTreeMap<String, Option<String>>, BTreeSet<String>, usize) {
    let (mut all, mut additive, mut unbuilt, mut group) = (BTreeMap::new(), BTreeSet::new(), None, String::new());
    for line in file("operations.txt").lines() {
        if let Some(text) = line.strip_prefix("# ") {
            group = text.to_owned();
        } else if let Some(number) = line.strip_prefix("unbuilt: ") {
            unbuilt = Some(number.parse().unwrap());
        } else if let Some((operation, name)) = line.split_once(": ") {
            if group == "additive" {
                additive.insert(operation.to_owned());
            }
            let name = (name != "-").then(|| name.to_owned());
            assert!(all.insert(operation.to_owned(), name).is_none(), "{operation} stands there twice");
        }
    }
    (all, additive, unbuilt.unwrap())
}

/// A path as documents show it: `{id}` for `{id=userId}`.
fn shown(path: &str) -> String {
    let segment = |s: &str| match s.split_once('=') {
        Some((name, _)) => format!("{name}}}"),
        None => s.to_owned(),
    };
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}

#[test]
fn the_catalogue_holds_the_listed_operations_and_no_other() {
    let (all, additive, unbuilt) = listed();
    assert_eq!(all.len() - additive.len(), 119, "the published contract has 119 operations");
    let built: BTreeMap<String, String> =
        all.iter().filter_map(|(operation, name)| Some((operation.clone(), name.clone()?))).collect();
    let present: BTreeMap<String, String> = api::catalogue()
        .iter()
        .map(|entry| {
            (format!("{} {}", entry.spec.rest.method, shown(entry.spec.rest.path)), entry.spec.name.to_owned())
        })
        .collect();
    assert_eq!(built, present);
    assert_eq!(all.len() - built.len(), unbuilt, "the number of what is not built may only shrink");
    assert!(unbuilt <= 91, "it was 91 once");
}

#[test]
fn other_paths_lead_where_no_published_path_does() {
    let (all, ..) = listed();
    let mut seen = BTreeSet::new();
    for entry in api::catalogue() {
        for rest in entry.spec.also {
            let path = format!("{} {}", rest.method, shown(rest.path));
            assert!(!all.contains_key(&path), "{path} is an operation of its own");
            assert!(seen.insert(path.clone()), "{path} leads to two operations");
        }
    }
}

#[test]
fn the_list_is_the_published_one() {
    let Some(published) = published() else { return };
    let published: BTreeSet<String> = published["endpoints"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| format!("{} {}", e["method"].as_str().unwrap(), e["path"].as_str().unwrap()))
        .collect();
    let (all, additive, _) = listed();
    let ours: BTreeSet<String> = all.into_keys().filter(|operation| !additive.contains(operation)).collect();
    assert_eq!(ours, published);
}

#[test]
fn a_foreign_id_is_taken_where_the_list_says_so_and_nowhere_else() {
    let text = file("foreign.txt");
    let listed: BTreeSet<&str> = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| {
            let (parameter, why) = line.split_once(": ").unwrap();
            assert!(why.len() > 10, "{parameter} has no reason");
            parameter
        })
        .collect();
    let rows = access();
    let known: BTreeSet<&str> = rows.iter().map(|row| row.row.as_str()).collect();
    assert!(listed.is_subset(&known), "{listed:?}");
    for row in rows.iter().filter(|row| row.level.rank() < AuthLevel::NetOps.rank()) {
        // The directory is open by design: what is found there is not named by an id.
        let taken = row.cells[Distance::Other as usize] == Some(200) && row.operation != "findId";
        assert!(!taken || listed.contains(row.row.as_str()), "{} by {}", row.row, row.level);
    }
}
