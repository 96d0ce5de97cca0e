//! Splitting segments into elements and components, with or without release characters.

use std::borrow::Cow;

use crate::delimiter::Delimiter;
use crate::text;

/// Removes line ends: within segments they are noise (row 13).
pub(crate) fn unwrap(bytes: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr2(b'\r', b'\n', bytes).is_none() {
        return Cow::Borrowed(bytes);
    }
    Cow::Owned(bytes.iter().copied().filter(|b| !matches!(b, b'\r' | b'\n')).collect())
}

/// The `n`-th part of `bytes`, split at `separator`, empty when there are fewer. `release` makes the next byte data.
pub(crate) fn nth(bytes: &[u8], separator: Delimiter, release: Option<u8>, n: usize) -> &[u8] {
    let Some(first) = separator.as_bytes().first() else {
        return if n == 0 { bytes } else { &[] };
    };
    let (mut from, mut part, mut pos) = (0, 0, 0);
    while let Some(&byte) = bytes.get(pos) {
        if Some(byte) == release {
            pos += 2;
        } else if byte == *first && separator.starts(bytes.get(pos..).unwrap_or_default()) {
            if part == n {
                return bytes.get(from..pos).unwrap_or_default();
            }
            part += 1;
            pos += separator.len();
            from = pos;
        } else {
            pos += 1;
        }
    }
    if part == n { bytes.get(from..).unwrap_or_default() } else { &[] }
}

/// Drops release characters; the byte behind each stays.
pub(crate) fn released(bytes: &[u8], release: Option<u8>) -> Cow<'_, [u8]> {
    let Some(release) = release.filter(|r| bytes.contains(r)) else { return Cow::Borrowed(bytes) };
    let mut out = Vec::with_capacity(bytes.len());
    let mut bytes = bytes.iter();
    while let Some(&byte) = bytes.next() {
        if byte != release {
            out.push(byte);
        } else if let Some(&data) = bytes.next() {
            out.push(data);
        }
    }
    Cow::Owned(out)
}

/// Elements split once; those behind are looked for when asked for.
const SPLIT: usize = 12;

/// A segment, split into its elements.
#[derive(Clone, Copy)]
pub(crate) struct Segment<'a> {
    pub bytes: &'a [u8],
    pub component: Delimiter,
    pub release: Option<u8>,
    element: Delimiter,
    elements: [&'a [u8]; SPLIT],
}

impl<'a> Segment<'a> {
    pub fn new(bytes: &'a [u8], element: Delimiter, component: Delimiter, release: Option<u8>) -> Self {
        let mut elements: [&[u8]; SPLIT] = [&[]; SPLIT];
        for (to, part) in elements.iter_mut().zip(Parts { rest: Some(bytes), separator: element, release }) {
            *to = part;
        }
        Self { bytes, component, release, element, elements }
    }

    /// Other bytes with the same delimiters.
    pub fn of<'b>(&self, bytes: &'b [u8]) -> Segment<'b> {
        Segment::new(bytes, self.element, self.component, self.release)
    }

    /// Element `n`; 0 is the tag.
    pub fn element(&self, n: usize) -> &'a [u8] {
        match self.elements.get(n) {
            Some(element) => element,
            None => nth(self.bytes, self.element, self.release, n),
        }
    }

    /// The components of element `n`, with their release characters.
    pub fn components(&self, n: usize) -> Parts<'a> {
        Parts { rest: Some(self.element(n)), separator: self.component, release: self.release }
    }

    /// Component `m`, from 0, of element `n`, as text without padding and release characters.
    pub fn component(&self, n: usize, m: usize) -> String {
        text::trimmed(&released(nth(self.element(n), self.component, self.release, m), self.release))
    }

    /// Element `n` as text without padding and release characters.
    pub fn text(&self, n: usize) -> String {
        text::trimmed(&released(self.element(n), self.release))
    }
}

#[inline]
fn end_of_part(bytes: &[u8], separator: u8, release: u8) -> Option<usize> {
    let mut at = 0;
    loop {
        let byte = *bytes.get(at)?;
        if byte == release {
            at += 1;
        } else if byte == separator {
            return Some(at);
        }
        at += 1;
    }
}

/// The parts of some bytes between separators, in order.
pub(crate) struct Parts<'a> {
    rest: Option<&'a [u8]>,
    separator: Delimiter,
    release: Option<u8>,
}

impl<'a> Iterator for Parts<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest?;
        let end = match (self.separator.single(), self.release) {
            (Some(separator), None) => rest.iter().position(|&b| b == separator),
            (Some(separator), Some(release)) => end_of_part(rest, separator, release),
            _ => {
                let part = nth(rest, self.separator, self.release, 0);
                (part.len() < rest.len()).then_some(part.len())
            }
        };
        let Some(end) = end else { return self.rest.take() };
        self.rest = rest.get(end + self.separator.len()..);
        rest.get(..end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_released_separator_is_data() {
        let plus = Delimiter::byte(b'+');
        assert_eq!(nth(b"A+B?+C+D??+E", plus, Some(b'?'), 1), b"B?+C");
        assert_eq!(nth(b"A+B?+C+D??+E", plus, Some(b'?'), 3), b"E");
        assert_eq!(nth(b"A+B", plus, Some(b'?'), 2), b"");
        assert_eq!(&*released(b"B?+C??", Some(b'?')), b"B+C?");
    }

    #[test]
    fn without_a_separator_there_is_one_part() {
        assert_eq!(nth(b"A+B", Delimiter::NONE, Some(b'?'), 0), b"A+B");
        assert_eq!(nth(b"A+B", Delimiter::NONE, Some(b'?'), 1), b"");
    }

    #[test]
    fn a_separator_may_be_a_utf8_sequence() {
        assert_eq!(nth("A¦B¦C".as_bytes(), Delimiter::read("¦".as_bytes()), None, 1), b"B");
    }
}
