//! The service segments between UNB and UNZ: groups, messages, objects and the pointers of CONTRL (ISO 9735-1, -4, -8).

use super::header::Header;
use crate::envelope::{Envelope, cut_before_header};
use crate::fields::{self, Segment};
use crate::finding::Code;
use crate::interchange::{AckKind, Acknowledgement, Group, Party};
use crate::scan::{AfterBinary, Body, Closing, Next, Scan, first_bytes};
use crate::sink::Sink;
use crate::text;

/// An EDIFACT interchange being read.
#[derive(Debug)]
pub(crate) struct Edifact {
    pub envelope: Envelope,
    element_byte: u8,
    interactive: bool,
    /// Whether UCI and the like are read: inside CONTRL.
    acknowledging: bool,
}

impl Edifact {
    pub fn new(header: Header, limit: usize) -> Self {
        let Header { interchange, length, interactive, .. } = header;
        let (start, delimiters) = (interchange.start, interchange.delimiters);
        let mut scan = Scan::new(delimiters.terminator, delimiters.release, start);
        if interchange.has(Code::W202) {
            scan.set_wrapped();
        }
        scan.header_taken(start + length as u64);
        let element_byte = delimiters.element.last();
        Self { envelope: Envelope::new(interchange, scan, limit), element_byte, interactive, acknowledging: false }
    }

    /// The rest of the work for a segment that may matter, out of the hot path.
    #[inline(never)]
    fn matter<S: Sink>(&mut self, bytes: &[u8], at: u64, sink: &mut S) -> Next {
        let clean = if self.envelope.scan.wrapped { fields::unwrap(bytes) } else { bytes.into() };
        let delimiters = self.envelope.interchange.delimiters;
        let release = delimiters.release.single();
        let segment = Segment::new(&clean, delimiters.element, delimiters.component, release);
        match segment.element(0) {
            b"UNH" => self.open_message(&segment, 2, 1, at, sink),
            b"UIH" => self.open_message(&segment, 1, 2, at, sink),
            b"UNT" => self.envelope.close_set("UNT", segment.element(1), Some(segment.element(2)), at, sink),
            b"UIT" => self.envelope.close_set("UIT", segment.element(2), Some(segment.element(1)), at, sink),
            b"UNG" => self.open_group(&segment, at, sink),
            b"UNE" => self.envelope.close_group("UNE", segment.element(1), segment.element(2), at, sink),
            b"UNZ" if !self.interactive => return self.trailer(&segment, (1, 2), bytes, at, sink),
            b"UIZ" if self.interactive => return self.trailer(&segment, (2, 1), bytes, at, sink),
            b"UNO" => return self.object(&segment, at, sink),
            b"UCI" | b"UCM" | b"UCF" if self.acknowledging => acknowledge(&segment, at, sink),
            _ => {}
        }
        Next::Segment
    }

    /// UNG: 0038, S006, S007, S004, 0048, 0051, S008. Element 8 is a password and is not read.
    fn open_group<S: Sink>(&mut self, segment: &Segment<'_>, at: u64, sink: &mut S) {
        let group = Group {
            start: at,
            end: at,
            functional_id: segment.text(1),
            sender: segment.component(2, 0),
            receiver: segment.component(3, 0),
            date: segment.component(4, 0),
            time: segment.component(4, 1),
            control_number: segment.text(5),
            agency: segment.text(6),
            version: segment.text(7),
            sets: 0,
            closed: false,
        };
        self.envelope.open_group(group, sink);
    }

    /// UNH (0062, S009) or UIH (S306, 0340).
    fn open_message<S: Sink>(&mut self, segment: &Segment<'_>, id: usize, reference: usize, at: u64, sink: &mut S) {
        let mut set = self.envelope.new_set(at);
        let element = segment.element(id);
        let released = segment.release.is_some_and(|release| element.contains(&release));
        match memchr::memchr(b':', element) {
            Some(end) if !released && segment.component.single() == Some(b':') => {
                let (kind, version) = element.split_at(end);
                text::write(&mut set.kind, kind);
                text::write(&mut set.version, version.get(1..).unwrap_or_default());
            }
            _ => {
                let mut parts = segment.components(id);
                text::write(&mut set.kind, parts.next().unwrap_or_default());
                for part in parts {
                    text::append(&mut set.version, part);
                    set.version.push(':');
                }
            }
        }
        set.version.truncate(set.version.trim_end_matches(':').len());
        text::write(&mut set.control_number, &fields::released(segment.element(reference), segment.release));
        self.acknowledging = set.kind == "CONTRL";
        self.envelope.open_set(set, sink);
    }

