//! UN/EDIFACT: `[UNA] UNB [UNG [UNH … UNT]* UNE]* UNZ`, and interactive `UIB [UIH … UIT]* UIZ` (ISO 9735-1, -3 and -8).

mod body;
mod header;

pub(crate) use body::Edifact;
pub(crate) use header::{is_header, is_lenient_header, read};

use crate::finding::{Code, Finding};
use crate::scan::LOOK;
use crate::text;

/// Rows 37 and 38: EDIFACT that does not start with UNB or UIB. What it starts with, and whether UNA comes first.
pub(crate) fn fragment(bytes: &[u8]) -> Option<Finding> {
    let bytes = bytes.get(..LOOK).unwrap_or(bytes);
    let tag = |bytes: &[u8]| [("UNH", b"UNH"), ("UNG", b"UNG")].into_iter().find(|(_, tag)| bytes.starts_with(*tag));
    if bytes.starts_with(b"UNA") && una_is_plausible(bytes) {
        let behind = text::trim(bytes.get(9..).unwrap_or_default());
        if is_lenient_header(behind) {
            return None;
        }
        let separator = bytes.get(4).copied().unwrap_or(0);
        return Some(match tag(behind) {
            Some((name, _)) if behind.get(3) == Some(&separator) => missing_header(name),
            _ => Finding::new(Code::E222, 0, "UNA is not followed by UNB."),
        });
    }
    let (name, _) = tag(bytes)?;
    matches!(bytes.get(3), Some(b'+' | 0x1D)).then(|| missing_header(name))
}

/// UNA with six service characters that could be delimiters, or a UNA cut short.
fn una_is_plausible(bytes: &[u8]) -> bool {
    let service = bytes.get(3..9.min(bytes.len())).unwrap_or_default();
    !service.is_empty() && service.iter().all(|b| !b.is_ascii_alphanumeric()) && service.first() != Some(&b' ')
}

fn missing_header(tag: &str) -> Finding {
    Finding::new(Code::E221, 0, format!("Data starts with {tag}; interchange header UNB is missing."))
}
