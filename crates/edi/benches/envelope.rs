//! How fast the reader is, one core, against scanners written by hand for exactly this data and nothing else.
//!
//! `cargo bench -p crossdock-edi` reads 50 MB of generated X12 and EDIFACT; `-- --stream 5000` sends that many megabytes through the
//! incremental reader without keeping them. All counts and control numbers are checked by every row but the raw ones.

#![expect(
    clippy::print_stdout,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a measuring program over data it made itself"
)]
#![expect(clippy::indexing_slicing, reason = "the hand scanners trust their data: that is what makes them the ceiling")]

use std::hint::black_box;
use std::time::Instant;

use edi::generate::{Plan, parcel};
use edi::{Finish, Interchange, Limits, Reader, Sink, Standard, Step};
use memchr::{memchr, memchr2};

#[derive(Default, Debug, Clone, Copy, PartialEq, Eq)]
struct Counts {
    interchanges: u64,
    sets: u64,
    refused: u64,
    warnings: u64,
}

impl Sink for Counts {
    fn end(&mut self, interchange: Interchange) {
        self.interchanges += 1;
        self.sets += interchange.sets;
        self.refused += u64::from(interchange.refusal.is_some());
        self.warnings += interchange.warnings.len() as u64;
    }
}

fn number(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |n, &d| n * 10 + u64::from(d.wrapping_sub(b'0')))
}

/// One memchr per segment, the tag, the counts and control numbers of SE, GE and IEA; `*` and `~` are known.
fn hand_x12(bytes: &[u8]) -> Counts {
    let mut counts = Counts::default();
    let (mut sets, mut groups, mut segments) = (0, 0, 0);
    let (mut icn, mut gcn, mut control): (&[u8], &[u8], &[u8]) = (b"", b"", b"");
    let mut at = 0;
    while at < bytes.len() {
        if matches!(bytes[at], b'\r' | b'\n') {
            at += 1;
            continue;
        }
        let length = memchr(b'~', &bytes[at..]).unwrap();
        let segment = &bytes[at..at + length];
        at += length + 1;
        segments += 1;
        let mut elements = segment.split(|&b| b == b'*');
        match &segment[..3] {
            b"ISA" => (icn, groups) = (&segment[90..99], 0),
            b"GS*" => (gcn, groups, sets) = (elements.nth(6).unwrap(), groups + 1, 0),
            b"ST*" => (control, sets, segments) = (elements.nth(2).unwrap(), sets + 1, 1),
            b"SE*" => {
                counts.sets += 1;
                assert!(number(elements.nth(1).unwrap()) == segments && elements.next() == Some(control));
            }
            b"GE*" => assert!(number(elements.nth(1).unwrap()) == sets && elements.next() == Some(gcn)),
            b"IEA" => {
                counts.interchanges += 1;
                assert!(number(elements.nth(1).unwrap()) == groups && elements.next() == Some(icn));
            }
            _ => {}
        }
    }
    counts
}

/// One memchr2 per segment for terminator and release; the delimiters are known.
fn hand_edifact(bytes: &[u8]) -> Counts {
    let mut counts = Counts::default();
    let (mut groups, mut sets, mut all, mut segments) = (0, 0, 0, 0);
    let (mut icn, mut gcn, mut control): (&[u8], &[u8], &[u8]) = (b"", b"", b"");
    let mut at = 0;
    while at < bytes.len() {
        if matches!(bytes[at], b'\r' | b'\n') {
            at += 1;
            continue;
        }
        if bytes[at..].starts_with(b"UNA") {
            at += 9;
            continue;
        }
        let mut end = at;
        loop {
            end += memchr2(b'\'', b'?', &bytes[end..]).unwrap();
            if bytes[end] == b'\'' {
                break;
            }
            end += 2;
        }
        let segment = &bytes[at..end];
        at = end + 1;
        segments += 1;
        if !segment.starts_with(b"UN") {
            continue;
        }
        let mut elements = segment.split(|&b| b == b'+');
        match segment[2] {
            b'B' => (icn, groups, all) = (elements.nth(5).unwrap(), 0, 0),
            b'G' => (gcn, groups, sets) = (elements.nth(5).unwrap(), groups + 1, 0),
            b'H' => (control, sets, all, segments) = (elements.nth(1).unwrap(), sets + 1, all + 1, 1),
            b'T' => {
                counts.sets += 1;
                assert!(number(elements.nth(1).unwrap()) == segments && elements.next() == Some(control));
            }
            b'E' => assert!(number(elements.nth(1).unwrap()) == sets && elements.next() == Some(gcn)),
            b'Z' => {
                counts.interchanges += 1;
                let found = if groups > 0 { groups } else { all };
                assert!(number(elements.nth(1).unwrap()) == found && elements.next() == Some(icn));
            }
            _ => {}
        }
    }
    counts
}

fn slice(bytes: &[u8]) -> Counts {
    let mut counts = Counts::default();
    edi::read(bytes, &mut counts);
    counts
}

