//! `cargo run --release -- differences` sets our reader beside others on the corpus and on 10,000 generated interchanges;
//! `cargo run --release -- speed` measures them in one run.

mod peers;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::PathBuf;
use std::time::Instant;

use ours::generate::{Plan, faults, parcel};
use ours::{Code, Standard};
use peers::{Counts, EDI, EDIFACT_PARSER, EDIFACT_RS, OURS, Peer};

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("differences") => differences(),
        Some("speed") => speed(),
        _ => eprintln!("differences | speed"),
    }
}

/// A parcel with its name.
type Named = (String, Vec<u8>);

fn corpus() -> Vec<Named> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../../shared");
    let folder = std::env::var("CROSSDOCK_SHARED").map_or(beside, PathBuf::from).join("corpus/files");
    let mut files = Vec::new();
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(bytes) = std::fs::read(&path) {
                let name = path.components().rev().take(2).map(|part| part.as_os_str().to_string_lossy());
                files.push((name.collect::<Vec<_>>().join(" in "), bytes));
            }
        }
    }
    if files.is_empty() {
        println!("skipped: no corpus");
    }
    files.sort();
    files
}

/// Ten thousand interchanges: valid ones in all shapes, and every fault.
fn generated() -> Vec<Named> {
    let mut out = Vec::new();
    for seed in 0..5000 {
        for standard in [Standard::X12, Standard::Edifact] {
            let all = faults(standard);
            let fault = (seed % 3 == 0).then(|| all[seed as usize / 3 % all.len()]);
            let plan = Plan { fault, line_ends: seed % 2 == 0, usual_delimiters: seed % 5 < 2, ..Plan::new(standard) };
            let name = format!("{standard} {} {seed}", fault.map_or("valid", Code::as_str));
            out.push((name, parcel(&plan, seed)));
        }
    }
    out
}

/// A parcel cut into what a peer takes at a time: our interchanges, with the line end behind each.
fn pieces<'a>(bytes: &'a [u8], found: &ours::Document) -> Vec<&'a [u8]> {
    found.interchanges.iter().map(|i| &bytes[i.start as usize..i.end_nl as usize]).collect()
}

fn differences() {
    let mut table: BTreeMap<(&str, String), Vec<String>> = BTreeMap::new();
    let mut agreed: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, bytes) in corpus().into_iter().chain(generated()) {
        let found = ours::interchanges(&bytes);
        let peers: &[Peer] = match found.summary.standard {
            Some(Standard::X12) => &[EDI],
            Some(Standard::Edifact) => &[EDIFACT_RS, EDIFACT_PARSER],
            _ => continue,
        };
        for peer in peers {
            for (i, piece) in found.interchanges.iter().zip(pieces(&bytes, &found)) {
                let ours = OURS.1(piece).unwrap_or_default();
                // A panic of theirs is theirs.
                let theirs = std::panic::catch_unwind(|| (peer.1)(piece)).unwrap_or_else(|_| Err("it panics".to_owned()));
                if theirs == Ok(ours) {
                    *agreed.entry(peer.0).or_default() += 1;
                    continue;
                }
                let why = explain(i, piece, &theirs).unwrap_or_else(|| format!("UNEXPLAINED {theirs:?}, ours {ours:?}"));
                table.entry((peer.0, why)).or_default().push(name.clone());
            }
        }
    }
    let unexplained = table.keys().filter(|(_, why)| why.starts_with("UNEXPLAINED")).count();
    println!("{unexplained} differences without an explanation in DIFFERENCES.md");
    for (peer, count) in agreed {
        println!("{peer}: {count} interchanges agree");
    }
    for ((peer, why), names) in table {
        println!("{peer}: {} interchanges: {why}\n    for example {}", names.len(), names[0]);
    }
}

/// Why a peer sees an interchange differently: a heading of DIFFERENCES.md. `None` when it cannot be said.
fn explain(i: &ours::Interchange, piece: &[u8], theirs: &Result<Counts, String>) -> Option<String> {
    let codes: Vec<Code> = i.refusal.iter().chain(&i.warnings).map(|finding| finding.code).collect();
    let any = |wanted: &[Code]| codes.iter().find(|code| wanted.contains(code)).map(|code| code.as_str());
    let holds = |tag: &[u8; 3]| {
        let start = [tag, i.delimiters.element.as_bytes()].concat();
        piece.windows(start.len()).any(|window| window == start)
    };
    let binary = holds(b"BIN") || holds(b"UNO");
    let error = theirs.as_ref().err().map_or("", String::as_str);
    let reason = if let Some(code) = i.refusal.as_ref().map(|refusal| refusal.code) {
        match theirs {
            Err(_) => format!("1 both refuse ({code})"),
            Ok(_) => format!("2 it takes what we hold ({code})"),
        }
    } else if error == "it panics" {
        "3 it panics on a delimiter of several bytes".to_owned()
    } else if binary {
        "4 it does not know binary segments".to_owned()
    } else if let Some(code) = any(&[Code::W202, Code::W223, Code::W224, Code::W203, Code::W201]) {
        format!("5 it cannot read what can be framed ({code})")
    } else if theirs.is_err()
        && let Some(code) =
            any(&[Code::W211, Code::W212, Code::W213, Code::W214, Code::W215, Code::W216, Code::W218, Code::W219])
    {
        format!("6 it refuses what is delivered with a warning ({code})")
    } else if error.contains("InvalidSegmentTag") {
        "7 it wants tags of three letters".to_owned()
    } else if error.contains("InvalidText") || error.contains("utf-8") {
        "8 it wants UTF-8".to_owned()
    } else if error.contains("at least two elements") {
        "9 it wants an element in every segment".to_owned()
    } else {
        return None;
    };
    Some(reason)
}

fn speed() {
    for (standard, peers) in [(Standard::X12, &[OURS, EDI][..]), (Standard::Edifact, &[OURS, EDIFACT_PARSER, EDIFACT_RS])] {
        let plan = Plan { sets: 8, lines: 17, usual_delimiters: true, ..Plan::new(standard) };
        let parcels: Vec<Vec<u8>> = (0..1200).map(|seed| parcel(&plan, seed)).collect();
        let bytes: usize = parcels.iter().map(Vec::len).sum();
        println!("{standard}: {bytes} bytes in {} parcels of one interchange", parcels.len());
        let mut seconds = vec![Vec::new(); peers.len()];
        for _ in 0..9 {
            for ((name, read), seconds) in peers.iter().zip(&mut seconds) {
                let start = Instant::now();
                for parcel in &parcels {
                    let counts = black_box(read(black_box(parcel)));
                    assert_eq!(counts, Ok(Counts { interchanges: 1, sets: 8 }), "{name}");
                }
                seconds.push(start.elapsed().as_secs_f64());
            }
        }
        let median = |mut values: Vec<f64>| {
            values.sort_by(f64::total_cmp);
            values[values.len() / 2]
        };
        for ((name, _), own) in peers.iter().zip(&seconds) {
            let ratio = median(own.iter().zip(&seconds[0]).map(|(own, ours)| own / ours).collect());
            let speed = bytes as f64 / 1e6 / median(own.clone());
            println!("  {name:<16} {speed:>6.0} MB/s, takes {ratio:.1} times as long as ours");
        }
    }
}
