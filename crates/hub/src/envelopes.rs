//! What routing needs to know of the envelopes in a file.

use model::EdiStandard;
use store::parcels::Range;

/// The envelopes of one file.
#[derive(Debug)]
pub struct Envelopes {
    /// Them, in file order.
    pub interchanges: Vec<Envelope>,
}

/// One envelope.
#[derive(Debug)]
pub struct Envelope {
    /// Standard.
    pub standard: EdiStandard,
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
    pub fn read(_content: &[u8]) -> Self {
        Self { interchanges: Vec::new() }
    }
}
