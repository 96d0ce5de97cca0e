//! UNA, UNB and UIB: which delimiters are in force, and the header fields (ISO 9735-1 clause 7, annex C; rows 38 to 43).

use crate::delimiter::{Delimiter, Delimiters};
use crate::fields::{self, Segment};
use crate::finding::{Code, Finding};
use crate::interchange::{Interchange, Party};
use crate::scan::{HEAD, LOOK};
use crate::standard::Standard;
use crate::text;

/// A header, read.
pub(crate) struct Header {
    pub interchange: Interchange,
    /// Bytes up to and with the terminator; up to the tag alone when there is no terminator within reach.
    pub length: usize,
    /// UIB instead of UNB.
    pub interactive: bool,
    /// The delimiters cannot be told: the interchange cannot be framed.
    pub broken: bool,
}

/// The level A separators, in force without UNA (ISO 9735 clause 5).
const LEVEL_A: [u8; 4] = *b":+?'";

/// `UNB` or `UIB`, a separator, a syntax identifier and version: what a header in the middle of other data must show.
pub(crate) fn is_header(bytes: &[u8]) -> bool {
    let bytes = bytes.get(..LOOK).unwrap_or(bytes);
    let bytes = if bytes.starts_with(b"UNA") { behind_una(bytes) } else { bytes };
    if !is_lenient_header(bytes) {
        return false;
    }
    let clean = fields::unwrap(bytes.get(3..32.min(bytes.len())).unwrap_or_default());
    let [separator, a, b, c, d, colon, version, ..] = *clean else { return false };
    [a, b, c, d].iter().all(u8::is_ascii_alphanumeric)
        && !colon.is_ascii_alphanumeric()
        && colon != separator
        && version.is_ascii_digit()
}

/// `UNB` or `UIB` and a separator: enough where a header is expected. UNA may come first.
pub(crate) fn is_lenient_header(bytes: &[u8]) -> bool {
    let bytes = if bytes.starts_with(b"UNA") { behind_una(bytes) } else { bytes };
    (bytes.starts_with(b"UNB") || bytes.starts_with(b"UIB")) && bytes.get(3).is_some_and(|&b| is_separator(b))
}

fn is_separator(byte: u8) -> bool {
    byte.is_ascii_punctuation() || matches!(byte, 0x1C..=0x1F)
}

fn behind_una(bytes: &[u8]) -> &[u8] {
    let rest = bytes.get(9..).unwrap_or_default();
    let padding = rest.iter().take_while(|b| matches!(b, b' ' | b'\r' | b'\n' | b'\t')).count();
    rest.get(padding..).unwrap_or_default()
}

/// Reads the header at the start of `bytes`, which lies at offset `at`. `previous` are the delimiters of the interchange before
/// it in the parcel: without UNA they are tried after level A.
pub(crate) fn read(bytes: &[u8], at: u64, previous: Option<&Delimiters>, limit: usize) -> Header {
    let bytes = bytes.get(..HEAD).unwrap_or(bytes);
    let mut interchange = Interchange::new(Standard::Edifact, at);
    let una = bytes.starts_with(b"UNA").then(|| bytes.get(..9)).flatten();
    let unb = if una.is_some() { behind_una(bytes) } else { bytes };
    let before = bytes.len() - unb.len();
    let mut findings = Vec::new();
    let mut broken = false;
    let mut delimiters = match una {
        Some(una) => {
            interchange.una = text::text(una);
            declared(una, unb).unwrap_or_else(|finding| {
                broken = finding.0 == Code::E222;
                findings.push(finding);
                defaults(unb)
            })
        }
        None => sniffed(unb, previous),
    };
    if let Some(line_end) = line_end_terminates(unb, &delimiters) {
        delimiters.terminator = line_end;
        findings.push((Code::W224, "No terminator ' found; line ends taken as segment terminators.".to_owned()));
    }
    let (content, length) = match end_of_segment(unb, &delimiters) {
        Some((content, end)) => (unb.get(..content).unwrap_or(unb), before + end),
        None => (unb, before + 3),
    };
    let clean = fields::unwrap(content);
    if clean.len() != content.len() {
        findings.push((Code::W202, crate::envelope::WRAPPED.to_owned()));
    }
    let interactive = clean.starts_with(b"UIB");
    let release = delimiters.release.single();
    let segment = Segment::new(&clean, delimiters.element, delimiters.component, release);
    if interactive {
        fill_interactive(&mut interchange, &segment)
    } else {
        fill(&mut interchange, &segment)
    }
    if !interactive && delimiters.repetition.is_empty() && interchange.version.ends_with(":4") {
        delimiters.repetition = Delimiter::byte(b'*');
    }
    interchange.delimiters = delimiters;
    interchange.segments = 1;
    findings.extend(judge(&interchange, interactive));
    for (code, message) in findings {
        interchange.note(Finding::new(code, at, message).in_segment(1), limit);
    }
    Header { interchange, length, interactive, broken }
}

