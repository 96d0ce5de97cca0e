//! Delimiters: one byte, or one UTF-8 sequence when the data was converted on its way.

use std::fmt;

/// One delimiter: no byte at all, one byte, or a UTF-8 sequence of two to four bytes (row 16).
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Delimiter {
    bytes: [u8; 4],
    length: u8,
}

impl Delimiter {
    /// No delimiter.
    pub const NONE: Self = Self { bytes: [0; 4], length: 0 };
    /// CR LF as segment terminator (X12).
    pub const CRLF: Self = Self { bytes: [b'\r', b'\n', 0, 0], length: 2 };

    /// A delimiter of one byte.
    #[must_use]
    pub const fn byte(byte: u8) -> Self {
        Self { bytes: [byte, 0, 0, 0], length: 1 }
    }

    /// Reads the delimiter that stands at the start of `bytes`: the whole sequence where a multi-byte UTF-8 character
    /// starts (Ö, … and ¦ after a conversion to UTF-8), else one byte.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        let wide = match bytes {
            [0xC2..=0xDF, ..] => 2,
            [0xE0..=0xEF, ..] => 3,
            [0xF0..=0xF4, ..] => 4,
            _ => 1,
        };
        match bytes.get(..wide) {
            Some(sequence) if wide > 1 && std::str::from_utf8(sequence).is_ok() => {
                let mut out = Self { bytes: [0; 4], length: u8::try_from(wide).unwrap_or(1) };
                out.bytes.iter_mut().zip(sequence).for_each(|(to, &from)| *to = from);
                out
            }
            _ => bytes.first().map_or(Self::NONE, |&b| Self::byte(b)),
        }
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or_default()
    }

    /// Length in bytes, 0 to 4.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.length as usize
    }

    /// True for no delimiter.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The byte, when it is exactly one.
    #[must_use]
    pub const fn single(&self) -> Option<u8> {
        if self.length == 1 { Some(self.bytes[0]) } else { None }
    }

    pub(crate) fn last(&self) -> u8 {
        self.as_bytes().last().copied().unwrap_or(0)
    }

    /// Whether `bytes` start with it. No delimiter starts nothing.
    pub(crate) fn starts(&self, bytes: &[u8]) -> bool {
        !self.is_empty() && bytes.starts_with(self.as_bytes())
    }

    pub(crate) fn is_line_end(&self) -> bool {
        matches!(self.as_bytes(), [b'\r' | b'\n', ..])
    }
}

/// Printable ASCII as itself, line ends as `LF`, `CR`, `CR LF`, anything else as `0xC3 0x96`, nothing as the empty text.
impl fmt::Display for Delimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, &b) in self.as_bytes().iter().enumerate() {
            if i > 0 {
                f.write_str(" ")?;
            }
            match b {
                b'\n' => f.write_str("LF")?,
                b'\r' => f.write_str("CR")?,
                0x20..=0x7E => write!(f, "{}", char::from(b))?,
                _ => write!(f, "0x{b:02X}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Delimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{self}'")
    }
}

/// The delimiters of one interchange. They are found anew at every ISA, UNA, UNB and STX.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Delimiters {
    /// Between elements.
    pub element: Delimiter,
    /// Between components (ISA16, UNA 1).
    pub component: Delimiter,
    /// Behind each segment.
    pub terminator: Delimiter,
    /// Between repetitions (ISA11 from 00402, UNA 5 in syntax 4).
    pub repetition: Delimiter,
    /// Makes the next byte data (UNA 4).
    pub release: Delimiter,
    /// Decimal mark (UNA 3), of no use to routing.
    pub decimal: Delimiter,
    /// Between tag and data (TRADACOMS `=`).
    pub tag: Delimiter,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delimiter_is_one_byte_or_one_utf8_sequence() {
        let shown = |bytes: &[u8]| Delimiter::read(bytes).to_string();
        assert_eq!(shown(b"~GS"), "~");
        assert_eq!(shown(b"\nGS"), "LF");
        assert_eq!(shown("ÖGS".as_bytes()), "0xC3 0x96");
        assert_eq!(shown("…GS".as_bytes()), "0xE2 0x80 0xA6");
        assert_eq!(shown(b"\x85GS"), "0x85");
        assert_eq!(shown(b"\xC3("), "0xC3");
        assert_eq!(shown(b""), "");
        assert_eq!(Delimiter::CRLF.to_string(), "CR LF");
    }
}
