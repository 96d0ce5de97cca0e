//! ISA, the interchange header of X12.5: read by position, with line breaks removed, or by its separators.

use crate::delimiter::{Delimiter, Delimiters};
use crate::fields;
use crate::finding::Code;
use crate::scan::LOOK;
use crate::text;

/// Lengths of ISA01 to ISA16 (X12.5).
const LENGTHS: [usize; 16] = [2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1];

/// Offsets of the element separators in a fixed ISA.
const SEPARATORS: [usize; 16] = [3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103];

/// Bytes in which the 16 separators of a non-fixed ISA must stand.
const REACH: usize = 400;

/// A readable ISA.
#[derive(Debug, PartialEq, Eq)]
pub struct Isa {
    /// ISA01 to ISA16 one behind the other; ISA04, the password, blanked out.
    bytes: Vec<u8>,
    /// Where each ends in `bytes`.
    ends: [usize; 16],
    /// The delimiters it declares.
    pub delimiters: Delimiters,
    /// Bytes up to and with the segment terminator.
    pub length: usize,
    /// What is odd about it, for warnings.
    pub oddities: Vec<(Code, String)>,
}

impl Isa {
    /// ISA`n` as written, 1 to 16, line ends removed; empty for ISA04, the password, and for numbers beyond.
    #[must_use]
    pub fn element(&self, n: usize) -> &[u8] {
        let end = n.checked_sub(1).and_then(|n| self.ends.get(n)).copied().unwrap_or(0);
        let start = n.checked_sub(2).and_then(|n| self.ends.get(n)).copied().unwrap_or(0);
        self.bytes.get(start..end).filter(|_| n != 4).unwrap_or_default()
    }
}

/// Why an ISA cannot be used, with what could be read of it.
#[derive(Debug, PartialEq, Eq)]
pub struct IsaError {
    /// E201, E202 or E203.
    pub code: Code,
    /// The text for the finding.
    pub message: String,
    /// The elements, when all were found.
    pub isa: Option<Box<Isa>>,
}

/// Where the parts of an ISA stand.
struct Layout {
    /// ISA01 to ISA15, one behind the other, and their ends.
    bytes: Vec<u8>,
    ends: [usize; 16],
    separator: Delimiter,
    /// Offset of ISA16.
    component_at: usize,
    oddities: Vec<(Code, String)>,
    /// By separators only: what follows must be a known segment.
    doubtful: bool,
}

/// Reads the ISA that starts `bytes`. Looks at the first 1024 bytes only.
///
/// # Errors
/// E201 when fewer than 16 separators are found, E202 when no terminator stands behind ISA16, E203 when two delimiters are the
/// same or one is a letter, a digit or a blank.
pub fn read(bytes: &[u8]) -> Result<Isa, IsaError> {
    let bytes = bytes.get(..LOOK).unwrap_or(bytes);
    let layout = fixed(bytes).or_else(|| unwrapped(bytes)).or_else(|| separated(bytes));
    let Some(layout) = layout else {
        let message = format!("ISA segment cannot be read: {} of 16 separators found.", separators(bytes));
        return Err(IsaError { code: Code::E201, message, isa: None });
    };
    finish(bytes, layout)
}

/// Whether `bytes` start with an ISA that can be used.
pub(crate) fn is_header(bytes: &[u8]) -> bool {
    let mut start = bytes.iter().filter(|b| !matches!(b, b'\r' | b'\n')).take(7);
    let tag = start.by_ref().take(3).eq(b"ISA");
    // A cheap look first: ISA01 has two characters in every ISA. A separator of several bytes is not looked at so closely.
    let separator = start.next().copied().unwrap_or(b' ');
    tag && (separator >= 0x80 || start.nth(2) == Some(&separator)) && read(bytes).is_ok()
}

/// Whether `bytes` start with something that was meant to be an ISA, readable or not (rows 12, 14, 17).
pub(crate) fn is_attempt(bytes: &[u8]) -> bool {
    let [b'I', b'S', b'A', separator, rest @ ..] = bytes else { return false };
    if separator.is_ascii_alphanumeric() || matches!(separator, b' ' | b'\r' | b'\n' | b'\t') {
        return false;
    }
    separators(bytes) >= 4
        || matches!(rest, [a, b, c, ..] if c == separator && a.is_ascii_digit() && b.is_ascii_digit())
}

