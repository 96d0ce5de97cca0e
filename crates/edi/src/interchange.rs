//! What is known about one interchange: header fields, counts, delimiters and findings.

use crate::delimiter::Delimiters;
use crate::finding::{Code, Finding};
use crate::standard::Standard;
use crate::xml::Identity;

/// How a run of bytes came to be one item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// A header was found; `complete` tells whether the trailer was found too.
    #[default]
    Interchange,
    /// EDI without its interchange header (rows 9, 36 to 38): always refused.
    Fragment,
    /// XML, PDF, text or binary: the whole parcel is one document.
    Document,
}

/// One side of an interchange.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Party {
    /// ISA05/ISA07, EDIFACT 0007, the SBDH authority or cXML domain; empty in TRADACOMS and VDA.
    pub qualifier: String,
    /// The id without padding.
    pub id: String,
    /// EDIFACT 0008/0014, the third part of S002/S003.
    pub internal_id: String,
    /// EDIFACT 0042/0046, the fourth part; in TRADACOMS the name behind the code.
    pub sub_id: String,
    /// The id as written, padding included.
    pub raw: String,
}

impl Party {
    /// Whether both are the same id; letter case does not matter.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.qualifier == other.qualifier
            && self.internal_id == other.internal_id
            && self.id.chars().flat_map(char::to_uppercase).eq(other.id.chars().flat_map(char::to_uppercase))
    }
}

/// One item of a parcel. Offsets are bytes from the start of the parcel.
///
/// Text fields hold header elements without padding, empty when absent; UTF-8 when the bytes are, else read as Latin-1.
/// The password elements (ISA04, EDIFACT 0022, TRADACOMS RCRF) are never read into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interchange {
    /// Interchange, fragment or document.
    pub kind: Kind,
    /// The standard of the header.
    pub standard: Standard,
    /// First byte.
    pub start: u64,
    /// One past the last byte of the trailer's terminator.
    pub end: u64,
    /// `end`, or one past the line end that follows it directly: the delivered payload is `start..end_nl`.
    pub end_nl: u64,
    /// Whether the trailer was found.
    pub complete: bool,
    /// ISA12; EDIFACT S001 as `UNOC:3`; STX element 1 as `ANA:1`; VDA message and version as `4905:02`.
    pub version: String,
    /// Sender.
    pub sender: Party,
    /// Receiver.
    pub receiver: Party,
    /// ISA13, EDIFACT 0020, TRADACOMS SNRF, VDA transmission number new, SBDH instance identifier, cXML payloadID.
    pub control_number: String,
    /// Date as written.
    pub date: String,
    /// Time as written.
    pub time: String,
    /// ISA15, EDIFACT 0035; empty when absent.
    pub usage: String,
    /// ISA14, EDIFACT 0031.
    pub acknowledgement_request: String,
    /// EDIFACT 0026, TRADACOMS APRF.
    pub application_reference: String,
    /// EDIFACT 0029, TRADACOMS PRCD.
    pub priority: String,
    /// EDIFACT 0032.
    pub agreement: String,
    /// The delimiters in force.
    pub delimiters: Delimiters,
    /// The nine bytes of UNA, when there were any.
    pub una: String,
    /// What stands between the segments.
    pub line_ends: LineEnds,
    /// Functional groups found.
    pub groups: u64,
    /// Transaction sets or messages found.
    pub sets: u64,
    /// TA1 segments found.
    pub ta1: u64,
    /// Segments or records found, header and trailer included.
    pub segments: u64,
    /// Type of the first set: `850`, `ORDERS`; the root or document type in XML.
    pub document_type: String,
    /// Distinct set types in order of first appearance, at most [`SET_TYPES`].
    pub set_types: Vec<String>,
    /// Warnings, and the refusals that came second; at most `Limits::warnings`.
    pub warnings: Vec<Finding>,
    /// Warnings beyond that limit.
    pub more_warnings: u64,
    /// Why it must not be delivered, if so.
    pub refusal: Option<Finding>,
    /// What an XML document says about itself.
    pub xml: Option<Identity>,
}

