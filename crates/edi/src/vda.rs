//! VDA 4905, 4906, 4908, 4913 and 4915: fixed records of 128 bytes, with or without line ends.
//!
//! Only 4905 was checked against real files; the rows of [`MESSAGES`] marked unverified come from published guidelines.

use std::collections::BTreeMap;

use crate::detect;
use crate::finding::{Code, Finding};
use crate::interchange::{Interchange, LineEnds, Set};
use crate::scan::{Flow, HEAD, LOOK, Tail, is_padding};
use crate::sink::Sink;
use crate::standard::Standard;
use crate::text;

/// Length of a record.
pub const RECORD: usize = 128;

/// One VDA message.
struct Message {
    header: &'static [u8; 3],
    name: &'static str,
    trailer: &'static str,
    /// Whether bytes 6 to 14 name the sender; else the receiver.
    sender_first: bool,
    /// Record types the trailer counts, in the order of its 7-digit fields from byte 6 on.
    counts: &'static [&'static [u8; 3]],
}

const MESSAGES: [Message; 5] = [
    Message {
        header: b"511",
        name: "4905",
        trailer: "519",
        sender_first: true,
        counts: &[b"511", b"512", b"513", b"514", b"517", b"518", b"519", b"515"],
    },
    // Unverified: laid out as 511.
    Message { header: b"551", name: "4915", trailer: "559", sender_first: true, counts: &[] },
    // Unverified: direction and counts from guidelines.
    Message {
        header: b"711",
        name: "4913",
        trailer: "719",
        sender_first: false,
        counts: &[b"711", b"712", b"713", b"714", b"715", b"716", b"718", b"719", b"717"],
    },
    // Unverified: the trailer's counts are not read.
    Message { header: b"811", name: "4906", trailer: "819", sender_first: false, counts: &[] },
    // Unverified: direction from one guideline.
    Message { header: b"821", name: "4908", trailer: "829", sender_first: false, counts: &[] },
];

fn message(record: &[u8]) -> Option<&'static Message> {
    let digits = record.get(3..5)?.iter().all(u8::is_ascii_digit);
    MESSAGES.iter().find(|message| digits && record.starts_with(message.header))
}

/// Whether a header record starts here: its type and version, and a first line of a record's length.
pub(crate) fn is_header(bytes: &[u8]) -> bool {
    if message(bytes).is_none() || bytes.len() < 39 {
        return false;
    }
    match bytes.iter().take(RECORD + 3).position(|b| matches!(b, b'\r' | b'\n')) {
        None => bytes.len() >= RECORD,
        Some(line) => (100..=130).contains(&line),
    }
}

/// Transmission numbers seen in this parcel, for row 59. The hub knows the ones before.
#[derive(Debug, Default)]
pub(crate) struct Numbers(Vec<(String, String)>);

/// Pairs remembered within one parcel.
const PAIRS: usize = 64;

/// A VDA transmission being read.
#[derive(Debug)]
pub(crate) struct Vda {
    pub interchange: Interchange,
    header: [u8; 3],
    lines: bool,
    limit: usize,
    counts: BTreeMap<[u8; 3], u64>,
    last_end: u64,
    last_end_nl: u64,
    /// A line longer than any record is being passed over.
    long: Option<(Vec<u8>, u64)>,
    closing: Option<u64>,
    /// The grid of 128 bytes was left at this offset (row 57): the rest of the parcel belongs to this transmission.
    lost: Option<(u64, Tail)>,
}

impl Vda {
    /// Starts at the header record `bytes` begin with.
    pub fn new(bytes: &[u8], at: u64, numbers: &mut Numbers, limit: usize) -> Self {
        let mut interchange = Interchange::new(Standard::Vda, at);
        let field = |from: usize, to: usize| text::trimmed(bytes.get(from..to).unwrap_or_default());
        let raw = |from: usize, to: usize| text::text(bytes.get(from..to).unwrap_or_default());
        let mut header = [0; 3];
        if let Some(message) = message(bytes) {
            header = *message.header;
            let (first, second) = (&mut interchange.sender, &mut interchange.receiver);
            let (first, second) = if message.sender_first { (first, second) } else { (second, first) };
            (first.id, first.raw) = (field(5, 14), raw(5, 14));
            (second.id, second.raw) = (field(14, 23), raw(14, 23));
            interchange.saw_set(message.name);
        }
        interchange.version = field(3, 5);
        interchange.control_number = field(28, 33);
        interchange.date = field(33, 39);
        for finding in judge(&interchange, &field(23, 28), header, numbers) {
            interchange.note(finding.in_segment(1), limit);
        }
        let lines = bytes.iter().take(RECORD + 3).any(|b| matches!(b, b'\r' | b'\n'));
        Self {
            interchange,
            header,
            lines,
            limit,
            counts: BTreeMap::new(),
            last_end: at,
            last_end_nl: at,
            long: None,
            closing: None,
            lost: None,
        }
    }