/// By position: the separator at all of its 16 offsets.
fn fixed(bytes: &[u8]) -> Option<Layout> {
    let separator = *bytes.get(3)?;
    if separator.is_ascii_alphanumeric() || separator == b' ' || bytes.len() < 105 {
        return None;
    }
    if !SEPARATORS.iter().all(|&at| bytes.get(at) == Some(&separator)) {
        return None;
    }
    let (mut kept, mut ends) = (Vec::with_capacity(96), [0; 16]);
    for ((end, &at), length) in ends.iter_mut().zip(&SEPARATORS).zip(LENGTHS).take(15) {
        kept.extend_from_slice(bytes.get(at + 1..at + 1 + length).unwrap_or_default());
        *end = kept.len();
    }
    let separator = Delimiter::byte(separator);
    Some(Layout { bytes: kept, ends, separator, component_at: 104, oddities: Vec::new(), doubtful: false })
}

/// By position once line ends are removed (80-column files, row 13).
fn unwrapped(bytes: &[u8]) -> Option<Layout> {
    let kept: Vec<(usize, u8)> =
        bytes.iter().copied().enumerate().filter(|(_, b)| !matches!(b, b'\r' | b'\n')).take(106).collect();
    let clean: Vec<u8> = kept.iter().map(|&(_, b)| b).collect();
    let mut layout = fixed(&clean)?;
    layout.component_at = kept.get(104)?.0;
    layout.oddities.push((Code::W202, String::new()));
    Some(layout)
}

/// By its separators: 16 of them, then ISA16 and the terminator (row 11).
fn separated(bytes: &[u8]) -> Option<Layout> {
    let separator = Delimiter::read(bytes.get(3..)?);
    if separator.single().is_some_and(|b| b.is_ascii_alphanumeric() || b" \r\n\t".contains(&b)) {
        return None;
    }
    let reach = bytes.get(3..REACH.min(bytes.len()))?;
    let (mut kept, mut ends, mut wrong, mut wrapped) = (Vec::new(), [0; 16], Vec::new(), false);
    let mut at = 3 + separator.len();
    for (n, (end, length)) in ends.iter_mut().zip(LENGTHS).enumerate().take(15) {
        let part = fields::nth(reach, separator, None, n + 1);
        at += part.len() + separator.len();
        let clean = fields::unwrap(part);
        wrapped |= clean.len() != part.len();
        if part.len() != length {
            wrong.push(format!("ISA{:02}={}", n + 1, part.len()));
        }
        kept.extend_from_slice(&clean);
        *end = kept.len();
    }
    if at >= REACH.min(bytes.len()) || separators(bytes) < 16 {
        return None;
    }
    let mut oddities = Vec::new();
    if !wrong.is_empty() {
        oddities.push((Code::W201, format!("ISA is not fixed length: {}; read by separators.", wrong.join(","))));
    }
    if wrapped {
        oddities.push((Code::W202, String::new()));
    }
    Some(Layout { bytes: kept, ends, separator, component_at: at, oddities, doubtful: true })
}

/// Separators up to the segment that follows ISA, at most 16.
fn separators(bytes: &[u8]) -> usize {
    let Some(separator) = bytes.get(3..).map(Delimiter::read).filter(|d| !d.is_empty()) else { return 0 };
    let reach = bytes.get(..REACH.min(bytes.len())).unwrap_or_default();
    let mut count = 0;
    let mut at = 3;
    while let Some(rest) = reach.get(at..).filter(|rest| !rest.is_empty()) {
        if separator.starts(rest) {
            // "~GS*": the separator behind the tag of the next segment is not ISA's.
            let before = reach.get(..at).unwrap_or_default();
            let next =
                before.ends_with(b"GS") && before.iter().rev().nth(2).is_some_and(|b| !b.is_ascii_alphanumeric());
            if next && count > 0 && !before.ends_with(&[separator.as_bytes(), b"GS"].concat()) {
                break;
            }
            count += 1;
            at += separator.len();
        } else {
            at += 1;
        }
    }
    count.min(16)
}

