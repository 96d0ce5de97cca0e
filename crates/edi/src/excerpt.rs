//! The bytes around a finding, for a person to read.

use std::ops::Range;

use crate::delimiter::Delimiter;
use crate::fields;
use crate::interchange::Interchange;
use crate::standard::Standard;

/// Bytes shown before and behind the offset.
const AROUND: usize = 40;

/// The 80 bytes around offset `at` as text: passwords (ISA04, EDIFACT 0022, TRADACOMS RCRF) as `*`, what cannot be printed as `.`.
///
/// `bytes` are those of the interchange, from its start on; more of the parcel may follow. Do not show mailbag filler at all.
///
/// ```
/// let parcel = b"UNB+UNOA:1+A+B+260101:1200+1+SECRET'UNZ+0+1'";
/// let found = edi::interchanges(parcel);
/// let shown = edi::excerpt(&found.interchanges[0], parcel, 20);
/// assert_eq!(shown, "UNB+UNOA:1+A+B+260101:1200+1+******'UNZ+0+1'");
/// ```
#[must_use]
pub fn excerpt(interchange: &Interchange, bytes: &[u8], at: u64) -> String {
    let at = usize::try_from(at.saturating_sub(interchange.start)).unwrap_or(bytes.len()).min(bytes.len());
    let shown = at.saturating_sub(AROUND)..bytes.len().min(at + AROUND);
    let secret = password(interchange, bytes);
    let byte = |(n, &b): (usize, &u8)| match b {
        _ if secret.contains(&n) => '*',
        0x20..=0x7E => char::from(b),
        _ => '.',
    };
    bytes.iter().enumerate().skip(shown.start).take(shown.len()).map(byte).collect()
}

/// Where the password of the header stands. When the header cannot be read, all of it that could hold one.
fn password(interchange: &Interchange, bytes: &[u8]) -> Range<usize> {
    let header = bytes.get(..1024).unwrap_or(bytes);
    let delimiters = &interchange.delimiters;
    let release = delimiters.release.single();
    let (start, separator, n) = match interchange.standard {
        Standard::X12 if delimiters.element.is_empty() => (0, Delimiter::read(header.get(3..).unwrap_or_default()), 4),
        Standard::X12 => (0, delimiters.element, 4),
        Standard::Edifact => (memchr::memmem::find(header, b"UNB").unwrap_or(0), delimiters.element, 6),
        Standard::Tradacoms => (0, delimiters.element, 5),
        _ => return 0..0,
    };
    let segment = header.get(start..).unwrap_or_default();
    let segment = match interchange.standard {
        Standard::X12 => segment,
        _ => fields::nth(segment, delimiters.terminator, release, 0),
    };
    let before: usize = (0..n).map(|n| fields::nth(segment, separator, release, n).len() + separator.len()).sum();
    let length = fields::nth(segment, separator, release, n).len();
    start + before..start + before + length
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interchanges;

    fn shown(parcel: &str, at: u64) -> String {
        excerpt(&interchanges(parcel.as_bytes()).interchanges[0], parcel.as_bytes(), at)
    }

    #[test]
    fn passwords_are_not_shown() {
        let isa = "ISA*00*          *01*SECRET    *ZZ*A              *ZZ*B              *260101*1200*U*00401*000000001*0*P*>~";
        let stx = "STX=ANA:1+1:A+2:B+260101:120000+7+SECRET+ORDHDR'MHD=1+ORDERS:9'MTR=2'END=1'";
        let una = "UNA:+.? '\r\nUNB+UNOA:1+A+B+260101:1200+1+SECRET:AA++1'";
        let broken = isa.replace("*260101", "");
        for parcel in [isa, stx, una, &broken] {
            for at in 0..parcel.len() as u64 {
                assert!(!shown(parcel, at).contains("SECRE"), "{parcel} at {at}: {}", shown(parcel, at));
            }
        }
        assert!(shown(isa, 30).contains("*01************ZZ*A"));
        assert!(shown(una, 30).contains("UNB+UNOA:1+A+B+"));
    }

    #[test]
    fn eighty_bytes_around_are_shown() {
        let text = format!("UNB+UNOA:1+A+B+260101:1200+1'FTX+{}\n\u{1}{}'", "a".repeat(100), "b".repeat(100));
        assert_eq!(shown(&text, 134), format!("{}..{}", "a".repeat(40), "b".repeat(38)).replacen("a", "", 1) + "b");
        assert_eq!(shown(&text, 99_999).len(), 40);
    }
}