/// Distinct set types kept per interchange.
pub const SET_TYPES: usize = 64;

impl Interchange {
    pub(crate) fn new(standard: Standard, start: u64) -> Self {
        Self {
            kind: Kind::Interchange,
            standard,
            start,
            end: start,
            end_nl: start,
            complete: false,
            version: String::new(),
            sender: Party::default(),
            receiver: Party::default(),
            control_number: String::new(),
            date: String::new(),
            time: String::new(),
            usage: String::new(),
            acknowledgement_request: String::new(),
            application_reference: String::new(),
            priority: String::new(),
            agreement: String::new(),
            delimiters: Delimiters::default(),
            una: String::new(),
            line_ends: LineEnds::default(),
            groups: 0,
            sets: 0,
            ta1: 0,
            segments: 0,
            document_type: String::new(),
            set_types: Vec::new(),
            warnings: Vec::new(),
            more_warnings: 0,
            refusal: None,
            xml: None,
        }
    }

    /// True for X12 usage `T` and EDIFACT test indicator `1` (0035; 2 to 4 are echo and the like, not test data).
    #[must_use]
    pub fn is_test(&self) -> bool {
        match self.standard {
            Standard::X12 => self.usage == "T",
            Standard::Edifact => self.usage == "1",
            _ => self.usage == "test",
        }
    }

    /// Files a finding: the weightiest refusal is *the* refusal, everything else a warning.
    pub(crate) fn note(&mut self, finding: Finding, limit: usize) {
        let mut finding = finding;
        if finding.code.refuses() {
            match &mut self.refusal {
                None => {
                    self.refusal = Some(finding);
                    return;
                }
                Some(first) if finding.code.rank() > first.code.rank() => std::mem::swap(first, &mut finding),
                Some(_) => {}
            }
        }
        if self.warnings.len() < limit { self.warnings.push(finding) } else { self.more_warnings += 1 }
    }

    pub(crate) fn saw_set(&mut self, kind: &str) {
        if self.sets == 0 {
            kind.clone_into(&mut self.document_type);
        }
        self.sets += 1;
        if self.set_types.len() < SET_TYPES && !self.set_types.iter().any(|known| known == kind) {
            self.set_types.push(kind.to_owned());
        }
    }

    /// Whether a code is among the warnings or is the refusal.
    #[must_use]
    pub fn has(&self, code: Code) -> bool {
        self.refusal.iter().chain(&self.warnings).any(|finding| finding.code == code)
    }
}

/// A functional group (GS, UNG), told when it ends.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Group {
    /// Offset of the header segment.
    pub start: u64,
    /// One past the trailer, or past the last segment of an unclosed group.
    pub end: u64,
    /// GS01, EDIFACT 0038.
    pub functional_id: String,
    /// GS02, S006 id.
    pub sender: String,
    /// GS03, S007 id.
    pub receiver: String,
    /// GS04, S004 date.
    pub date: String,
    /// GS05, S004 time.
    pub time: String,
    /// GS06, EDIFACT 0048.
    pub control_number: String,
    /// GS07, EDIFACT 0051.
    pub agency: String,
    /// GS08, S008.
    pub version: String,
    /// Sets counted.
    pub sets: u64,
    /// Whether GE or UNE was found.
    pub closed: bool,
}

/// A transaction set or message (ST, UNH, UIH, MHD) or a VDA transmission, told when it ends.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Set {
    /// Offset of the header segment.
    pub start: u64,
    /// One past the trailer, or past the last segment of an unclosed set.
    pub end: u64,
    /// ST01, EDIFACT 0065, TRADACOMS type.
    pub kind: String,
    /// ST02, EDIFACT 0062, TRADACOMS message number.
    pub control_number: String,
    /// ST03, EDIFACT S009 behind the type as `version:release:agency:association`, TRADACOMS type version.
    pub version: String,
    /// Segments from header to trailer, both included.
    pub segments: u64,
    /// Whether it stands inside a group.
    pub grouped: bool,
    /// Whether SE, UNT, UIT or MTR was found.
    pub closed: bool,
}

