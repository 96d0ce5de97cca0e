//! What routing needs to know of the envelopes in a file.

use edi::{Finish, Limits, Reader, Sink, Step, Summary};
use model::EdiStandard;
use std::io::{self, Read, Seek, SeekFrom};
use store::parcels::Range;

/// Envelopes of one file: what routing needs of them, and not the rest. A file may hold very many.
#[derive(Debug)]
pub struct Envelopes {
    /// Them, in file order.
    pub found: Vec<Envelope>,
    /// How many to leave out first.
    pub skip: usize,
    /// How many to keep at most.
    pub most: usize,
}

/// One envelope.
#[derive(Debug)]
pub struct Envelope {
    /// Standard.
    pub standard: EdiStandard,
    /// Whether it is no envelope but the whole file: XML, PDF, text, binary.
    pub document: bool,
    /// Its bytes, line end included.
    pub range: Range,
    /// Sender.
    pub sender: Party,
    /// Receiver.
    pub receiver: Party,
    /// Interchange control number.
    pub control_number: String,
    /// Type of the first set.
    pub document_type: String,
    /// Whether it is marked as test data.
    pub test: bool,
    /// Why it cannot be delivered as it is: our code, and the words.
    pub refusal: Option<(String, String)>,
}

/// Sender or receiver of an envelope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Party {
    /// Qualifier, empty where the standard has none.
    pub qualifier: String,
    /// Id.
    pub id: String,
}
impl std::fmt::Display for Party {
    /// `qualifier:id` (ruling 34).
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.qualifier, self.id)
    }
}

/// Bytes that are looked at in one go.
const PIECE: usize = 256 * 1024;

/// Reads content for its envelopes, a piece at a time, and calls `after` with the length of each piece.
pub fn read_envelopes<S: Sink>(
    content: &mut (impl Read + Seek),
    sink: &mut S,
    mut after: impl FnMut(&mut S, usize) -> io::Result<()>,
) -> io::Result<Summary> {
    let (mut reader, mut piece) = (Reader::new(Limits::default()), vec![0; PIECE]);
    loop {
        let length = content.read(&mut piece)?;
        let step = match length {
            0 => match reader.finish(sink) {
                Finish::Done(summary) => return Ok(summary),
                Finish::Rewind(offset) => Step::Rewind(offset),
            },
            _ => reader.push(piece.get(..length).unwrap_or_default(), sink),
        };
        if let Step::Rewind(offset) = step {
            content.seek(SeekFrom::Start(offset))?;
        }
        after(sink, length)?;
    }
}

impl Sink for Envelopes {
    fn end(&mut self, item: edi::Interchange) {
        if self.skip > 0 || self.found.len() == self.most {
            self.skip = self.skip.saturating_sub(1);
            return;
        }
        let offset = |at: u64| i64::try_from(at).unwrap_or(i64::MAX);
        self.found.push(Envelope {
            standard: standard(item.standard),
            document: item.kind == edi::Kind::Document,
            range: Range { start: offset(item.start), end: offset(item.end_nl) },
            test: item.is_test(),
            sender: Party { qualifier: text(item.sender.qualifier), id: text(item.sender.id) },
            receiver: Party { qualifier: text(item.receiver.qualifier), id: text(item.receiver.id) },
            control_number: text(item.control_number),
            document_type: text(item.document_type),
            refusal: item.refusal.map(|finding| (finding.code.as_str().to_owned(), text(finding.message))),
        });
    }
}

/// A text that every engine keeps: PostgreSQL refuses NUL, which a broken file may hold.
fn text(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text }
}

fn standard(standard: edi::Standard) -> EdiStandard {
    match standard {
        edi::Standard::X12 => EdiStandard::X12,
        edi::Standard::Edifact => EdiStandard::Edifact,
        edi::Standard::Tradacoms => EdiStandard::Tradacoms,
        edi::Standard::Vda => EdiStandard::Vda,
        edi::Standard::Xml => EdiStandard::Xml,
        edi::Standard::Txt => EdiStandard::Txt,
        edi::Standard::Pdf => EdiStandard::Pdf,
        edi::Standard::Binary => EdiStandard::Binary,
    }
}
