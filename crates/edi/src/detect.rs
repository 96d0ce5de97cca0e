//! Which standard a run of bytes is, by content alone.

use crate::edifact;
use crate::finding::{Code, Finding};
use crate::scan::is_padding;
use crate::standard::Standard;
use crate::{tradacoms, vda, x12};

/// How far into the parcel junk before the first envelope may reach, counted from its first byte that is not padding.
pub(crate) const REACH: usize = 20 * 1024;

/// What the first bytes are.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum First {
    /// An interchange header stands here, readable or at least meant as one.
    Header(Standard),
    /// An interchange header stands so many bytes further on.
    Embedded(usize),
    /// EDI without an interchange header.
    Fragment(Standard, Finding),
    /// EDI in EBCDIC or UTF-16.
    Encoded(Standard, Finding),
    /// One document.
    Document(Standard),
}

/// A cheap first look: whether [`header`] could say yes.
#[inline]
pub(crate) fn may_be_header(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [b'I', b'S', b'A', ..] | [b'U', b'N', b'A' | b'B', ..] | [b'U', b'I', b'B', ..] | [b'S', b'T', b'X', ..]
    )
}

/// The full header test, for headers in the middle of other data.
pub(crate) fn header(bytes: &[u8]) -> Option<Standard> {
    match bytes {
        [b'I', ..] if x12::is_header(bytes) => Some(Standard::X12),
        [b'U', ..] if edifact::is_header(bytes) => Some(Standard::Edifact),
        [b'S', ..] if tradacoms::is_header(bytes) => Some(Standard::Tradacoms),
        _ => None,
    }
}

/// The test where a header is expected: behind an interchange, or at the start.
pub(crate) fn expected_header(bytes: &[u8]) -> Option<Standard> {
    header(bytes).or_else(|| {
        if edifact::is_lenient_header(bytes) {
            Some(Standard::Edifact)
        } else if bytes.starts_with(b"STX=") {
            Some(Standard::Tradacoms)
        } else if vda::is_header(bytes) {
            Some(Standard::Vda)
        } else {
            None
        }
    })
}

/// Judges a parcel by the bytes from its first one that is not padding on; `window` holds [`REACH`] bytes and a header's length,
/// unless the parcel is shorter.
pub(crate) fn first(window: &[u8]) -> First {
    if let Some(encoded) = encoded(window) {
        return encoded;
    }
    if let Some(standard) = expected_header(window) {
        return First::Header(standard);
    }
    if x12::is_mailbag(window)
        && let Some(at) = embedded(window)
    {
        return First::Embedded(at);
    }
    let fragments =
        [(Standard::Edifact, edifact::fragment(window)), (Standard::Tradacoms, tradacoms::fragment(window))];
    for (standard, finding) in fragments {
        if let Some(finding) = finding {
            return First::Fragment(standard, finding);
        }
    }
    if let Some(tag) = x12::fragment(window) {
        return First::Fragment(Standard::X12, x12::missing_header(tag, 0));
    }
    let document = document(window);
    if document != Standard::Txt {
        return First::Document(document);
    }
    if x12::is_attempt(window) {
        return First::Header(Standard::X12);
    }
    match embedded(window) {
        Some(at) => First::Embedded(at),
        None => First::Document(Standard::Txt),
    }
}

