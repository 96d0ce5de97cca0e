//! What the product promises, as texts in `contract/`, against what it is.

mod operations;
mod shapes;

use serde_json::Value;
use std::path::{Path, PathBuf};

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A file of the contract.
pub fn file(name: &str) -> String {
    let path = repository().join("contract").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The published contract as data, where it is at hand: in the folder that `CROSSDOCK_SHARED` names, or in `shared` beside
/// the repository. The project stands without it.
#[expect(clippy::disallowed_methods, reason = "a test looks for what it can compare itself with")]
fn published() -> Option<Value> {
    let folder = std::env::var("CROSSDOCK_SHARED").map_or_else(|_| repository().join("../shared"), PathBuf::from);
    let text = std::fs::read_to_string(Path::new(&folder).join("spec/rest.json"));
    if text.is_err() {
        eprintln!("left out: the comparison of contract/ with the published contract, which is not at hand");
    }
    Some(serde_json::from_str(&text.ok()?).unwrap())
}
