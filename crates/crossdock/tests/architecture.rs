//! What ARCHITECTURE.md says of the tree, checked against the tree.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The sources of a crate, without its tests.
fn sources(of: &str) -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(path);
            }
        }
    }
    let (root, mut found) = (root(), Vec::new());
    walk(&root.join("crates").join(of).join("src"), &mut found);
    let read = |path: PathBuf| {
        let name = path.strip_prefix(&root).unwrap().display().to_string();
        (name, fs::read_to_string(path).unwrap())
    };
    found.into_iter().map(read).collect()
}

/// The code of a file: no comments, and nothing from its unit tests on.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]").next().unwrap();
    text.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

const CRATES: [&str; 6] = ["model", "edi", "store", "hub", "api", "crossdock"];

/// The crates of ours, and the crates of others, that a crate names as dependencies.
fn dependencies(of: &str) -> BTreeSet<String> {
    let manifest = fs::read_to_string(root().join("crates").join(of).join("Cargo.toml")).unwrap();
    let section = manifest.split("\n[dependencies]").nth(1).unwrap_or_default();
    let section = section.split("\n[").next().unwrap();
    let names = section.lines().filter_map(|l| l.split(['.', ' ', '=']).next());
    names.filter(|n| !n.is_empty() && !n.starts_with('#')).map(str::to_owned).collect()
}

#[test]
fn the_arrows_between_our_crates_are_the_ones_drawn() {
    let drawn = [
        ("model", vec![]),
        ("edi", vec![]),
        ("store", vec!["model"]),
        ("hub", vec!["edi", "model", "store"]),
        ("api", vec!["hub", "model", "store"]),
        ("crossdock", vec!["api", "edi", "hub", "model", "store"]),
    ];
    for (of, allowed) in drawn {
        for found in dependencies(of).iter().filter(|d| CRATES.contains(&d.as_str())) {
            assert!(allowed.contains(&found.as_str()), "{of} must not depend on {found}");
        }
    }
}

#[test]
fn what_knows_a_thing_is_alone_in_knowing_it() {
    let alone = [
        (vec!["rusqlite", "postgres"], vec!["store"]),
        (vec!["axum", "axum-server", "reqwest", "clap"], vec!["crossdock"]),
        (vec!["aws-lc-rs", "argon2", "jsonwebtoken"], vec!["hub"]),
    ];
    for (crates, owners) in alone {
        for of in CRATES.iter().filter(|c| !owners.contains(c)) {
            let found = dependencies(of);
            for name in &crates {
                assert!(!found.contains(*name), "{of} must not depend on {name}: {owners:?} does");
            }
        }
    }
    for pure in ["model", "edi"] {
        assert!(!dependencies(pure).iter().any(|d| d == "tokio"), "{pure} does no I/O");
    }
}

#[test]
fn only_the_store_knows_sql() {
    for of in CRATES.iter().filter(|c| **c != "store") {
        for (name, text) in sources(of) {
            let code = code(&text);
            for word in ["SELECT ", "INSERT INTO", "DELETE FROM", "UPDATE SET"] {
                assert!(!code.contains(word), "{name} holds SQL: {word}");
            }
        }
    }
    for (name, text) in
        sources("store").iter().filter(|(name, _)| !name.contains("/src/db/") && !name.contains("testing"))
    {
        assert!(!code(text).contains("rusqlite::") && !code(text).contains("postgres::"), "{name} names an engine");
    }
}

#[test]
fn no_surface_names_an_operation() {
    for (name, text) in
        sources("crossdock").iter().filter(|(name, _)| name.contains("/rest") || name.contains("openapi"))
    {
        for entry in api::catalogue() {
            // A one-word name is an ordinary word too; its path is not.
            let one_word = !entry.spec.name.contains(char::is_uppercase);
            let named = !one_word && code(text).contains(entry.spec.name) || code(text).contains(entry.spec.rest.path);
            assert!(!named, "{name} names {}", entry.spec.name);
        }
    }
}

/// Files that are longer for a reason.
const LONG: [(&str, &str); 0] = [];

#[test]
fn files_stay_within_400_lines() {
    for of in CRATES {
        for (name, text) in sources(of) {
            let lines = text.split("#[cfg(test)]").next().unwrap().lines().count();
            let excused = LONG.iter().any(|(file, _)| name.ends_with(file));
            assert!(lines <= 400 || excused, "{name} has {lines} lines");
        }
    }
}

#[test]
fn a_newcomer_finds_an_operation_by_its_path() {
    for entry in api::catalogue() {
        let group = entry.spec.group.as_str();
        let folder = root().join("crates/api/src").join(group);
        let mentioned = fs::read_dir(&folder).unwrap().any(|file| {
            let text = fs::read_to_string(file.unwrap().path()).unwrap_or_default();
            let first = format!("//! `{} {}`", entry.spec.rest.method, entry.spec.rest.path);
            text.starts_with(&first)
        });
        assert!(
            mentioned,
            "no file under {} begins with `{} {}`",
            folder.display(),
            entry.spec.rest.method,
            entry.spec.rest.path
        );
    }
}

#[test]
fn every_dependency_has_its_reason() {
    let contributing = fs::read_to_string(root().join("CONTRIBUTING.md")).unwrap();
    let table = contributing.split("## Dependencies").nth(1).unwrap();
    for of in CRATES {
        for name in dependencies(of).iter().filter(|d| !CRATES.contains(&d.as_str())) {
            let listed = table.lines().filter(|l| l.starts_with('|')).any(|l| {
                let cell = l.split('|').nth(1).unwrap_or_default();
                cell.split(',').any(|c| c.trim() == name)
            });
            assert!(listed, "{name}, a dependency of {of}, has no reason in CONTRIBUTING.md");
        }
    }
}
