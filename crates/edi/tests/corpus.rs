//! Real files: every interchange must agree with the corpus' expectations, or the disagreement is argued here.

#![expect(clippy::panic, reason = "a test may stop")]

mod support;

use edi::inspect::Inspector;
use support::{Json, Sample, corpus};

/// Disagreements: file, member, and why ours is right.
const ARGUED: [(&str, &str, &str); 2] = [
    ("kputnam__stupidedi/12__1.edi", "time", "a line break within ISA10 is noise (row 13): ISA10 is 0607"),
    ("kputnam__stupidedi/2.edi", "time", "a line break within ISA10 is noise (row 13): ISA10 is 2135"),
];

/// Members that are ours alone, or prose of the expectations: `odd` is covered by the findings.
const NOT_COMPARED: [&str; 6] = ["file", "verdict", "odd", "warnings", "refusal", "more_warnings"];

fn differences(sample: &Sample) -> Vec<String> {
    let mut found = Inspector::default();
    let summary = edi::read(&sample.bytes, &mut found);
    let lines: Vec<Json> = found.json_lines(&sample.path, &summary).iter().map(|line| Json::parse(line)).collect();
    let mut out = Vec::new();
    let mut compare = |member: &str, ours: Option<&Json>, theirs: Option<&Json>| {
        let argued = ARGUED.iter().any(|(path, name, _)| *path == sample.path && *name == member);
        if (ours != theirs) != argued {
            out.push(format!("{}: {member}: {ours:?}, expected {theirs:?}", sample.path));
        }
    };
    let expected = sample.expected.list("interchanges");
    for line in &lines {
        compare("verdict", line.get("verdict"), sample.expected.get("verdict"));
    }
    compare("standard", lines[0].get("standard"), sample.expected.get("standard"));
    if expected.is_empty() {
        compare("interchanges", lines[0].get("interchanges"), Some(&Json::Number(0.0)));
        compare("xml", lines[0].get("xml"), sample.expected.get("xml").filter(|xml| **xml != Json::Null));
        return out;
    }
    compare("count", Some(&Json::Number(lines.len() as f64)), Some(&Json::Number(expected.len() as f64)));
    for (ours, theirs) in lines.iter().zip(expected) {
        let (Json::Object(a), Json::Object(b)) = (ours, theirs) else { panic!("not objects") };
        let names: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
        for name in names.into_iter().filter(|name| !NOT_COMPARED.contains(&name.as_str())) {
            compare(name, a.get(name), b.get(name));
        }
    }
    out
}

#[test]
fn every_file_agrees_with_its_expectations() {
    let differences: Vec<String> = corpus().iter().flat_map(differences).collect();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn filler_and_interchanges_cover_every_file() {
    for sample in corpus() {
        let found = edi::interchanges(&sample.bytes);
        let mut parts: Vec<(u64, u64)> = found.filler.iter().map(|f| (f.start, f.end)).collect();
        parts.extend(found.interchanges.iter().map(|i| (i.start, i.end_nl)));
        parts.sort_unstable();
        let mut at = 0;
        for (start, end) in parts {
            assert_eq!(start, at, "{}: a gap or an overlap", sample.path);
            assert!(end > start, "{}: nothing at {start}", sample.path);
            at = end;
        }
        assert_eq!(at, sample.bytes.len() as u64, "{}: the end is not covered", sample.path);
        let expected = sample.expected.list("filler");
        for range in expected {
            let Json::List(range) = range else { panic!("not a range") };
            let ours = |f: &edi::Filler| vec![Json::Number(f.start as f64), Json::Number(f.end as f64)] == *range;
            assert!(found.filler.iter().any(ours), "{}: filler {range:?}", sample.path);
        }
    }
}