    /// UNZ: 0036 counts groups when UNG is used, else messages; 0020. UIZ has them the other way round.
    fn trailer<S: Sink>(
        &mut self,
        segment: &Segment<'_>,
        (count, control): (usize, usize),
        raw: &[u8],
        at: u64,
        sink: &mut S,
    ) -> Next {
        let cut = cut_before_header(raw);
        let segment = cut.map_or(*segment, |end| segment.of(raw.get(..end).unwrap_or(raw)));
        let envelope = &mut self.envelope;
        envelope.end_set(at, false, sink);
        envelope.end_group(at, false, sink);
        let (groups, sets) = (envelope.interchange.groups, envelope.interchange.sets);
        let (what, found) = if groups > 0 { ("groups", groups) } else { ("messages", sets) };
        envelope.count(what, segment.element(count), found, at, sink);
        let number = fields::released(segment.element(control), segment.release);
        envelope.control(&number, at, sink);
        cut.map_or(Next::Trailer, Next::TrailerCut)
    }

    /// UNO (ISO 9735-8): S022 starts with the length in octets of the object behind this segment (rows 33 and 34).
    fn object<S: Sink>(&mut self, segment: &Segment<'_>, at: u64, sink: &mut S) -> Next {
        let scan = &mut self.envelope.scan;
        let stated = segment.component(4, 0);
        let length = text::number(stated.as_bytes());
        let end = length.and_then(|length| scan.last_end.checked_add(length));
        match length {
            Some(length) if scan.trusts(at, end) => {
                Next::Jump { data: usize::try_from(scan.last_end.saturating_sub(at)).unwrap_or(0), length }
            }
            _ => {
                let value = text::short(stated.as_bytes());
                let message = format!("Length of binary segment is {value}; end taken at the next terminator.");
                self.envelope.note(Code::W218, at, message, sink);
                Next::Segment
            }
        }
    }
}

/// UCI (0020, S002, S003, 0083, 0085), UCM (0062, S009, 0083, 0085) and UCF (0048, S006, S007, 0083, 0085) of CONTRL.
fn acknowledge<S: Sink>(segment: &Segment<'_>, at: u64, sink: &mut S) {
    let (kind, action) = match segment.element(0) {
        b"UCI" => (AckKind::Uci, 4),
        b"UCF" => (AckKind::Ucf, 4),
        _ => (AckKind::Ucm, 3),
    };
    let party = |n: usize| Party {
        id: segment.component(n, 0),
        qualifier: segment.component(n, 1),
        internal_id: segment.component(n, 2),
        ..Party::default()
    };
    let mut ack = Acknowledgement::new(kind, at);
    ack.reference = segment.text(1);
    if kind == AckKind::Ucm {
        ack.identifier = segment.component(2, 0);
    } else {
        ack.sender = party(2);
        ack.receiver = party(3);
    }
    ack.action = segment.text(action);
    ack.errors.extend(Some(segment.text(action + 1)).filter(|code| !code.is_empty()));
    sink.acknowledgement(&ack);
}

impl Body for Edifact {
    fn scan(&mut self) -> &mut Scan {
        &mut self.envelope.scan
    }

    #[inline]
    fn segment<S: Sink>(&mut self, bytes: &[u8], at: u64, _whole: bool, sink: &mut S) -> Next {
        let matters = matches!(bytes, [b'U', b'N' | b'I' | b'C', ..]);
        if matters || self.envelope.scan.wrapped { self.matter(bytes, at, sink) } else { Next::Segment }
    }

    const FIRST: &'static [bool; 256] = &first_bytes(b"UIS");

    #[inline]
    fn may_matter(rest: &[u8]) -> bool {
        match rest {
            [b'U', ..] | [_] | [] => true,
            [b'I', second, ..] => *second == b'S',
            [b'S', second, ..] => *second == b'T',
            _ => false,
        }
    }

    fn after_binary(&self) -> AfterBinary {
        AfterBinary::Tag([b'U', b'N', b'P', self.element_byte])
    }

    fn close<S: Sink>(&mut self, how: Closing, end: u64, end_nl: u64, sink: &mut S) {
        let tag = if self.interactive { "UIZ" } else { "UNZ" };
        self.envelope.settle(tag, how, end, end_nl, sink);
    }
}