/// Takes ISA16 and the terminator and judges the delimiters.
fn finish(bytes: &[u8], layout: Layout) -> Result<Isa, IsaError> {
    let Layout { bytes: mut kept, mut ends, separator, component_at, mut oddities, doubtful } = layout;
    let mut component = Delimiter::read(bytes.get(component_at..).unwrap_or_default());
    kept.extend_from_slice(component.as_bytes());
    ends[15] = kept.len();
    let after = bytes.get(component_at + component.len()..).unwrap_or_default();
    let mut terminator = if after.starts_with(b"\r\n") { Delimiter::CRLF } else { Delimiter::read(after) };
    let mut length = component_at + component.len() + terminator.len();
    if is_terminator_in_place_of_component(component, after, separator) {
        oddities.push((Code::W203, format!("ISA16 is missing; '{component}' taken as segment terminator.")));
        length = component_at + component.len();
        terminator = std::mem::replace(&mut component, Delimiter::NONE);
    }
    for wide in [separator, component, terminator].iter().filter(|d| d.len() > 1 && **d != Delimiter::CRLF) {
        let shown = text::text(wide.as_bytes());
        let message =
            format!("Delimiter {shown} is more than one byte; the data seems to have been converted to UTF-8.");
        oddities.push((Code::W204, message));
    }
    kept.iter_mut().take(ends[3]).skip(ends[2]).for_each(|b| *b = b' ');
    let delimiters = Delimiters { element: separator, component, terminator, ..Delimiters::default() };
    let mut isa = Isa { bytes: kept, ends, delimiters, length, oddities };
    isa.delimiters.repetition = repetition(isa.element(11));
    match judge(&delimiters, after, doubtful) {
        None => Ok(isa),
        Some((Code::E201, _)) => {
            let message = format!("ISA segment cannot be read: {} of 16 separators found.", separators(bytes));
            Err(IsaError { code: Code::E201, message, isa: None })
        }
        Some((code, message)) => Err(IsaError { code, message, isa: Some(Box::new(isa)) }),
    }
}

/// What is wrong with the delimiters, if anything.
fn judge(delimiters: &Delimiters, after: &[u8], doubtful: bool) -> Option<(Code, String)> {
    let Delimiters { element, component, terminator, .. } = delimiters;
    let alphanumeric = |d: &Delimiter| d.single().is_some_and(|b| b.is_ascii_alphanumeric());
    if terminator.is_empty() || alphanumeric(terminator) {
        return Some((Code::E202, format!("No segment terminator after ISA16 (found '{terminator}').")));
    }
    let pairs = [
        ("Element separator and segment terminator", element, terminator),
        ("Element and component separator", element, component),
        ("Component separator and segment terminator", component, terminator),
    ];
    if let Some((names, ..)) = pairs.iter().find(|(_, a, b)| a == b) {
        return Some((Code::E203, format!("{names} are the same byte.")));
    }
    let blank = |d: &Delimiter| matches!(d.single(), Some(b' '));
    for (name, d) in [("Component separator", component), ("Segment terminator", terminator)] {
        if alphanumeric(d) || blank(d) {
            return Some((Code::E203, format!("{name} '{d}' is a letter, a digit or a blank.")));
        }
    }
    let next = after.get(terminator.len()..).unwrap_or_default();
    (doubtful && !is_followed(next, *element)).then(|| (Code::E201, String::new()))
}

/// Whether a segment that may follow ISA stands here, or nothing at all.
fn is_followed(bytes: &[u8], element: Delimiter) -> bool {
    let bytes = text::trim(bytes);
    let tags: [&[u8]; 7] = [b"GS", b"TA1", b"TA3", b"ISB", b"ISE", b"IEA", b"ISA"];
    bytes.is_empty() || tags.iter().any(|tag| bytes.strip_prefix(*tag).is_some_and(|rest| element.starts(rest)))
}

/// ISA16 missing (row 15): the byte in its place ends the next segment.
fn is_terminator_in_place_of_component(candidate: Delimiter, after: &[u8], element: Delimiter) -> bool {
    let Some(byte) = candidate.single().filter(|b| !b.is_ascii_alphanumeric() && *b != b' ') else { return false };
    let next = text::trim(after);
    if !is_followed(next, element) || next.is_empty() {
        return false;
    }
    if matches!(after.first(), Some(b'\r' | b'\n')) {
        let line = next.split(|b| matches!(b, b'\r' | b'\n')).next().unwrap_or_default();
        return text::trim(line).last() == Some(&byte);
    }
    if !after.first().is_some_and(u8::is_ascii_alphanumeric) {
        return false;
    }
    let Some(end) = memchr::memchr(byte, next) else { return false };
    let behind = text::trim(next.get(end + 1..).unwrap_or_default());
    let tags: [&[u8]; 4] = [b"ST", b"GE", b"IEA", b"TA1"];
    tags.iter().any(|tag| behind.strip_prefix(*tag).is_some_and(|rest| element.starts(rest)))
}

/// ISA11 is the repetition separator when it is neither alphanumeric nor blank, whatever the version.
fn repetition(isa11: &[u8]) -> Delimiter {
    match isa11 {
        [byte] if byte.is_ascii_alphanumeric() || *byte == b' ' => Delimiter::NONE,
        [] => Delimiter::NONE,
        _ => Delimiter::read(isa11),
    }
}
