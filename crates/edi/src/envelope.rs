//! What the three segment standards have in common while an interchange is being read.

use crate::finding::{Code, Finding};
use crate::interchange::{Group, Interchange, Set};
use crate::scan::{Closing, Scan, Trust};
use crate::sink::Sink;
use crate::text::{self, Match};

/// W202, the text for a line break in the header or the body.
pub(crate) const WRAPPED: &str =
    "Line breaks inside segments were ignored when reading; the data is delivered unchanged.";

/// An interchange with its scan, its open group and its open set.
#[derive(Debug)]
pub(crate) struct Envelope {
    pub interchange: Interchange,
    pub scan: Scan,
    limit: usize,
    pub group: Option<Group>,
    set: Option<Open>,
    /// The last set told, whose memory the next one uses.
    spare: Set,
}

/// A set whose trailer has not been read.
#[derive(Debug)]
struct Open {
    set: Set,
    first: u64,
}

impl Envelope {
    pub fn new(interchange: Interchange, scan: Scan, limit: usize) -> Self {
        Self { interchange, scan, limit, group: None, set: None, spare: Set::default() }
    }

    /// The interchange, when it is over. What its wrong lengths taught stays.
    pub fn over(self, trust: &mut Trust) -> Interchange {
        *trust = self.scan.trust;
        self.interchange
    }

    pub fn note<S: Sink>(&mut self, code: Code, at: u64, message: String, sink: &mut S) {
        let finding = Finding::new(code, at, message).in_segment(self.scan.segments);
        sink.finding(&finding);
        self.interchange.note(finding, self.limit);
    }

    pub fn open_group<S: Sink>(&mut self, group: Group, sink: &mut S) {
        self.end_set(group.start, false, sink);
        self.end_group(group.start, false, sink);
        self.interchange.groups += 1;
        self.group = Some(group);
    }

    /// A group trailer: `tag` GE or UNE, its count and its number (rows 28 to 30).
    pub fn close_group<S: Sink>(&mut self, tag: &str, stated: &[u8], number: &[u8], at: u64, sink: &mut S) {
        self.end_set(at, false, sink);
        let Some(group) = &self.group else {
            let message = format!("{tag} {} stands without a group header.", text::short(number));
            return self.note(Code::W216, at, message, sink);
        };
        let (found, control) = (group.sets, group.control_number.clone());
        if text::number(stated) != Some(found) {
            let (stated, control) = (text::short(stated), text::short(control.as_bytes()));
            let message = format!("{tag} states {stated} sets, counted {found} (group {control}).");
            self.note(Code::W214, at, message, sink);
        }
        self.compare(&control, number, at, sink);
        self.end_group(self.scan.last_end, true, sink);
    }

    pub fn end_group<S: Sink>(&mut self, end: u64, closed: bool, sink: &mut S) {
        let Some(mut group) = self.group.take() else { return };
        if !closed {
            let message = format!("Group {} is not closed.", text::short(group.control_number.as_bytes()));
            self.note(Code::W216, group.start, message, sink);
        }
        (group.end, group.closed) = (end, closed);
        sink.group(&group);
    }

    /// An empty set to be filled and given to [`Envelope::open_set`].
    pub fn new_set(&mut self, at: u64) -> Set {
        let mut set = std::mem::take(&mut self.spare);
        set.kind.clear();
        set.control_number.clear();
        set.version.clear();
        Set { start: at, grouped: false, ..set }
    }

    pub fn open_set<S: Sink>(&mut self, mut set: Set, sink: &mut S) {
        self.end_set(set.start, false, sink);
        self.interchange.saw_set(&set.kind);
        if let Some(group) = &mut self.group {
            group.sets += 1;
            set.grouped = true;
        }
        self.set = Some(Open { set, first: self.scan.segments });
    }

    pub fn set(&self) -> Option<&Set> {
        self.set.as_ref().map(|open| &open.set)
    }

    /// A set trailer: `tag` SE, UNT, UIT or MTR, its count and, where it has one, its number (rows 28 to 30).
    pub fn close_set<S: Sink>(&mut self, tag: &str, stated: &[u8], number: Option<&[u8]>, at: u64, sink: &mut S) {
        let Some(open) = &self.set else {
            let message = format!("{tag} {} stands without a set header.", text::short(number.unwrap_or(stated)));
            return self.note(Code::W216, at, message, sink);
        };
        let counted = self.scan.segments - open.first + 1;
        let control = open.set.control_number.as_bytes();
        let differs = number.filter(|number| text::compare(control, number) != Match::Same);
        let wrong = text::number(stated) != Some(counted);
        if wrong || differs.is_some() {
            let control = open.set.control_number.clone();
            if wrong {
                let (stated, control) = (text::short(stated), text::short(control.as_bytes()));
                let message = format!("{tag} states {stated} segments, counted {counted} (set {control}).");
                self.note(Code::W214, at, message, sink);
            }
            if let Some(number) = differs {
                self.compare(&control, number, at, sink);
            }
        }
        self.end_set(self.scan.last_end, true, sink);
    }