fn chunks(bytes: &[u8], size: usize) -> Counts {
    let mut counts = Counts::default();
    let mut reader = Reader::new(Limits::default());
    for chunk in bytes.chunks(size) {
        assert_eq!(reader.push(chunk, &mut counts), Step::More);
    }
    assert!(matches!(reader.finish(&mut counts), Finish::Done(_)));
    counts
}

/// Rounds in which every row runs once: what slows the machine for a while slows them all.
const ROUNDS: usize = 15;

type Row<'a> = (String, Box<dyn Fn(&[u8]) -> Counts + 'a>);

/// Megabytes per second of wall time, the median of the rounds for each row, and what part of the first row's speed that is,
/// as the median of the ratios within each round.
fn measure(bytes: &[u8], expected: Counts, rows: &[Row<'_>]) {
    let mut seconds = vec![Vec::new(); rows.len()];
    for round in 0..=ROUNDS {
        for ((name, run), seconds) in rows.iter().zip(&mut seconds) {
            let start = Instant::now();
            let counts = black_box(run(black_box(bytes)));
            if round > 0 {
                seconds.push(start.elapsed().as_secs_f64());
            }
            assert_eq!(counts, expected, "{name}");
        }
    }
    let median = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    for ((name, _), own) in rows.iter().zip(&seconds) {
        let speed = bytes.len() as f64 / 1e6 / median(own.clone());
        let best = bytes.len() as f64 / 1e6 / own.iter().copied().fold(f64::INFINITY, f64::min);
        let ratio = |to: usize| 100.0 * median(seconds[to].iter().zip(own).map(|(other, own)| other / own).collect());
        println!(
            "  {name:<28} {speed:>6.0} MB/s (best {best:.0}), {:>4.0} % of the first row, {:>4.0} % of the second",
            ratio(0),
            ratio(1)
        );
    }
}

fn data(standard: Standard, line_ends: bool, megabytes: usize) -> Vec<u8> {
    let plan = Plan { interchanges: 200, sets: 8, lines: 17, usual_delimiters: true, line_ends, ..Plan::new(standard) };
    let mut bytes = Vec::new();
    let mut seed = 1;
    while bytes.len() < megabytes * 1_000_000 {
        bytes.extend(parcel(&plan, seed));
        seed += 1;
    }
    bytes
}

fn compare(standard: Standard, line_ends: bool, hand: fn(&[u8]) -> Counts) {
    let bytes = data(standard, line_ends, 50);
    let expected = hand(&bytes);
    let shape = if line_ends { "line ends" } else { "one line" };
    println!(
        "{standard}, {shape}: {} bytes, {} interchanges, {} sets",
        bytes.len(),
        expected.interchanges,
        expected.sets
    );
    let mut rows: Vec<Row<'_>> =
        vec![("hand scanner".to_owned(), Box::new(hand)), ("read, one slice".to_owned(), Box::new(slice))];
    for size in [1 << 12, 1 << 16, 1 << 20] {
        rows.push((format!("Reader, chunks of {} KiB", size >> 10), Box::new(move |bytes| chunks(bytes, size))));
    }
    measure(&bytes, expected, &rows);
}

/// Sends `megabytes` through one reader without keeping them: a thousand sets to the interchange.
fn stream(megabytes: u64) {
    let plan = Plan { interchanges: 4, sets: 1000, lines: 17, usual_delimiters: true, ..Plan::new(Standard::X12) };
    let block = parcel(&plan, 1);
    let mut counts = Counts::default();
    let mut reader = Reader::new(Limits::default());
    let (mut sent, mut kept) = (0, 0);
    let start = Instant::now();
    while sent < megabytes * 1_000_000 {
        for chunk in block.chunks(1 << 16) {
            assert_eq!(reader.push(chunk, &mut counts), Step::More);
            kept = kept.max(reader.kept());
        }
        sent += block.len() as u64;
    }
    let Finish::Done(summary) = reader.finish(&mut counts) else { panic!("a rewind in valid data") };
    assert_eq!((summary.bytes, counts.refused, counts.warnings), (sent, 0, 0));
    let speed = sent as f64 / 1e6 / start.elapsed().as_secs_f64();
    println!(
        "streamed {sent} bytes, {} interchanges, {speed:.0} MB/s, at most {kept} bytes of input kept",
        counts.interchanges
    );
    if let Ok(status) = std::fs::read_to_string("/proc/self/status") {
        status.lines().filter(|line| line.starts_with("VmHWM")).for_each(|line| println!("{line}"));
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--stream") {
        return stream(arguments.get(at + 1).and_then(|n| n.parse().ok()).unwrap_or(5000));
    }
    compare(Standard::X12, false, hand_x12);
    compare(Standard::X12, true, hand_x12);
    compare(Standard::Edifact, false, hand_edifact);
    compare(Standard::Edifact, true, hand_edifact);
}