/// The delimiters UNA declares, checked against UNB (row 39).
fn declared(una: &[u8], unb: &[u8]) -> Result<Delimiters, (Code, String)> {
    let at = |n: usize| una.get(n).copied().unwrap_or(b' ');
    let optional = |byte: u8| if byte == b' ' { Delimiter::NONE } else { Delimiter::byte(byte) };
    let delimiters = Delimiters {
        component: Delimiter::byte(at(3)),
        element: Delimiter::byte(at(4)),
        decimal: Delimiter::byte(at(5)),
        release: optional(at(6)),
        repetition: optional(at(7)),
        terminator: Delimiter::byte(at(8)),
        tag: Delimiter::NONE,
    };
    let service = [at(3), at(4), at(8)];
    let distinct = service.iter().enumerate().all(|(i, a)| service.iter().skip(i + 1).all(|b| a != b));
    let usable = distinct && service.iter().all(|b| !b.is_ascii_alphanumeric() && *b != b' ');
    if usable && unb.get(3) == Some(&at(4)) {
        return Ok(delimiters);
    }
    let clean = fields::unwrap(unb.get(..32).unwrap_or(unb));
    if clean.get(3) == Some(&b'+') && clean.get(8) == Some(&b':') {
        return Err((Code::W223, "UNA delimiters do not fit UNB; read with : + ? '.".to_owned()));
    }
    Err((Code::E222, "UNA delimiters do not fit UNB, and UNB does not fit the default ones.".to_owned()))
}

fn defaults(unb: &[u8]) -> Delimiters {
    let [component, element, release, terminator] = LEVEL_A.map(Delimiter::byte);
    let decimal = Delimiter::byte(b'.');
    let clean = fields::unwrap(unb.get(..32).unwrap_or(unb));
    let sniffed = clean.get(8).copied().filter(|b| is_separator(*b) && !LEVEL_A.contains(b) && Some(b) != clean.get(3));
    let component = sniffed.map_or(component, Delimiter::byte);
    Delimiters { component, element, decimal, release, terminator, ..Delimiters::default() }
}

/// Without UNA: the byte behind `UNB` separates elements. `+` means level A, 0x1D the 1988 level B set, anything else the set of
/// the interchange before or what the message header shows.
fn sniffed(unb: &[u8], previous: Option<&Delimiters>) -> Delimiters {
    let element = unb.get(3).copied().unwrap_or(b'+');
    let usual = defaults(unb);
    match element {
        b'+' => usual,
        0x1D => Delimiters {
            component: Delimiter::byte(0x1F),
            element: Delimiter::byte(0x1D),
            release: Delimiter::NONE,
            terminator: Delimiter::byte(0x1C),
            ..usual
        },
        _ => {
            let element = Delimiter::byte(element);
            match previous.filter(|previous| previous.element == element) {
                Some(previous) => *previous,
                None => Delimiters { element, terminator: terminator_before_message(unb, element), ..usual },
            }
        }
    }
}

/// The byte before `UNH` or `UNG`, when it can be a terminator; else the apostrophe.
fn terminator_before_message(unb: &[u8], element: Delimiter) -> Delimiter {
    let apostrophe = Delimiter::byte(b'\'');
    let tag = |window: &[u8]| matches!(window, [b'U', b'N', b'H' | b'G', e] if Some(*e) == element.single());
    let Some(at) = unb.windows(4).position(tag) else { return apostrophe };
    let before = text::trim(unb.get(..at).unwrap_or_default());
    before.last().filter(|&&b| is_separator(b)).map_or(apostrophe, |&b| Delimiter::byte(b))
}