    pub fn end_set<S: Sink>(&mut self, end: u64, closed: bool, sink: &mut S) {
        if let Some(open) = self.set.as_ref().filter(|_| !closed) {
            let message = format!("Set {} is not closed.", text::short(open.set.control_number.as_bytes()));
            self.note(Code::W216, open.set.start, message, sink);
        }
        self.tell_set(end, closed, sink);
    }

    /// Ends an unclosed set for which another rule has spoken.
    pub fn end_set_quietly<S: Sink>(&mut self, end: u64, sink: &mut S) {
        self.tell_set(end, false, sink);
    }

    fn tell_set<S: Sink>(&mut self, end: u64, closed: bool, sink: &mut S) {
        let Some(Open { mut set, first }) = self.set.take() else { return };
        set.segments = (self.scan.segments - first + u64::from(closed)).max(1);
        (set.end, set.closed) = (end, closed);
        sink.set(&set);
        self.spare = set;
    }

    /// Group and set numbers of header and trailer (row 29; padding alone is W211, row 23).
    fn compare<S: Sink>(&mut self, header: &str, trailer: &[u8], at: u64, sink: &mut S) {
        let (a, b) = (text::short(header.as_bytes()), text::short(trailer));
        match text::compare(header.as_bytes(), trailer) {
            Match::Same => {}
            Match::Padding => self.note_padding(&a, &b, at, sink),
            Match::Different => {
                self.note(Code::W215, at, format!("Group/set control numbers {a} and {b} differ."), sink);
            }
        }
    }

    fn note_padding<S: Sink>(&mut self, a: &str, b: &str, at: u64, sink: &mut S) {
        self.note(Code::W211, at, format!("Control numbers {a} and {b} differ in padding only."), sink);
    }

    /// The interchange trailer's count (row 27).
    pub fn count<S: Sink>(&mut self, what: &str, stated: &[u8], found: u64, at: u64, sink: &mut S) {
        if text::number(stated) != Some(found) {
            let message = format!("Trailer says {} {what}, found {found}.", text::short(stated));
            self.note(Code::W213, at, message, sink);
        }
    }

    /// The interchange trailer's control number (rows 22 and 23).
    pub fn control<S: Sink>(&mut self, trailer: &[u8], at: u64, sink: &mut S) {
        let header = &self.interchange.control_number;
        let (a, b) = (text::short(header.as_bytes()), text::short(trailer));
        match text::compare(header.as_bytes(), trailer) {
            Match::Same => {}
            Match::Padding => self.note_padding(&a, &b, at, sink),
            Match::Different => {
                let message = format!("Control number in header ({a}) and trailer ({b}) differ.");
                self.note(Code::E210, at, message, sink);
            }
        }
    }

    /// Tells how the interchange ended (rows 13, 24 to 26). `tag` is the trailer's.
    pub fn settle<S: Sink>(&mut self, tag: &str, how: Closing, end: u64, end_nl: u64, sink: &mut S) {
        if let Some(at) = self.scan.wrapped_at
            && !self.interchange.has(Code::W202)
        {
            self.note(Code::W202, at, WRAPPED.to_owned(), sink);
        }
        self.end_set(end, false, sink);
        self.end_group(end, false, sink);
        let icn = text::short(self.interchange.control_number.as_bytes());
        match how {
            Closing::Trailer { terminated } => {
                self.interchange.complete = true;
                if !terminated {
                    self.note(Code::W212, end, "Trailer has no segment terminator.".to_owned(), sink);
                }
            }
            Closing::Header(next) => {
                let message = format!("Interchange {icn} has no {tag} before the next {}.", next.header());
                self.note(Code::E212, end, message, sink);
            }
            Closing::EndOfData => {
                self.note(Code::E211, end, format!("Interchange {icn} ends without {tag}: data is incomplete."), sink);
            }
        }
        self.interchange.segments = self.scan.segments;
        self.interchange.line_ends = self.scan.line_ends;
        (self.interchange.end, self.interchange.end_nl) = (end, end_nl);
    }
}

/// A trailer without terminator, a line end, and the next header: where the line end starts (row 26, not at the end of the file).
pub(crate) fn cut_before_header(raw: &[u8]) -> Option<usize> {
    let end = memchr::memchr2(b'\r', b'\n', raw)?;
    let behind = text::trim(raw.get(end..)?);
    let heads: [&[u8]; 5] = [b"ISA", b"UNA", b"UNB", b"UIB", b"STX="];
    heads.iter().any(|head| behind.starts_with(head)).then_some(end)
}
