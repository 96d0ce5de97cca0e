//! What the tests share: the corpus, when it lies beside the repository, and a small JSON reader for its expectations.

#![allow(dead_code, reason = "each test binary uses a part")]
#![allow(clippy::allow_attributes, reason = "which parts are unused differs between the test binaries")]
#![expect(
    clippy::panic,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "test support may stop a test and say what it skipped"
)]

use std::collections::BTreeMap;
use std::path::PathBuf;

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Json>),
    Object(BTreeMap<String, Json>),
}

impl Json {
    pub fn parse(text: &str) -> Self {
        let mut rest = text.chars().peekable();
        value(&mut rest)
    }

    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.get(name),
            _ => None,
        }
    }

    pub fn text(&self, name: &str) -> &str {
        match self.get(name) {
            Some(Self::Text(text)) => text,
            _ => "",
        }
    }

    pub fn list(&self, name: &str) -> &[Self] {
        match self.get(name) {
            Some(Self::List(items)) => items,
            _ => &[],
        }
    }
}

type Chars<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn blanks(rest: &mut Chars<'_>) {
    while rest.next_if(|c| c.is_whitespace()).is_some() {}
}

fn value(rest: &mut Chars<'_>) -> Json {
    blanks(rest);
    match rest.peek() {
        Some('{') => object(rest),
        Some('[') => {
            rest.next();
            let mut items = Vec::new();
            loop {
                blanks(rest);
                if rest.next_if_eq(&']').is_some() {
                    return Json::List(items);
                }
                items.push(value(rest));
                blanks(rest);
                rest.next_if_eq(&',');
            }
        }
        Some('"') => Json::Text(string(rest)),
        _ => {
            let mut word = String::new();
            while let Some(c) = rest.next_if(|c| c.is_ascii_alphanumeric() || "+-.".contains(*c)) {
                word.push(c);
            }
            match word.as_str() {
                "null" => Json::Null,
                "true" => Json::Bool(true),
                "false" => Json::Bool(false),
                number => Json::Number(number.parse().unwrap_or_else(|_| panic!("not JSON: {number:?}"))),
            }
        }
    }
}

fn object(rest: &mut Chars<'_>) -> Json {
    rest.next();
    let mut members = BTreeMap::new();
    loop {
        blanks(rest);
        if rest.next_if_eq(&'}').is_some() {
            return Json::Object(members);
        }
        let name = string(rest);
        blanks(rest);
        assert_eq!(rest.next(), Some(':'), "not JSON behind {name:?}");
        members.insert(name, value(rest));
        blanks(rest);
        rest.next_if_eq(&',');
    }
}

fn string(rest: &mut Chars<'_>) -> String {
    assert_eq!(rest.next(), Some('"'), "not a JSON string");
    let mut out = Vec::new();
    loop {
        match rest.next().expect("an unfinished JSON string") {
            '"' => return String::from_utf16(&out).expect("surrogates in pairs"),
            '\\' => match rest.next().expect("an unfinished JSON string") {
                'n' => out.push(10),
                't' => out.push(9),
                'r' => out.push(13),
                'b' => out.push(8),
                'f' => out.push(12),
                'u' => {
                    let hex: String = (0..4).map(|_| rest.next().expect("four digits")).collect();
                    out.push(u16::from_str_radix(&hex, 16).expect("four hex digits"));
                }
                c => out.extend(c.encode_utf16(&mut [0; 2]).iter()),
            },
            c => out.extend(c.encode_utf16(&mut [0; 2]).iter()),
        }
    }
}

/// One file of the corpus.
pub struct Sample {
    pub path: String,
    pub bytes: Vec<u8>,
    pub expected: Json,
}

/// The corpus in the folder `shared` beside the repository, or in `CROSSDOCK_SHARED`. Empty, with a word on standard output, when
/// there is none.
#[expect(clippy::disallowed_methods, reason = "only tests look for the corpus")]
pub fn corpus() -> Vec<Sample> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let folder = std::env::var("CROSSDOCK_SHARED").map_or(beside, PathBuf::from).join("corpus");
    let Ok(expected) = std::fs::read_to_string(folder.join("EXPECTED.jsonl")) else {
        println!("skipped: no corpus in {}; 230 files not read", folder.display());
        return Vec::new();
    };
    let samples: Vec<Sample> = expected
        .lines()
        .map(|line| {
            let expected = Json::parse(line);
            let path = expected.text("path").to_owned();
            let bytes =
                std::fs::read(folder.join("files").join(&path)).unwrap_or_else(|error| panic!("{path}: {error}"));
            Sample { path, bytes, expected }
        })
        .collect();
    println!("read {} files of the corpus", samples.len());
    samples
}

/// Everything a reader told, as text.
#[derive(Default, Debug, PartialEq, Eq)]
pub struct Log(pub Vec<String>);

impl edi::Sink for Log {
    fn filler(&mut self, filler: &edi::Filler) {
        self.0.push(format!("{filler:?}"));
    }
    fn begin(&mut self, interchange: &edi::Interchange) {
        self.0.push(format!("begin {interchange:?}"));
    }
    fn group(&mut self, group: &edi::Group) {
        self.0.push(format!("{group:?}"));
    }
    fn set(&mut self, set: &edi::Set) {
        self.0.push(format!("{set:?}"));
    }
    fn acknowledgement(&mut self, acknowledgement: &edi::Acknowledgement) {
        self.0.push(format!("{acknowledgement:?}"));
    }
    fn finding(&mut self, finding: &edi::Finding) {
        self.0.push(format!("{finding:?}"));
    }
    fn end(&mut self, interchange: edi::Interchange) {
        self.0.push(format!("end {interchange:?}"));
    }
}

/// The most a reader may keep of its input, whatever the input.
pub const KEPT: usize = 26 * 1024;

/// What is told about a slice.
pub fn whole(bytes: &[u8]) -> Log {
    let mut log = Log::default();
    let summary = edi::read(bytes, &mut log);
    log.0.push(format!("{summary:?}"));
    log
}

/// What is told when the bytes come in chunks; `size` gives the length of the next one.
pub fn chunked(bytes: &[u8], mut size: impl FnMut() -> usize) -> Log {
    let mut log = Log::default();
    let mut reader = edi::Reader::new(edi::Limits::default());
    let mut at = 0;
    loop {
        let end = (at + size().max(1)).min(bytes.len());
        let chunk = &bytes[at..end];
        let again = if chunk.is_empty() {
            match reader.finish(&mut log) {
                edi::Finish::Done(summary) => {
                    log.0.push(format!("{summary:?}"));
                    return log;
                }
                edi::Finish::Rewind(offset) => offset,
            }
        } else {
            at = end;
            match reader.push(chunk, &mut log) {
                edi::Step::More => {
                    assert!(reader.kept() <= KEPT, "{} bytes kept", reader.kept());
                    continue;
                }
                edi::Step::Rewind(offset) => offset,
            }
        };
        at = usize::try_from(again).expect("an offset within the bytes");
    }
}

/// The bytes behind an interchange so long that the start of the parcel is judged by it alone, and where they start: there, what
/// follows is read as it comes, while a short parcel is read when it has ended.
pub fn behind_a_long_one(bytes: &[u8]) -> (Vec<u8>, usize) {
    let long = format!("UNB+UNOA:1+A+B+260101:1200+1'{}UNZ+0+1'", "FTX+AAI'".repeat(2800));
    ([long.as_bytes(), bytes].concat(), long.len())
}