/// Row 40: no terminator up to the line end, and the next line starts with a service segment. CR LF counts as LF with a CR before.
fn line_end_terminates(unb: &[u8], delimiters: &Delimiters) -> Option<Delimiter> {
    let end = memchr::memchr(b'\n', unb)?;
    let line = unb.get(..end)?;
    if delimiters.terminator.is_line_end() || line.contains(&delimiters.terminator.last()) {
        return None;
    }
    let next = text::trim(unb.get(end..)?);
    let service = matches!(next, [b'U', b'N', b'H' | b'G' | b'Z', e, ..] | [b'U', b'I', b'H' | b'Z', e, ..]
        if Some(*e) == delimiters.element.single());
    service.then(|| if line.last() == Some(&b'\r') { Delimiter::CRLF } else { Delimiter::byte(b'\n') })
}

/// The end of the content and of the terminator of the segment at the start of `bytes`.
fn end_of_segment(bytes: &[u8], delimiters: &Delimiters) -> Option<(usize, usize)> {
    if delimiters.terminator == Delimiter::CRLF {
        let end = memchr::memchr(b'\n', bytes)?;
        return Some((end.saturating_sub(1), end + 1));
    }
    let content = fields::nth(bytes, delimiters.terminator, delimiters.release.single(), 0);
    (content.len() < bytes.len()).then_some((content.len(), content.len() + 1))
}

fn party(segment: &Segment<'_>, element: usize) -> Party {
    let mut party = Party::default();
    let mut parts = segment.components(element);
    let first = parts.next().unwrap_or_default();
    party.raw = text::text(first);
    text::write(&mut party.id, &fields::released(first, segment.release));
    for (to, part) in [&mut party.qualifier, &mut party.internal_id, &mut party.sub_id].into_iter().zip(parts) {
        text::write(to, &fields::released(part, segment.release));
    }
    party
}

/// S001: syntax identifier and version as `UNOC:3`.
fn syntax(segment: &Segment<'_>) -> String {
    let mut parts = segment.components(1);
    let mut syntax = String::with_capacity(8);
    text::append(&mut syntax, parts.next().unwrap_or_default());
    syntax.push(':');
    text::append(&mut syntax, parts.next().unwrap_or_default());
    syntax
}

/// UNB. Element 6, S005, is the recipient's password and is not read.
fn fill(interchange: &mut Interchange, unb: &Segment<'_>) {
    interchange.version = syntax(unb);
    interchange.sender = party(unb, 2);
    interchange.receiver = party(unb, 3);
    interchange.date = unb.component(4, 0);
    interchange.time = unb.component(4, 1);
    interchange.control_number = unb.text(5);
    interchange.application_reference = unb.text(7);
    interchange.priority = unb.text(8);
    interchange.acknowledgement_request = unb.text(9);
    interchange.agreement = unb.text(10);
    interchange.usage = unb.text(11);
}

/// UIB (ISO 9735-3): S001, S302 dialogue reference, S303, S018, 0325, S002, S003, S300 date and time.
fn fill_interactive(interchange: &mut Interchange, uib: &Segment<'_>) {
    interchange.version = syntax(uib);
    interchange.control_number = uib.component(2, 0);
    interchange.sender = party(uib, 6);
    interchange.receiver = party(uib, 7);
    interchange.date = uib.component(8, 0);
    interchange.time = uib.component(8, 1);
}

fn judge(interchange: &Interchange, interactive: bool) -> Vec<(Code, String)> {
    let mut out = Vec::new();
    let Interchange { sender, receiver, date, .. } = interchange;
    if receiver.id.is_empty() && interactive {
        out.push((Code::E230, "UIB names no recipient.".to_owned()));
    } else if receiver.id.is_empty() {
        out.push((Code::E231, "Receiver id is empty.".to_owned()));
    } else if sender.is(receiver) {
        out.push((Code::W236, "Sender and receiver are the same id.".to_owned()));
    }
    let optional = interactive && date.is_empty();
    if !optional && !text::is_date(date) {
        out.push((Code::W250, format!("Interchange date '{}' is not a date.", text::short(date.as_bytes()))));
    }
    out
}
