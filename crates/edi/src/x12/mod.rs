//! ANSI ASC X12: `ISA [ISB] [ISE] [TA1 …] [TA3 …] [GS [ST … SE]* GE]* IEA` (X12.5, X12.6, X12.56).

mod body;
mod header;
mod isa;

pub use isa::{Isa, IsaError, read as read_isa};

pub(crate) use body::X12;
pub(crate) use header::interchange;
pub(crate) use isa::{is_attempt, is_header};

use crate::finding::{Code, Finding};

/// E220 (row 36): the segment a parcel starts with instead of ISA, `GS` or `ST`.
pub(crate) fn fragment(bytes: &[u8]) -> Option<&'static str> {
    let [a, b, separator, x, y, rest @ ..] = bytes else { return None };
    if separator.is_ascii_alphanumeric() || matches!(separator, b' ' | b'\r' | b'\n' | b'\t' | b'=' | b':') {
        return None;
    }
    match [a, b] {
        [b'G', b'S'] => {
            (x.is_ascii_uppercase() && y.is_ascii_uppercase() && rest.first() == Some(separator)).then_some("GS")
        }
        [b'S', b'T'] => ([x, y].iter().all(|d| d.is_ascii_digit())
            && rest.first().is_some_and(u8::is_ascii_digit)
            && rest.get(1) == Some(separator))
        .then_some("ST"),
        _ => None,
    }
}

/// Whether a mailbag segment of X12.56 starts here: `IH`, `IA` or `IT` and a separator.
pub(crate) fn is_mailbag(bytes: &[u8]) -> bool {
    matches!(bytes, [b'I', b'H' | b'A' | b'T', separator, ..]
        if separator.is_ascii_punctuation() && !matches!(separator, b'\'' | b'"' | b'.' | b',' | b'-' | b'(' | b')'))
}

pub(crate) fn missing_header(tag: &str, at: u64) -> Finding {
    Finding::new(Code::E220, at, format!("Data starts with {tag}; interchange header ISA is missing."))
}