/// Which acknowledgement segment was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AckKind {
    /// X12 interchange acknowledgement.
    Ta1,
    /// 997/999: the group that is acknowledged.
    Ak1,
    /// 997/999: a set of that group.
    Ak2,
    /// 997: result for that set.
    Ak5,
    /// 999: result for that set.
    Ik5,
    /// 997/999: result for the group.
    Ak9,
    /// CONTRL: interchange.
    Uci,
    /// CONTRL: group.
    Ucf,
    /// CONTRL: message.
    Ucm,
}

impl AckKind {
    /// The segment tag.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ta1 => "TA1",
            Self::Ak1 => "AK1",
            Self::Ak2 => "AK2",
            Self::Ak5 => "AK5",
            Self::Ik5 => "IK5",
            Self::Ak9 => "AK9",
            Self::Uci => "UCI",
            Self::Ucf => "UCF",
            Self::Ucm => "UCM",
        }
    }
}

/// A pointer from an acknowledgement to what it answers. Elements the segment does not have are empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    /// Segment it was read from.
    pub kind: AckKind,
    /// Offset of that segment.
    pub at: u64,
    /// AK101 functional id, AK201 set id, UCM message type.
    pub identifier: String,
    /// TA101, AK102, AK202, UCI 0020, UCM 0062, UCF 0048: the number of what is acknowledged.
    pub reference: String,
    /// TA102.
    pub date: String,
    /// TA103.
    pub time: String,
    /// AK103, the GS08 of the original (newer 997 and 999).
    pub version: String,
    /// UCI S002, the sender of the original interchange.
    pub sender: Party,
    /// UCI S003, the receiver of the original interchange.
    pub receiver: Party,
    /// TA104, AK501, IK501, AK901, 0083.
    pub action: String,
    /// TA105, AK502 … AK506, IK502 … IK506, AK905 … AK909, 0085.
    pub errors: Vec<String>,
    /// AK902 sets stated, AK903 received, AK904 accepted.
    pub counts: [Option<u64>; 3],
}

impl Acknowledgement {
    pub(crate) fn new(kind: AckKind, at: u64) -> Self {
        Self {
            kind,
            at,
            identifier: String::new(),
            reference: String::new(),
            date: String::new(),
            time: String::new(),
            version: String::new(),
            sender: Party::default(),
            receiver: Party::default(),
            action: String::new(),
            errors: Vec::new(),
            counts: [None; 3],
        }
    }
}

/// Which line ends were seen behind the segment terminators (the trailer's own not counted).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LineEnds(u8);

impl LineEnds {
    pub(crate) const NONE: u8 = 1;
    pub(crate) const LF: u8 = 2;
    pub(crate) const CRLF: u8 = 4;
    pub(crate) const CR: u8 = 8;
    pub(crate) const MIXED: u8 = 16;

    pub(crate) fn saw(&mut self, what: u8) {
        self.0 |= what;
    }

    /// `None` when no segment is followed by a line end, else for example `LF`, `CRLF (not after every segment)`.
    #[must_use]
    pub fn describe(self) -> Option<String> {
        let names = [(Self::CR, "CR"), (Self::CRLF, "CRLF"), (Self::LF, "LF"), (Self::MIXED, "mixed blanks/newlines")];
        let seen: Vec<&str> = names.iter().filter(|(bit, _)| self.0 & bit != 0).map(|&(_, name)| name).collect();
        if seen.is_empty() {
            return None;
        }
        let partly = if self.0 & Self::NONE == 0 { "" } else { " (not after every segment)" };
        Some(seen.join("/") + partly)
    }
}
