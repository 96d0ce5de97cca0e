//! What the child does, what it says about it, and what must be true afterwards.

use std::collections::BTreeMap;
use std::io::Read;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use store::files::{Name, Stored};
use store::{Db, Error, Files, Migration, Options, Tx};

pub const ROLE: &str = "CROSSDOCK_TEST_CHILD";
pub const FRAGILE: &str = "CROSSDOCK_TEST_FRAGILE";
pub const FOLDER: &str = "CROSSDOCK_TEST_FOLDER";

const STEPS: &[Migration] = &[Migration {
    number: 1,
    name: "things",
    sql: "CREATE TABLE things (name TEXT PRIMARY KEY, file TEXT, hash {bytes}, bytes BIGINT);
          CREATE TABLE halves (thing TEXT NOT NULL REFERENCES things (name), content {bytes});
          CREATE INDEX halves_thing ON halves (thing)",
}];
const THING: &str = "INSERT INTO things (name, file, hash, bytes) VALUES ($1, $2, $3, $4)";
const HALF: &str = "INSERT INTO halves (thing, content) VALUES ($1, $2)";
const BACK: &str = "SELECT t.name, t.file, t.hash, t.bytes, (SELECT count(*) FROM halves h WHERE h.thing = t.name) \
                    FROM things t";

/// One line of the child.
#[derive(Debug)]
pub enum Answer {
    Done(String),
    /// Certainly nothing of it is there.
    Full(String),
    /// It is there whole, or not at all; which of the two is open.
    #[expect(dead_code, reason = "shown when a check fails")]
    Unavailable(String),
    /// The fault is over and writing works again.
    Healed,
}

impl Answer {
    pub fn parse(line: &str) -> Option<Self> {
        let (word, name) = line.strip_prefix("answer ")?.split_once(' ')?;
        let name = name.to_owned();
        match word {
            "done" => Some(Self::Done(name)),
            "full" => Some(Self::Full(name)),
            "unavailable" => Some(Self::Unavailable(name)),
            "healed" => Some(Self::Healed),
            other => panic!("an answer that should not be: {other} {name}"),
        }
    }

    fn say(word: &str, name: &str) {
        let mut out = std::io::stdout().lock();
        writeln!(out, "answer {word} {name}").unwrap();
        out.flush().unwrap();
    }

    /// Says how it went; a child that is told so dies at the first failure, as if it had been killed.
    fn say_result(name: &str, result: &Result<(), Error>) {
        let word = match result {
            Ok(()) => "done",
            Err(Error::Full) => "full",
            Err(Error::Unavailable(_)) => "unavailable",
            Err(other) => return Self::say(&format!("{other:?}").replace(' ', "-"), name),
        };
        Self::say(word, name);
        if result.is_err() && std::env::var(FRAGILE).is_ok() {
            std::process::exit(0);
        }
    }
}

pub fn main() {
    let (Ok(role), Ok(folder)) = (std::env::var(ROLE), std::env::var(FOLDER)) else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        match role.as_str() {
            "trace" => trace(Path::new(&folder)).await,
            _ => write(Path::new(&folder)).await,
        }
    });
    // No closing: the next start must cope with whatever lies there.
    std::process::exit(0);
}

const NODE: &str = "node";

fn open(folder: &Path) -> Result<(Db, Files), Error> {
    let db = Db::sqlite(&folder.join("store.db"), Options::default())?;
    db.migrate(STEPS)?;
    Ok((db, Files::open(&folder.join("files"), NODE)?))
}

/// A few uploads with a fault somewhere among them; then the fault ends, and the store must work again.
async fn trace(folder: &Path) {
    let mut store = open(folder).ok();
    for upload in 0..3 {
        let Some((db, files)) = &store else {
            store = open(folder).ok();
            continue;
        };
        let names = ["large", "small", "other"].map(|name| format!("{name}{upload} of {}", std::process::id()));
        let content = (upload != 1).then(|| vec![upload as u8 + 1; 70_000]);
        let both = futures(add(db, files, &names[1], None), add(db, files, &names[2], None));
        let (small, other) = both.await;
        Answer::say_result(&names[1], &small);
        Answer::say_result(&names[2], &other);
        Answer::say_result(&names[0], &add(db, files, &names[0], content).await);
    }
    if let Ok(flag) = std::env::var("FAULT_FLAG") {
        std::fs::remove_file(flag).unwrap();
    }
    let deadline = Instant::now() + Duration::from_secs(5);
    for attempt in 0.. {
        assert!(Instant::now() < deadline, "the store did not come back");
        let Some((db, files)) = &store else {
            store = open(folder).ok();
            continue;
        };
        let name = format!("healed{attempt} of {}", std::process::id());
        let result = add(db, files, &name, Some(vec![9; 70_000])).await;
        Answer::say_result(&name, &result);
        if result.is_ok() {
            Answer::say("healed", "now");
            break;
        }
    }
}