/// The first full header within reach.
fn embedded(window: &[u8]) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = next_candidate(window, from).filter(|&at| at < REACH) {
        if window.get(at..).and_then(header).is_some() {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

/// The next place at or behind `from` where a header could start.
pub(crate) fn next_candidate(bytes: &[u8], from: usize) -> Option<usize> {
    let mut from = from;
    loop {
        let at = from + memchr::memchr3(b'I', b'U', b'S', bytes.get(from..)?)?;
        if may_be_header(bytes.get(at..)?) {
            return Some(at);
        }
        from = at + 1;
    }
}

/// EBCDIC and UTF-16 forms of ISA, UNA, UNB, UIB and STX (row 9).
fn encoded(window: &[u8]) -> Option<First> {
    const TAGS: [(&[u8; 3], &[u8; 3], Standard); 5] = [
        (b"ISA", b"\xC9\xE2\xC1", Standard::X12),
        (b"UNA", b"\xE4\xD5\xC1", Standard::Edifact),
        (b"UNB", b"\xE4\xD5\xC2", Standard::Edifact),
        (b"UIB", b"\xE4\xC9\xC2", Standard::Edifact),
        (b"STX", b"\xE2\xE3\xE7", Standard::Tradacoms),
    ];
    let (wide, body) = match window {
        [0xFF, 0xFE, rest @ ..] | [0xFE, 0xFF, rest @ ..] => (true, rest),
        _ => (window.get(1) == Some(&0), window),
    };
    let narrow: Vec<u8> = body.iter().take(64).copied().filter(|&b| b != 0 && !is_padding(b)).collect();
    for (ascii, ebcdic, standard) in TAGS {
        let encoding = if window.starts_with(ebcdic) {
            "EBCDIC"
        } else if wide && narrow.starts_with(ascii) {
            "UTF-16"
        } else {
            continue;
        };
        let message = format!("Data looks like {standard} in {encoding}; send it in an ASCII-compatible code.");
        return Some(First::Encoded(standard, Finding::new(Code::E104, 0, message)));
    }
    None
}

/// XML, PDF, binary or text.
fn document(window: &[u8]) -> Standard {
    let start = window.get(..1024.min(window.len())).unwrap_or_default();
    if memchr::memmem::find(start, b"%PDF-").is_some() {
        return Standard::Pdf;
    }
    if is_xml(window) {
        return Standard::Xml;
    }
    let wide = matches!(window, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..]);
    if !wide && is_binary(window.get(..4096.min(window.len())).unwrap_or_default()) {
        return Standard::Binary;
    }
    Standard::Txt
}

/// `<?xml`, or `<` and a letter, `!` or `?`, but not HTML; in UTF-16 too.
fn is_xml(window: &[u8]) -> bool {
    let narrow: Vec<u8> = match window {
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [b'<', 0, _, 0, ..] => {
            window.iter().take(128).copied().filter(|b| !matches!(b, 0 | 0xFE | 0xFF)).collect()
        }
        _ => window.iter().take(64).copied().collect(),
    };
    let start = narrow.iter().position(|&b| !is_padding(b)).unwrap_or(0);
    let text: Vec<u8> = narrow.get(start..).unwrap_or_default().to_ascii_lowercase();
    if text.starts_with(b"<html") || text.starts_with(b"<!doctype html") {
        return false;
    }
    matches!(*text, [b'<', b'!' | b'?' | b'_', ..])
        || matches!(*text, [b'<', letter, ..] if letter.is_ascii_lowercase() || letter >= 0x80)
}

/// A NUL, a known magic number, or more than 2 % control bytes.
fn is_binary(sample: &[u8]) -> bool {
    const MAGIC: [&[u8]; 12] = [
        b"PK\x03\x04",
        b"PK\x05\x06",
        b"\x89PNG",
        b"\xD0\xCF\x11\xE0",
        b"SQLite format 3",
        b"GIF8",
        b"\xFF\xD8\xFF",
        b"\x1F\x8B",
        b"BZh",
        b"\xFD7zXZ",
        b"7z\xBC\xAF",
        b"\x28\xB5\x2F\xFD",
    ];
    let control = sample.iter().filter(|&&b| b < 0x20 && !is_padding(b) && b != 0x0C && b != 0x1B).count();
    MAGIC.iter().any(|magic| sample.starts_with(magic)) || sample.contains(&0) || control * 50 > sample.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_told_by_content() {
        let of = |bytes: &[u8]| first(bytes);
        assert_eq!(of(b"%PDF-1.7\n"), First::Document(Standard::Pdf));
        assert_eq!(of(b"<?xml version=\"1.0\"?><a/>"), First::Document(Standard::Xml));
        assert_eq!(of(b"<Order/>"), First::Document(Standard::Xml));
        assert_eq!(of(b"\xFF\xFE<\0a\0/\0>\0"), First::Document(Standard::Xml));
        assert_eq!(of(b"<!DOCTYPE html><html></html>"), First::Document(Standard::Txt));
        assert_eq!(of(b"PK\x03\x04rest"), First::Document(Standard::Binary));
        assert_eq!(of(b"a\0b"), First::Document(Standard::Binary));
        assert_eq!(of(b"ISA\nISA*GS"), First::Document(Standard::Txt));
        assert_eq!(of(b"MSH|^~\\&|A|B"), First::Document(Standard::Txt));
        assert_eq!(of(b"EDI_DC40  100000000000123"), First::Document(Standard::Txt));
        assert_eq!(of(b"511;12;3\n512;1;2\n"), First::Document(Standard::Txt));
    }

    #[test]
    fn edi_in_other_codes_is_recognised() {
        let ebcdic = first(b"\xC9\xE2\xC1\x5C\xF0\xF0\x5C");
        assert!(matches!(ebcdic, First::Encoded(Standard::X12, finding) if finding.message.contains("EBCDIC")));
        let utf16 = first(b"\xFF\xFEU\0N\0B\0+\0");
        assert!(matches!(utf16, First::Encoded(Standard::Edifact, finding) if finding.message.contains("UTF-16")));
        assert!(matches!(first(b"I\0S\0A\0*\0"), First::Encoded(Standard::X12, _)));
    }
}
