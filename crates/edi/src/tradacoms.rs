//! TRADACOMS (UN/GTDI): `STX [BAT] [MHD … MTR]* [EOB] END`, fixed delimiters `=`, `+`, `:`, `'` and `?`.

use crate::delimiter::{Delimiter, Delimiters};
use crate::envelope::{Envelope, cut_before_header};
use crate::fields::{self, Segment};
use crate::finding::{Code, Finding};
use crate::interchange::{Interchange, Party};
use crate::scan::{AfterBinary, Body, Closing, HEAD, Next, Scan, first_bytes};
use crate::sink::Sink;
use crate::standard::Standard;
use crate::text;

const RELEASE: Option<u8> = Some(b'?');

/// `STX=` with a syntax identifier and version: what a header in the middle of other data must show.
pub(crate) fn is_header(bytes: &[u8]) -> bool {
    let Some(rest) = bytes.strip_prefix(b"STX=") else { return false };
    let clean = fields::unwrap(rest.get(..16).unwrap_or(rest));
    let id = clean.iter().take_while(|b| b.is_ascii_alphanumeric()).count();
    (3..=4).contains(&id) && matches!(clean.get(id..), Some([b':', version, b'+', ..]) if version.is_ascii_digit())
}

/// Batches or messages without STX.
pub(crate) fn fragment(bytes: &[u8]) -> Option<Finding> {
    let tag = [("BAT", b"BAT="), ("MHD", b"MHD=")].into_iter().find(|(_, tag)| bytes.starts_with(*tag))?.0;
    Some(Finding::new(Code::E221, 0, format!("Data starts with {tag}; interchange header STX is missing.")))
}

/// The interchange that starts with the STX at `at`, and the length of that segment; of the tag alone when it has no end in reach.
pub(crate) fn read(bytes: &[u8], at: u64, limit: usize) -> (Interchange, usize) {
    let bytes = bytes.get(..HEAD).unwrap_or(bytes);
    let delimiters = delimiters();
    let content = fields::nth(bytes, delimiters.terminator, RELEASE, 0);
    let length = if content.len() < bytes.len() { content.len() + 1 } else { 4 };
    let clean = fields::unwrap(content);
    let mut interchange = Interchange::new(Standard::Tradacoms, at);
    let stx = segment(&clean);
    let party = |n: usize| Party {
        id: stx.component(n, 0),
        sub_id: stx.component(n, 1),
        raw: text::text(fields::nth(stx.element(n), stx.component, RELEASE, 0)),
        ..Party::default()
    };
    interchange.version = format!("{}:{}", stx.component(0, 0), stx.component(0, 1));
    interchange.sender = party(1);
    interchange.receiver = party(2);
    interchange.date = stx.component(3, 0);
    interchange.time = stx.component(3, 1);
    interchange.control_number = stx.text(4);
    // RCRF, element 6, may be a password and is not read.
    interchange.application_reference = stx.text(6);
    interchange.priority = stx.text(7);
    interchange.delimiters = delimiters;
    interchange.segments = 1;
    if clean.len() != content.len() {
        interchange.note(Finding::new(Code::W202, at, crate::envelope::WRAPPED).in_segment(1), limit);
    }
    for (code, message) in judge(&interchange) {
        interchange.note(Finding::new(code, at, message).in_segment(1), limit);
    }
    (interchange, length)
}

fn judge(interchange: &Interchange) -> Vec<(Code, String)> {
    let Interchange { sender, receiver, date, .. } = interchange;
    let mut out = Vec::new();
    if receiver.id.is_empty() && !receiver.sub_id.is_empty() {
        out.push((Code::E231, "Receiver id is empty: UNTO gives a name only.".to_owned()));
    } else if receiver.id.is_empty() {
        out.push((Code::E231, "Receiver id is empty.".to_owned()));
    } else if sender.id == receiver.id {
        out.push((Code::W236, "Sender and receiver are the same id.".to_owned()));
    }
    if !text::is_date(date) {
        out.push((Code::W250, format!("Interchange date '{}' is not a date.", text::short(date.as_bytes()))));
    }
    out
}

fn delimiters() -> Delimiters {
    Delimiters {
        element: Delimiter::byte(b'+'),
        component: Delimiter::byte(b':'),
        terminator: Delimiter::byte(b'\''),
        release: Delimiter::byte(b'?'),
        tag: Delimiter::byte(b'='),
        ..Delimiters::default()
    }
}

/// The data of a segment; element 0 is the first one behind the tag and `=`.
fn segment(clean: &[u8]) -> Segment<'_> {
    let Delimiters { element, component, .. } = delimiters();
    Segment::new(clean.get(4..).unwrap_or_default(), element, component, RELEASE)
}

