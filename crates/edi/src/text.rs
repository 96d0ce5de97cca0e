//! Small, total functions on header bytes: trimming, text, numbers, dates.

use std::ops::Range;

/// Text of a header element: UTF-8 when it is valid, else every byte as the Latin-1 character of that number.
pub(crate) fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|&b| char::from(b)).collect(),
    }
}

/// Text without the padding around it.
pub(crate) fn trimmed(bytes: &[u8]) -> String {
    text(trim(bytes))
}

/// Puts the text of a header element, without padding, in the place of what `out` holds.
pub(crate) fn write(out: &mut String, bytes: &[u8]) {
    out.clear();
    append(out, bytes);
}

/// Appends the text of a header element, without padding.
pub(crate) fn append(out: &mut String, bytes: &[u8]) {
    let bytes = trim(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => out.push_str(text),
        Err(_) => out.extend(bytes.iter().map(|&b| char::from(b))),
    }
}

/// Cuts blanks, tabs, line ends and UTF-8 no-break spaces from both ends (ids are padded with all of them).
#[inline]
pub(crate) fn trim(bytes: &[u8]) -> &[u8] {
    match bytes {
        // Most elements are not padded.
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => bytes,
        _ => trim_padded(bytes),
    }
}

fn trim_padded(mut bytes: &[u8]) -> &[u8] {
    loop {
        bytes = match bytes {
            [b' ' | b'\t' | b'\r' | b'\n' | 0, rest @ ..] => rest,
            [0xC2, 0xA0, rest @ ..] => rest,
            [rest @ .., b' ' | b'\t' | b'\r' | b'\n' | 0] => rest,
            [rest @ .., 0xC2, 0xA0] => rest,
            _ => return bytes,
        };
    }
}

/// A count as a number: digits only, blanks around them allowed. `None` when it is not a number or does not fit.
pub(crate) fn number(bytes: &[u8]) -> Option<u64> {
    let bytes = trim(bytes);
    if bytes.is_empty() || bytes.len() > 18 {
        return None;
    }
    bytes.iter().try_fold(0u64, |n, &b| b.is_ascii_digit().then(|| n * 10 + u64::from(b - b'0')))
}

/// How two control numbers compare.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Match {
    Same,
    /// Equal as numbers, written differently.
    Padding,
    Different,
}

pub(crate) fn compare(header: &[u8], trailer: &[u8]) -> Match {
    if header == trailer {
        return Match::Same;
    }
    let (a, b) = (trim(header), trim(trailer));
    if a == b {
        return Match::Same;
    }
    let digits = |s: &[u8]| !s.is_empty() && s.iter().all(u8::is_ascii_digit);
    let bare = |s: &[u8]| s.iter().position(|&c| c != b'0').map_or(s.len(), |i| i);
    if digits(a) && digits(b) && a.get(bare(a)..) == b.get(bare(b)..) { Match::Padding } else { Match::Different }
}

/// Whether YYMMDD or CCYYMMDD is a day of the calendar. A two-digit year is taken as a leap year when it can be one.
pub(crate) fn is_date(text: &str) -> bool {
    let digits = text.as_bytes();
    if !digits.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let field = |at: Range<usize>| digits.get(at).and_then(number).unwrap_or(0);
    let (year, month, day) = match digits.len() {
        6 => (field(0..2), field(2..4), field(4..6)),
        8 => (field(0..4), field(4..6), field(6..8)),
        _ => return false,
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return false,
    };
    (1..=days).contains(&day)
}

/// Cuts a value so that no message grows with the data.
pub(crate) fn short(bytes: &[u8]) -> String {
    let text = trimmed(bytes);
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_by_text_then_by_value() {
        assert_eq!(compare(b"000003438", b"3438"), Match::Padding);
        assert_eq!(compare(b"000003438", b"000003438 "), Match::Same);
        assert_eq!(compare(b"", b"4"), Match::Different);
        assert_eq!(compare(b"000", b"0"), Match::Padding);
        assert_eq!(compare(b"AB1", b"AB01"), Match::Different);
    }

    #[test]
    fn dates_are_days_of_the_calendar() {
        for good in ["260101", "240229", "20240229", "000229", "20000229"] {
            assert!(is_date(good), "{good}");
        }
        for bad in ["000000", "991399", "230229", "19000229", "2301", "      ", ""] {
            assert!(!is_date(bad), "{bad}");
        }
    }

    #[test]
    fn text_is_latin_1_when_it_is_not_utf_8() {
        assert_eq!(text(b"K\xf8benhavn"), "København");
        assert_eq!(text("København".as_bytes()), "København");
        assert_eq!(trim(b" \xC2\xA0X\xC2\xA0 "), b"X");
    }
}
