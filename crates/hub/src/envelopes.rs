//! What routing needs to know of the envelopes in a file.

use model::EdiStandard;
use store::parcels::Range;

/// The envelopes of one file.
#[derive(Debug, Default)]
pub struct Envelopes {
    /// Them, in file order.
    pub interchanges: Vec<Envelope>,
    /// Why the file is refused as a whole: it holds nothing.
    pub rejection: Option<String>,
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

impl Envelopes {
    /// Reads a file.
    pub fn read(content: &[u8]) -> Self {
        let mut envelopes = Self::default();
        let summary = edi::read(content, &mut envelopes);
        envelopes.rejection = summary.rejection.map(|finding| finding.message);
        envelopes
    }
}

/// Keeps what routing needs, and not the rest: a file may hold very many envelopes.
impl edi::Sink for Envelopes {
    fn end(&mut self, item: edi::Interchange) {
        let offset = |at: u64| i64::try_from(at).unwrap_or(i64::MAX);
        self.interchanges.push(Envelope {
            standard: standard(item.standard),
            document: item.kind == edi::Kind::Document,
            range: Range { start: offset(item.start), end: offset(item.end_nl) },
            test: item.is_test(),
            sender: Party { qualifier: item.sender.qualifier, id: item.sender.id },
            receiver: Party { qualifier: item.receiver.qualifier, id: item.receiver.id },
            control_number: item.control_number,
            document_type: item.document_type,
            refusal: item.refusal.map(|finding| (finding.code.as_str().to_owned(), finding.message)),
        });
    }
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