    fn note<S: Sink>(&mut self, code: Code, at: u64, message: String, sink: &mut S) {
        let finding = Finding::new(code, at, message).in_segment(self.interchange.segments);
        sink.finding(&finding);
        self.interchange.note(finding, self.limit);
    }

    /// Walks the records in `view`, which starts at offset `at`.
    pub fn step<S: Sink>(&mut self, view: &[u8], at: u64, last: bool, sink: &mut S) -> Flow {
        let mut pos = 0;
        loop {
            let rest = view.get(pos..).unwrap_or_default();
            let here = at + pos as u64;
            if let Some(end) = self.closing {
                return self.close(rest, pos, end, last, sink);
            }
            if self.lost.is_some() {
                return self.lose(rest, pos, last, sink);
            }
            if self.long.is_none() && self.interchange.segments > 0 {
                if rest.len() < LOOK && !last {
                    return Flow::More(pos);
                }
                if let Some(flow) = self.stopped(rest, pos, last, sink) {
                    return flow;
                }
            }
            let taken = if self.lines { self.line(rest, here, last, sink) } else { self.cell(rest, here, last, sink) };
            match taken {
                Taken::Bytes(n) => pos += n,
                Taken::More(n) => return Flow::More(pos + n),
            }
        }
    }

    /// Another header, or the end of the data, where a record should start (row 58).
    fn stopped<S: Sink>(&mut self, rest: &[u8], pos: usize, last: bool, sink: &mut S) -> Option<Flow> {
        let over = last && rest.iter().all(|&b| is_padding(b));
        let other = detect::may_be_header(rest) && detect::header(rest).is_some();
        if !(over || other || is_header(rest)) {
            return None;
        }
        let trailer =
            MESSAGES.iter().find(|message| *message.header == self.header).map_or("", |message| message.trailer);
        self.note(Code::E261, self.last_end, format!("Trailer {trailer} missing."), sink);
        self.finish(self.last_end, self.last_end_nl, false, sink);
        Some(Flow::Closed(pos))
    }

    /// One line. Of a line longer than [`HEAD`] only the first record's length is kept.
    fn line<S: Sink>(&mut self, rest: &[u8], here: u64, last: bool, sink: &mut S) -> Taken {
        let end = memchr::memchr(b'\n', rest);
        if end.is_none() && !last {
            if rest.len() > HEAD && self.long.is_none() {
                self.long = Some((rest.get(..RECORD).unwrap_or_default().to_vec(), here));
            }
            let kept = usize::from(rest.ends_with(b"\r"));
            return Taken::More(if self.long.is_some() { rest.len() - kept } else { 0 });
        }
        let length = end.unwrap_or(rest.len());
        let taken = end.map_or(length, |end| end + 1);
        let line = rest.get(..length).unwrap_or_default();
        let line = line.strip_suffix(b"\r").filter(|_| end.is_some()).unwrap_or(line);
        if self.long.is_some() || length > HEAD {
            let (head, from) =
                self.long.take().unwrap_or_else(|| (rest.get(..RECORD).unwrap_or_default().to_vec(), here));
            self.last_end = here + line.len() as u64;
            self.last_end_nl = here + taken as u64;
            let total = usize::try_from(self.last_end - from).unwrap_or(usize::MAX);
            self.record(&head, total, from, sink);
            return Taken::Bytes(taken);
        }
        let content = line.iter().rposition(|&b| !is_padding(b)).map_or(0, |i| i + 1);
        if content == 0 {
            return Taken::Bytes(taken);
        }
        let record = if end.is_some() { line } else { line.get(..content.max(line.len().min(RECORD))).unwrap_or(line) };
        let taken = if end.is_some() { taken } else { record.len() };
        self.last_end = here + record.len() as u64;
        self.last_end_nl = here + taken as u64;
        self.interchange.line_ends.saw(match (end.is_some(), line.len() < length) {
            (false, _) => LineEnds::NONE,
            (true, true) => LineEnds::CRLF,
            (true, false) => LineEnds::LF,
        });
        self.record(record, record.len(), here, sink);
        Taken::Bytes(taken)
    }

    /// One cell of the 128-byte grid.
    fn cell<S: Sink>(&mut self, rest: &[u8], here: u64, last: bool, sink: &mut S) -> Taken {
        let record = rest.get(..RECORD);
        if record.is_none() && !last {
            return Taken::More(0);
        }
        let family = self.header.first();
        let Some(record) = record.filter(|r| r.first() == family && r.iter().take(5).all(u8::is_ascii_digit)) else {
            self.lost = Some((here, Tail::new(here)));
            return Taken::Bytes(0);
        };
        self.last_end = here + RECORD as u64;
        self.last_end_nl = self.last_end;
        self.record(record, RECORD, here, sink);
        Taken::Bytes(RECORD)
    }

