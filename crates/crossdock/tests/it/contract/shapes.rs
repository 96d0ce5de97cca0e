//! `contract/shapes/`: the members of each operation's answer, and no other.

use super::{file, published};
use crate::{
    support::on_both,
    sweep::{Distance, Scene, With, access},
};
use model::{AuthLevel, EdiStandard, InterconnectStatus, ParcelStatus, RoutingGroup, Status};
use serde_json::Value;
use std::collections::BTreeMap;

/// A member of an answer.
struct Member {
    path: String,
    kind: String,
    additive: bool,
    /// Not always there.
    sometimes: bool,
}

fn shape(operation: &str) -> Vec<Member> {
    let read = |line: &str| {
        let (additive, line) = line.strip_prefix("+ ").map_or((false, line), |line| (true, line));
        let (path, kind) = line.split_once(": ").unwrap_or_else(|| panic!("{operation}: {line}"));
        let (kind, sometimes) = kind.split_once(", ").map_or((kind, false), |(kind, _)| (kind, true));
        assert!(additive || !sometimes, "{operation}: what is published is always there");
        Member { path: path.to_owned(), kind: kind.to_owned(), additive, sometimes }
    };
    let text = file(&format!("shapes/{operation}.txt"));
    text.lines().map(str::trim).filter(|line| !line.starts_with('#')).map(read).collect()
}

/// The members of an answer with their values, a list's by its first item.
fn members(path: &str, value: &Value, into: &mut BTreeMap<String, Value>) {
    into.insert(path.to_owned(), value.clone());
    match value {
        Value::Object(object) => {
            object.iter().for_each(|(name, value)| members(&format!("{path}.{name}"), value, into))
        }
        Value::Array(items) => items.iter().for_each(|item| members(&format!("{path}[]"), item, into)),
        _ => {}
    }
}

fn is_of(kind: &str, value: &Value) -> bool {
    let named = |names: &[&str]| value.as_str().is_some_and(|text| names.contains(&text));
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "integer" => value.is_i64(),
        "string" | "text" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "empty" => *value == "",
        "AuthLevel" => named(AuthLevel::NAMES),
        "Status" => named(Status::NAMES),
        "ParcelStatus" => named(ParcelStatus::NAMES),
        "RoutingGroup" => named(RoutingGroup::NAMES),
        "EDIStandard" => named(EdiStandard::NAMES),
        "InterconnectStatus" => named(InterconnectStatus::NAMES),
        other => panic!("{other} is no type"),
    }
}

#[test]
fn every_answer_has_exactly_its_members() {
    on_both(async |w| {
        let scene = Scene::set(w).await;
        let mut wrong = Vec::new();
        for entry in api::catalogue() {
            let operation = entry.spec.name;
            let rows = access();
            let row = rows.iter().find(|row| row.operation == operation && row.level == AuthLevel::Root).unwrap();
            let caller = scene.caller(AuthLevel::Root).clone();
            let reached = |distance: &Distance| row.cells[*distance as usize] == Some(200);
            let distance = [Distance::Own, Distance::Mailbox].into_iter().find(reached).unwrap();
            let ask = scene.ask(&row.row, &caller, distance).await.unwrap();
            let answer = ask.send(w, &With::Key(w.reveal(caller.id).await)).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            let mut there = BTreeMap::new();
            for (name, value) in answer.json.as_object().unwrap().iter().filter(|(name, _)| *name != "success") {
                members(name, value, &mut there);
            }
            for member in shape(operation) {
                match there.remove(&member.path) {
                    Some(value) if is_of(&member.kind, &value) => {}
                    Some(value) => wrong.push(format!("{operation}: {} is {value}, not {}", member.path, member.kind)),
                    None if member.sometimes => {}
                    None => wrong.push(format!("{operation}: {} is missing", member.path)),
                }
            }
            wrong.extend(there.keys().map(|path| format!("{operation}: {path} is in no list")));
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    });
}

#[test]
fn the_shapes_are_the_published_ones() {
    let Some(published) = published() else { return };
    let text = |value: &Value| value.as_str().map(str::to_owned);
    for entry in api::catalogue() {
        let rest = &entry.spec.rest;
        let of = |e: &&Value| e["method"] == rest.method && e["path"] == rest.path;
        let Some(page) = published["endpoints"].as_array().unwrap().iter().find(of) else {
            assert!(file("operations.txt").contains(&format!("{} {}: {}", rest.method, rest.path, entry.spec.name)));
            continue;
        };
        let response = &page["response"];
        let mut expected: Vec<(String, String)> = response["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|m| (text(&m["path"]).unwrap(), text(&m["enum"]).or_else(|| text(&m["type"])).unwrap()))
            .collect();
        for (member, said) in [("errorCode", "errorCodeOnSuccess"), ("message", "messageOnSuccess")] {
            let kind = match &response[said] {
                Value::String(said) if said == "absent" => continue,
                Value::String(said) if said.is_empty() => "empty",
                Value::Null => "null",
                Value::String(said) if said == "null" => "null",
                _ => "text",
            };
            expected.push((member.to_owned(), kind.to_owned()));
        }
        assert_eq!(response["beside"], Value::Array(Vec::new()), "{}", entry.spec.name);
        let mut ours: Vec<(String, String)> =
            shape(entry.spec.name).into_iter().filter(|m| !m.additive).map(|m| (m.path, m.kind)).collect();
        ours.sort();
        expected.sort();
        assert_eq!(ours, expected, "{}", entry.spec.name);
    }
}
