//! The segments between ISA and IEA that matter: groups, sets, acknowledgements, service requests, binary data.

use crate::delimiter::Delimiter;
use crate::envelope::{Envelope, cut_before_header};
use crate::fields::{self, Segment};
use crate::finding::Code;
use crate::interchange::{AckKind, Acknowledgement, Group, Interchange};
use crate::scan::{AfterBinary, Body, Closing, Next, Scan, first_bytes};
use crate::sink::Sink;
use crate::text;

/// An X12 interchange being read.
#[derive(Debug)]
pub(crate) struct X12 {
    pub envelope: Envelope,
    element: Delimiter,
    element_byte: u8,
    /// Whether AK1 and the like are read: inside a 997 or 999.
    acknowledging: bool,
}

impl X12 {
    pub fn new(interchange: Interchange, header: usize, limit: usize) -> Self {
        let Interchange { start, delimiters, .. } = interchange;
        let mut scan = Scan::new(delimiters.terminator, Delimiter::NONE, start);
        if interchange.has(Code::W202) {
            scan.set_wrapped();
        }
        scan.header_taken(start + header as u64);
        let element = delimiters.element;
        let element_byte = element.as_bytes().first().copied().unwrap_or(0);
        Self { envelope: Envelope::new(interchange, scan, limit), element, element_byte, acknowledging: false }
    }

    /// The rest of the work for a segment that may matter, out of the hot path.
    #[inline(never)]
    fn matter<S: Sink>(&mut self, bytes: &[u8], at: u64, sink: &mut S) -> Next {
        let clean = if self.envelope.scan.wrapped { fields::unwrap(bytes) } else { bytes.into() };
        let component = self.envelope.interchange.delimiters.component;
        let segment = Segment::new(&clean, self.element, component, None);
        match segment.element(0) {
            b"ST" => self.open_set(&segment, at, sink),
            b"SE" => self.envelope.close_set("SE", segment.element(1), Some(segment.element(2)), at, sink),
            b"GS" => self.open_group(&segment, at, sink),
            b"GE" => self.envelope.close_group("GE", segment.element(1), segment.element(2), at, sink),
            b"IEA" => return self.trailer(&segment, bytes, at, sink),
            b"TA1" => self.acknowledge_interchange(&segment, at, sink),
            b"ISB" | b"ISE" | b"TA3" => {
                let text = "Requested service (grade, deferred delivery) is not provided.";
                self.envelope.note(Code::W219, at, text.to_owned(), sink);
            }
            b"BIN" | b"BDS" => self.distrusted(&segment, at, sink),
            b"AK1" | b"AK2" | b"AK5" | b"IK5" | b"AK9" if self.acknowledging => acknowledge(&segment, at, sink),
            _ => {}
        }
        Next::Segment
    }

    fn open_group<S: Sink>(&mut self, segment: &Segment<'_>, at: u64, sink: &mut S) {
        let group = Group {
            start: at,
            end: at,
            functional_id: segment.text(1),
            sender: segment.text(2),
            receiver: segment.text(3),
            date: segment.text(4),
            time: segment.text(5),
            control_number: segment.text(6),
            agency: segment.text(7),
            version: segment.text(8),
            sets: 0,
            closed: false,
        };
        self.envelope.open_group(group, sink);
    }

    fn open_set<S: Sink>(&mut self, segment: &Segment<'_>, at: u64, sink: &mut S) {
        let mut set = self.envelope.new_set(at);
        text::write(&mut set.kind, segment.element(1));
        text::write(&mut set.control_number, segment.element(2));
        text::write(&mut set.version, segment.element(3));
        self.acknowledging = matches!(set.kind.as_str(), "997" | "999");
        let alone = self.envelope.group.is_none().then(|| text::short(set.control_number.as_bytes()));
        self.envelope.open_set(set, sink);
        if let Some(control) = alone {
            self.envelope.note(Code::W216, at, format!("Set {control} stands outside a group."), sink);
        }
    }

    /// A binary segment that was read to the next terminator because its length cannot be used (row 34).
    fn distrusted<S: Sink>(&mut self, segment: &Segment<'_>, at: u64, sink: &mut S) {
        let value = text::short(segment.element(length_index(segment.bytes)));
        let message = format!("Length of binary segment is {value}; end taken at the next terminator.");
        self.envelope.note(Code::W218, at, message, sink);
    }

    /// IEA (rows 22, 23, 27, 31, 32).
    fn trailer<S: Sink>(&mut self, segment: &Segment<'_>, raw: &[u8], at: u64, sink: &mut S) -> Next {
        let cut = cut_before_header(raw);
        let segment = cut.map_or(*segment, |end| segment.of(raw.get(..end).unwrap_or(raw)));
        let envelope = &mut self.envelope;
        envelope.end_set(at, false, sink);
        envelope.end_group(at, false, sink);
        let (groups, ta1) = (envelope.interchange.groups, envelope.interchange.ta1);
        if groups == 0 && ta1 == 0 {
            envelope.note(Code::W217, at, "Interchange holds no group.".to_owned(), sink);
        }
        // TA1 only: IEA01 should be 0, and many senders write 1.
        let stated = segment.element(1);
        if groups > 0 || ta1 == 0 || text::number(stated) != Some(1) {
            envelope.count("groups", stated, groups, at, sink);
        }
        envelope.control(segment.element(2), at, sink);
        cut.map_or(Next::Trailer, Next::TrailerCut)
    }

