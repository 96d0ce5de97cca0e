//! Finds EDI interchanges in a stream of bytes.
//!
//! X12, UN/EDIFACT, TRADACOMS and VDA are split into interchanges, exact to the byte, with their header fields, counts and what is
//! odd about them; XML envelopes (SBDH, cXML, UBL, CII) are read for sender and receiver; PDF, text and binary data are told apart.
//!
//! - Bytes are parsed, never decoded text: no newline translation, no conversion, nothing trimmed from what is delivered.
//! - Delimiters belong to one interchange and are found anew at every `ISA`, `UNA`, `UNB` and `STX`.
//! - What can be framed is an interchange, however odd; what cannot is refused with a reason, and its neighbours are not harmed.
//! - [`Reader`] takes chunks of any size and keeps headers only; [`read`] takes a slice; both tell a [`Sink`] the same things.
//! - Filler and interchanges cover the input in order, without gap or overlap.
//!
//! Passwords in headers (ISA04, EDIFACT 0022, TRADACOMS RCRF) are never read into any field, message or debug output.

mod delimiter;
mod detect;
mod edifact;
mod engine;
mod envelope;
mod excerpt;
mod fields;
mod finding;
pub mod generate;
pub mod inspect;
mod interchange;
mod junk;
mod reader;
mod scan;
mod sink;
mod standard;
mod text;
mod tradacoms;
mod unframed;
mod vda;
mod x12;
mod xml;

pub use delimiter::{Delimiter, Delimiters};
pub use excerpt::excerpt;
pub use finding::{Code, Finding};
pub use interchange::{AckKind, Acknowledgement, Group, Interchange, Kind, LineEnds, Party, SET_TYPES, Set};
pub use reader::{Finish, Limits, Reader, Step, interchanges, read, read_with};
pub use sink::{Document, Filler, FillerKind, Sink, Summary};
pub use standard::Standard;
pub use x12::{Isa, IsaError, read_isa};
pub use xml::{Identity, XmlId, XmlKind};
