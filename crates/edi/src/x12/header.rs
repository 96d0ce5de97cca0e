//! From ISA to the header fields of the interchange, with the rules of rows 11 to 21, 43, 48 and 54.

use super::isa::{self, Isa};
use crate::envelope::WRAPPED;
use crate::finding::{Code, Finding};
use crate::interchange::{Interchange, Party};
use crate::standard::Standard;
use crate::text;

/// The interchange that starts with the ISA at `at`, and the length of that ISA; 0 when it cannot be framed.
pub(crate) fn interchange(bytes: &[u8], at: u64, limit: usize) -> (Interchange, usize) {
    let mut interchange = Interchange::new(Standard::X12, at);
    match isa::read(bytes) {
        Ok(isa) => {
            fill(&mut interchange, &isa, limit);
            (interchange, isa.length)
        }
        Err(error) => {
            if let Some(isa) = &error.isa {
                fill(&mut interchange, isa, limit);
            }
            interchange.note(Finding::new(error.code, at, error.message).in_segment(1), limit);
            (interchange, 0)
        }
    }
}

fn fill(interchange: &mut Interchange, isa: &Isa, limit: usize) {
    let word = |n: usize| text::trimmed(isa.element(n));
    let party = |qualifier: usize| Party {
        qualifier: word(qualifier),
        id: word(qualifier + 1),
        raw: text::text(isa.element(qualifier + 1)),
        ..Party::default()
    };
    interchange.sender = party(5);
    interchange.receiver = party(7);
    interchange.date = word(9);
    interchange.time = word(10);
    interchange.version = word(12);
    interchange.control_number = word(13);
    interchange.acknowledgement_request = word(14);
    interchange.usage = word(15);
    interchange.delimiters = isa.delimiters;
    interchange.segments = 1;
    for (code, message) in &isa.oddities {
        let message = if *code == Code::W202 { WRAPPED.to_owned() } else { message.clone() };
        interchange.note(Finding::new(*code, interchange.start, message).in_segment(1), limit);
    }
    for (code, message) in judge(interchange, isa) {
        interchange.note(Finding::new(code, interchange.start, message).in_segment(1), limit);
    }
}

fn judge(interchange: &Interchange, isa: &Isa) -> Vec<(Code, String)> {
    let mut out = Vec::new();
    let version = &interchange.version;
    let repetition = !isa.delimiters.repetition.is_empty();
    if repetition != (version.as_str() >= "00402") {
        let isa11 = text::text(isa.element(11));
        out.push((Code::W205, format!("ISA11 '{isa11}' does not fit version {version}.")));
    }
    if !is_known(version) {
        out.push((Code::W206, format!("Unknown interchange version {version}.")));
    }
    if !matches!(interchange.usage.as_str(), "P" | "T" | "I") {
        out.push((Code::W207, format!("ISA15 '{}' is not P, T or I.", interchange.usage)));
    }
    let icn = &interchange.control_number;
    if icn.len() != 9 || !icn.bytes().all(|b| b.is_ascii_digit()) {
        out.push((Code::W208, format!("ISA13 '{}' is not nine digits.", text::short(icn.as_bytes()))));
    }
    if interchange.date.len() != 6 || !text::is_date(&interchange.date) {
        let date = text::short(interchange.date.as_bytes());
        out.push((Code::W250, format!("Interchange date '{date}' is not a date.")));
    }
    let Interchange { sender, receiver, .. } = interchange;
    if receiver.id.is_empty() {
        out.push((Code::E231, "Receiver id is empty.".to_owned()));
    } else if sender.is(receiver) {
        out.push((Code::W236, "Sender and receiver are the same id.".to_owned()));
    }
    out
}

/// ISA12: the published control versions, by year of the standard and release (row 19 counts 00204, a draft, as unknown).
fn is_known(version: &str) -> bool {
    let published = [200..=201, 300..=307, 400..=406, 500..=505, 600..=605, 700..=706, 800..=806];
    let number = text::number(version.as_bytes()).unwrap_or(0);
    version.len() == 5 && published.iter().any(|range| range.contains(&number))
}