    fn acknowledge_interchange<S: Sink>(&mut self, segment: &Segment<'_>, at: u64, sink: &mut S) {
        self.envelope.interchange.ta1 += 1;
        let mut ack = Acknowledgement::new(AckKind::Ta1, at);
        ack.reference = segment.text(1);
        ack.date = segment.text(2);
        ack.time = segment.text(3);
        ack.action = segment.text(4);
        ack.errors.push(segment.text(5));
        sink.acknowledgement(&ack);
    }
}

/// The element that holds the length: BIN01, BDS02.
fn length_index(segment: &[u8]) -> usize {
    if segment.starts_with(b"BIN") { 1 } else { 2 }
}

/// AK1, AK2, AK5, IK5 and AK9 of a 997 or 999.
fn acknowledge<S: Sink>(segment: &Segment<'_>, at: u64, sink: &mut S) {
    let errors = |range: std::ops::RangeInclusive<usize>| -> Vec<String> {
        range.map(|n| segment.text(n)).filter(|code| !code.is_empty()).collect()
    };
    let kind = match segment.element(0) {
        b"AK1" => AckKind::Ak1,
        b"AK2" => AckKind::Ak2,
        b"AK5" => AckKind::Ak5,
        b"IK5" => AckKind::Ik5,
        _ => AckKind::Ak9,
    };
    let mut ack = Acknowledgement::new(kind, at);
    match kind {
        AckKind::Ak1 | AckKind::Ak2 => {
            ack.identifier = segment.text(1);
            ack.reference = segment.text(2);
            ack.version = segment.text(3);
        }
        AckKind::Ak9 => {
            ack.action = segment.text(1);
            ack.counts = [2, 3, 4].map(|n| text::number(segment.element(n)));
            ack.errors = errors(5..=9);
        }
        _ => {
            ack.action = segment.text(1);
            ack.errors = errors(2..=6);
        }
    }
    sink.acknowledgement(&ack);
}

impl Body for X12 {
    fn scan(&mut self) -> &mut Scan {
        &mut self.envelope.scan
    }

    #[inline]
    fn segment<S: Sink>(&mut self, bytes: &[u8], at: u64, _whole: bool, sink: &mut S) -> Next {
        let e = self.element_byte;
        let matters = match bytes {
            [b'S', b'T' | b'E', x, ..] | [b'G', b'S' | b'E', x, ..] => *x == e,
            [b'I', b'E', b'A', ..] | [b'I', b'S', b'B' | b'E', ..] | [b'T', b'A', b'1' | b'3', ..] => true,
            [b'B', b'I', b'N', x, ..] | [b'B', b'D', b'S', x, ..] => *x == e,
            [b'A', b'K', b'1' | b'2' | b'5' | b'9', ..] | [b'I', b'K', b'5', ..] => self.acknowledging,
            _ => false,
        };
        if matters || self.envelope.scan.wrapped { self.matter(bytes, at, sink) } else { Next::Segment }
    }

    const FIRST: &'static [bool; 256] = &first_bytes(b"SGBATIU");

    #[inline]
    fn may_matter(rest: &[u8]) -> bool {
        match rest {
            [b'S', second, ..] => matches!(second, b'T' | b'E'),
            [b'G', second, ..] => matches!(second, b'S' | b'E'),
            [b'B', second, ..] => matches!(second, b'I' | b'D'),
            [b'A', second, ..] => *second == b'K',
            [b'T', second, ..] => *second == b'A',
            [b'I', second, ..] => matches!(second, b'S' | b'E' | b'K'),
            [b'U', ..] | [_] | [] => true,
            _ => false,
        }
    }

    #[inline]
    fn may_be_binary(&self, rest: &[u8]) -> bool {
        matches!(rest, [b'B', b'I', b'N', e, ..] | [b'B', b'D', b'S', e, ..] if *e == self.element_byte)
    }

    /// BIN01 and BDS02 are the number of bytes of data, which may hold any delimiter (X12.6, row 33).
    fn binary(&mut self, rest: &[u8], at: u64) -> Next {
        let index = length_index(rest);
        let stated = fields::nth(rest, self.element, None, index);
        let before: usize =
            (0..=index).map(|n| fields::nth(rest, self.element, None, n).len() + self.element.len()).sum();
        let length = text::number(stated).filter(|_| before <= rest.len());
        let end = length.and_then(|length| (at + before as u64).checked_add(length));
        match length {
            Some(length) if self.envelope.scan.trusts(at, end) => Next::Jump { data: before, length },
            _ => Next::Segment,
        }
    }

    fn after_binary(&self) -> AfterBinary {
        AfterBinary::Terminator(self.envelope.interchange.delimiters.terminator)
    }

    fn close<S: Sink>(&mut self, how: Closing, end: u64, end_nl: u64, sink: &mut S) {
        self.envelope.settle("IEA", how, end, end_nl, sink);
    }
}