    fn lose<S: Sink>(&mut self, rest: &[u8], pos: usize, last: bool, sink: &mut S) -> Flow {
        let Some((from, tail)) = &mut self.lost else { return Flow::More(pos) };
        tail.feed(rest);
        if !last {
            return Flow::More(pos + rest.len());
        }
        let (from, end, end_nl) = (*from, tail.end, tail.end_nl());
        self.note(Code::E260, from, "VDA data is not a multiple of 128 bytes.".to_owned(), sink);
        self.finish(end, end_nl, false, sink);
        Flow::Closed(pos + rest.len())
    }

    fn record<S: Sink>(&mut self, record: &[u8], length: usize, at: u64, sink: &mut S) {
        self.interchange.segments += 1;
        let kind: [u8; 3] = record.get(..3).and_then(|kind| kind.try_into().ok()).unwrap_or_default();
        if kind.iter().all(u8::is_ascii_digit) {
            *self.counts.entry(kind).or_default() += 1;
        }
        if length != RECORD {
            let number = self.interchange.segments;
            let message = format!("Record {number} ({}) is {length} bytes long.", text::short(&kind));
            self.note(Code::W260, at, message, sink);
        }
        let [a, b, _] = self.header;
        if kind == [a, b, b'9'] {
            self.check(record, at, sink);
            self.closing = Some(self.last_end);
        }
    }

    /// The counts in the trailer, 7 digits each from byte 6 on (row 58).
    fn check<S: Sink>(&mut self, record: &[u8], at: u64, sink: &mut S) {
        let counts = MESSAGES.iter().find(|message| *message.header == self.header).map_or(&[][..], |m| m.counts);
        for (n, kind) in counts.iter().enumerate() {
            let stated = record.get(5 + 7 * n..12 + 7 * n).unwrap_or_default();
            let found = self.counts.get(*kind).copied().unwrap_or(0);
            if !text::trim(stated).is_empty() && text::number(stated) != Some(found) {
                let kind = text::short(*kind);
                let message = format!("Trailer counts {} records {kind}, found {found}.", text::short(stated));
                self.note(Code::W261, at, message, sink);
            }
        }
    }

    /// Looks for the line end behind the trailer.
    fn close<S: Sink>(&mut self, rest: &[u8], pos: usize, end: u64, last: bool, sink: &mut S) -> Flow {
        if self.last_end_nl > end {
            self.finish(end, self.last_end_nl, true, sink);
            return Flow::Closed(pos);
        }
        if rest.len() < 2 && !last {
            return Flow::More(pos);
        }
        let line_end = match rest {
            [b'\r', b'\n', ..] => 2,
            [b'\r' | b'\n', ..] => 1,
            _ => 0,
        };
        self.finish(end, end + line_end as u64, true, sink);
        Flow::Closed(pos + line_end)
    }

    fn finish<S: Sink>(&mut self, end: u64, end_nl: u64, complete: bool, sink: &mut S) {
        let interchange = &mut self.interchange;
        (interchange.end, interchange.end_nl, interchange.complete) = (end, end_nl, complete);
        sink.set(&Set {
            start: interchange.start,
            end,
            kind: interchange.document_type.clone(),
            control_number: interchange.control_number.clone(),
            version: interchange.version.clone(),
            segments: interchange.segments,
            grouped: false,
            closed: complete,
        });
    }
}

enum Taken {
    Bytes(usize),
    More(usize),
}

fn judge(interchange: &Interchange, old: &str, header: [u8; 3], numbers: &mut Numbers) -> Vec<Finding> {
    let mut out = Vec::new();
    let Interchange { sender, receiver, date, control_number, start, .. } = interchange;
    if receiver.id.is_empty() {
        out.push(Finding::new(Code::E231, *start, "Receiver id is empty."));
    }
    if !text::is_date(date) {
        let message = format!("Interchange date '{}' is not a date.", text::short(date.as_bytes()));
        out.push(Finding::new(Code::W250, *start, message));
    }
    let pair = format!("{}/{}/{}", text::text(&header), sender.id, receiver.id);
    if let Some((_, last)) = numbers.0.iter_mut().find(|(known, _)| *known == pair) {
        if last != old {
            let message = format!("Transmission number {old} does not follow {last}.");
            out.push(Finding::new(Code::W262, *start, message));
        }
        control_number.clone_into(last);
    } else if numbers.0.len() < PAIRS {
        numbers.0.push((pair, control_number.clone()));
    }
    out
}