/// A TRADACOMS interchange being read.
#[derive(Debug)]
pub(crate) struct Tradacoms {
    pub envelope: Envelope,
    /// Messages before the batch that is open.
    batch: Option<u64>,
}

impl Tradacoms {
    pub fn new(interchange: Interchange, header: usize, limit: usize) -> Self {
        let Interchange { start, delimiters, .. } = interchange;
        let mut scan = Scan::new(delimiters.terminator, delimiters.release, start);
        if interchange.has(Code::W202) {
            scan.set_wrapped();
        }
        scan.header_taken(start + header as u64);
        Self { envelope: Envelope::new(interchange, scan, limit), batch: None }
    }

    #[inline(never)]
    fn matter<S: Sink>(&mut self, raw: &[u8], at: u64, sink: &mut S) -> Next {
        let clean = if self.envelope.scan.wrapped { fields::unwrap(raw) } else { raw.into() };
        let data = segment(&clean);
        match clean.get(..4) {
            Some(b"MHD=") => self.open_message(&data, at, sink),
            Some(b"MTR=") => self.envelope.close_set("MTR", data.element(0), None, at, sink),
            Some(b"BAT=") => self.batch = Some(self.envelope.interchange.sets),
            Some(b"EOB=") => self.close_batch(&data, at, sink),
            Some(b"END=") => return self.trailer(&data, raw, at, sink),
            _ => {}
        }
        Next::Segment
    }

    /// MHD: message number, then type and version. Numbers run 1, 2, 3 through the transmission (row 60).
    fn open_message<S: Sink>(&mut self, data: &Segment<'_>, at: u64, sink: &mut S) {
        self.end_message(at, sink);
        let mut set = self.envelope.new_set(at);
        text::write(&mut set.kind, data.component(1, 0).as_bytes());
        text::write(&mut set.control_number, data.text(0).as_bytes());
        text::write(&mut set.version, data.component(1, 1).as_bytes());
        let expected = self.envelope.interchange.sets + 1;
        let number = text::short(data.element(0));
        let consecutive = text::number(data.element(0)) == Some(expected);
        self.envelope.open_set(set, sink);
        if !consecutive {
            let message = format!("Message numbers in MHD are not consecutive: {number}, expected {expected}.");
            self.envelope.note(Code::W263, at, message, sink);
        }
    }

    fn end_message<S: Sink>(&mut self, at: u64, sink: &mut S) {
        if let Some(set) = self.envelope.set() {
            let message = format!("Message {} has no MTR.", text::short(set.control_number.as_bytes()));
            self.envelope.note(Code::W263, at, message, sink);
            self.envelope.end_set_quietly(at, sink);
        }
    }

    /// EOB counts the messages of its batch (row 28).
    fn close_batch<S: Sink>(&mut self, data: &Segment<'_>, at: u64, sink: &mut S) {
        self.end_message(at, sink);
        let found = self.envelope.interchange.sets - self.batch.take().unwrap_or(0);
        if text::number(data.element(0)) != Some(found) {
            let message = format!("EOB states {} messages, counted {found}.", text::short(data.element(0)));
            self.envelope.note(Code::W214, at, message, sink);
        }
    }

    fn trailer<S: Sink>(&mut self, data: &Segment<'_>, raw: &[u8], at: u64, sink: &mut S) -> Next {
        let cut = cut_before_header(raw);
        self.end_message(at, sink);
        let stated = cut.map_or(data.element(0), |end| raw.get(4..end).unwrap_or_default());
        let found = self.envelope.interchange.sets;
        self.envelope.count("messages", stated, found, at, sink);
        cut.map_or(Next::Trailer, Next::TrailerCut)
    }
}

impl Body for Tradacoms {
    fn scan(&mut self) -> &mut Scan {
        &mut self.envelope.scan
    }

    #[inline]
    fn segment<S: Sink>(&mut self, bytes: &[u8], at: u64, _whole: bool, sink: &mut S) -> Next {
        let matters = matches!(bytes, [b'M' | b'B' | b'E', _, _, b'=', ..]);
        if matters || self.envelope.scan.wrapped { self.matter(bytes, at, sink) } else { Next::Segment }
    }

    const FIRST: &'static [bool; 256] = &first_bytes(b"MBEUIS");

    #[inline]
    fn may_matter(rest: &[u8]) -> bool {
        matches!(rest, [b'M' | b'B' | b'E' | b'U', ..] | [b'I', b'S', ..] | [b'S', b'T', ..] | [_] | [])
    }

    fn after_binary(&self) -> AfterBinary {
        AfterBinary::Terminator(Delimiter::NONE)
    }

    fn close<S: Sink>(&mut self, how: Closing, end: u64, end_nl: u64, sink: &mut S) {
        self.envelope.settle("END", how, end, end_nl, sink);
    }
}
