//! Content files: whole, durable and under names of our own, or not at all.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use store::files::{Name, Stored};
use store::{Col as _, Error, Files, Value};

fn run<F: Future<Output = ()>>(test: impl FnOnce(Files, PathBuf) -> F) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("files");
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(test(Files::open(&root, NODE).unwrap(), root.clone()));
}

const NODE: &str = "node-1";

fn put(files: &Files, content: &[u8]) -> Stored {
    let mut writer = files.writer().unwrap();
    content.chunks(100_000).for_each(|piece| writer.write(piece).unwrap());
    let mut back = Vec::new();
    writer.read_back().unwrap().read_to_end(&mut back).unwrap();
    assert_eq!(back, content);
    writer.finish().unwrap()
}

fn read(files: &Files, name: &Name) -> Result<Vec<u8>, Error> {
    let mut content = Vec::new();
    files.open_file(name)?.read_to_end(&mut content).unwrap();
    Ok(content)
}

/// Every file below a folder.
fn all(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(all(&path)) } else { found.push(path) }
    }
    found
}

#[test]
fn content_comes_back_whole() {
    run(async |files, root| {
        assert!(files.is_empty().unwrap());
        let content: Vec<u8> = (0..300_000_u32).map(|n| n as u8).collect();
        let stored = put(&files, &content);
        assert_eq!(stored.bytes, 300_000);
        assert_eq!(stored.blake3, *blake3::hash(&content).as_bytes());
        assert_eq!(read(&files, &stored.name).unwrap(), content);
        let name = stored.name.as_str();
        assert_eq!(all(&root), [root.join(&name[..2]).join(&name[2..4]).join(name)]);
        assert!(!files.is_empty().unwrap());
    });
}

#[test]
fn equal_content_never_shares_a_file() {
    run(async |files, _root| {
        let (one, other) = (put(&files, b"same"), put(&files, b"same"));
        assert_ne!(one.name, other.name);
        files.remove(&one.name).await.unwrap();
        files.remove(&one.name).await.unwrap();
        assert_eq!(read(&files, &other.name).unwrap(), b"same");
        assert!(matches!(read(&files, &one.name), Err(Error::Unavailable(_))));
    });
}

#[test]
fn an_unfinished_file_leaves_nothing() {
    run(async |files, root| {
        let mut writer = files.writer().unwrap();
        writer.write(b"some of it").unwrap();
        assert_eq!((all(&root).len(), writer.bytes()), (1, 10));
        drop(writer);
        assert_eq!(all(&root), Vec::<PathBuf>::new());

        let mut crashed = files.writer().unwrap();
        crashed.write(b"some of it").unwrap();
        std::mem::forget(crashed);
        assert_eq!(all(&root).len(), 1);
        Files::open(&root, "node-2").unwrap();
        assert_eq!(all(&root).len(), 1, "another node may be writing it");
        Files::open(&root, NODE).unwrap();
        assert_eq!(all(&root), Vec::<PathBuf>::new());
    });
}

#[test]
fn a_name_that_is_none_never_touches_a_path() {
    let good = "0123456789abcdef0123456789abcdef";
    assert_eq!(Name::parse(good).unwrap().as_str(), good);
    assert_eq!(Name::from_cell(Value::Text(good)).unwrap().to_string(), good);
    for bad in
        ["", "../../../../../../etc/passwd\0aaaa", "0123456789ABCDEF0123456789ABCDEF", &good[1..], &format!("{good}0")]
    {
        assert!(Name::parse(bad).is_err(), "{bad:?}");
        assert!(Name::from_cell(Value::Text(bad)).is_err(), "{bad:?}");
    }
}

#[test]
fn the_sweep_sees_what_is_old_and_nothing_else() {
    run(async |files, root| {
        let (old, new) = (put(&files, b"old"), put(&files, b"new"));
        let name = old.name.as_str();
        let path = root.join(&name[..2]).join(&name[2..4]).join(name);
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        let yesterday = file.metadata().unwrap().modified().unwrap() - Duration::from_secs(24 * 3600);
        file.set_modified(yesterday).unwrap();
        std::fs::write(path.with_file_name("not one of ours"), "").unwrap();
        assert_eq!(
            files.list_older_than(Duration::from_secs(23 * 3600)).await.unwrap(),
            std::slice::from_ref(&old.name)
        );
        assert_eq!(files.list_older_than(Duration::from_secs(25 * 3600)).await.unwrap(), []);
        let mut both = [old.name, new.name];
        both.sort();
        let mut found = files.list_older_than(Duration::ZERO).await.unwrap();
        found.sort();
        assert_eq!(found, both);
    });
}