/// Two at once, so that they share a transaction.
async fn futures(
    one: impl Future<Output = Result<(), Error>>,
    other: impl Future<Output = Result<(), Error>>,
) -> (Result<(), Error>, Result<(), Error>) {
    let (mut one, mut other) = (Box::pin(one), Box::pin(other));
    let (mut first, mut second) = (None, None);
    std::future::poll_fn(|context| {
        if first.is_none()
            && let std::task::Poll::Ready(result) = one.as_mut().poll(context)
        {
            first = Some(result);
        }
        if second.is_none()
            && let std::task::Poll::Ready(result) = other.as_mut().poll(context)
        {
            second = Some(result);
        }
        match (first.take(), second.take()) {
            (Some(one), Some(other)) => std::task::Poll::Ready((one, other)),
            (one, other) => {
                (first, second) = (one, other);
                std::task::Poll::Pending
            }
        }
    })
    .await
}

fn put(files: &Files, content: &[u8]) -> Result<Stored, Error> {
    let mut writer = files.writer()?;
    writer.write(content)?;
    writer.finish()
}

/// An upload: the content file first, then the rows that name it.
async fn add(db: &Db, files: &Files, name: &str, content: Option<Vec<u8>>) -> Result<(), Error> {
    let stored = match content {
        Some(content) => Some(put(files, &content)?),
        None => None,
    };
    let name = name.to_owned();
    db.write(move |tx| rows(tx, &name, stored.as_ref())).await
}

fn rows(tx: &mut Tx<'_>, name: &str, stored: Option<&Stored>) -> Result<(), Error> {
    let file = stored.map(|stored| stored.name.as_str().to_owned());
    let hash = stored.map(|stored| stored.blake3);
    let bytes = stored.and_then(|stored| i64::try_from(stored.bytes).ok());
    tx.run(THING, &[&name, &file, &hash, &bytes])?;
    tx.run(HALF, &[&name, &vec![1_u8; 3000]])?;
    tx.run(HALF, &[&name, &vec![2_u8; 3000]]).map(drop)
}

/// Writes until it is killed: four at a time, every tenth with a file.
async fn write(folder: &Path) {
    let (db, files) = open(folder).unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..4 {
        let (db, files) = (db.clone(), files.clone());
        tasks.spawn(async move {
            for n in 0_u32.. {
                let name = format!("{}-{task}-{n}", std::process::id());
                let content = n.is_multiple_of(10).then(|| vec![7; 70_000]);
                Answer::say_result(&name, &add(&db, &files, &name, content).await);
            }
        });
    }
    tasks.join_all().await;
}

/// Looks at what the child left behind: all that was answered, nothing half.
pub fn check(folder: &Path, answers: &[Answer], place: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let (db, files) = open(folder).unwrap_or_else(|error| panic!("it does not open: {error:?}: {place}"));
        type Back = (String, Option<String>, Option<[u8; 32]>, Option<i64>, i64);
        let back: Vec<Back> = db.scan(|tx| tx.rows::<Back>(BACK, &[])).await.unwrap();
        let mut there = BTreeMap::new();
        for (name, file, hash, bytes, halves) in back {
            assert_eq!(halves, 2, "{name} is half there: {place}");
            if let Some(file) = file {
                let mut content = Vec::new();
                files.open_file(&Name::parse(&file).unwrap()).unwrap().read_to_end(&mut content).unwrap();
                assert_eq!(Some(content.len() as i64), bytes, "{name}: {place}");
                assert_eq!(hash, Some(*blake3::hash(&content).as_bytes()), "{name}: {place}");
            }
            there.insert(name, ());
        }
        for answer in answers {
            match answer {
                Answer::Done(name) => assert!(there.contains_key(name), "{name} is lost: {place}"),
                Answer::Full(name) => assert!(!there.contains_key(name), "{name} was refused and is there: {place}"),
                Answer::Unavailable(_) | Answer::Healed => {}
            }
        }
        let result = add(&db, &files, "after", None).await;
        result.unwrap_or_else(|error| panic!("it does not write: {error:?}: {place}"));
        assert!(!staged(folder), "the next start left half-written files: {place}");
    });
}

fn staged(folder: &Path) -> bool {
    let staging: PathBuf = folder.join("files").join("staging").join(NODE);
    std::fs::read_dir(staging).unwrap().next().is_some()
}
