//! What stands between and behind segments.

use crate::interchange::LineEnds;

/// What stands between two segments.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Gap {
    first: u8,
    second: u8,
    pub length: u8,
}

impl Gap {
    pub const LF: Self = Self { first: b'\n', second: 0, length: 1 };
    pub const CRLF: Self = Self { first: b'\r', second: b'\n', length: 2 };

    /// Takes a byte of padding; false when the byte starts a segment.
    #[inline]
    pub fn take(&mut self, byte: u8) -> bool {
        if !matches!(byte, b'\n' | b'\r' | b' ' | b'\t' | 0) {
            return false;
        }
        match self.length {
            0 => self.first = byte,
            1 => self.second = byte,
            _ => {}
        }
        self.length = self.length.saturating_add(1).min(3);
        true
    }

    pub fn kind(self) -> u8 {
        match (self.length, self.first, self.second) {
            (0, ..) => LineEnds::NONE,
            (1, b'\n', _) => LineEnds::LF,
            (1, b'\r', _) => LineEnds::CR,
            (2, b'\r', b'\n') => LineEnds::CRLF,
            _ => LineEnds::MIXED,
        }
    }

    pub fn line_end(self) -> u64 {
        match (self.length, self.first, self.second) {
            (2.., b'\r', b'\n') => 2,
            (1.., b'\r' | b'\n', _) => 1,
            _ => 0,
        }
    }
}

/// True for the bytes that pad a parcel (rows 4 and 5).
pub(crate) fn is_padding(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0 | 0x1A)
}

/// Follows where the content of a run of bytes ends, for runs that have no terminator.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tail {
    /// One past the last byte that is not padding.
    pub end: u64,
    at: u64,
    line_end: u8,
    settled: bool,
}

impl Tail {
    pub fn new(at: u64) -> Self {
        Self { end: at, at, line_end: 0, settled: false }
    }

    pub fn feed(&mut self, bytes: &[u8]) {
        let padding = match bytes.iter().rposition(|&b| !is_padding(b)) {
            Some(i) => {
                self.end = self.at + i as u64 + 1;
                self.line_end = 0;
                self.settled = false;
                bytes.get(i + 1..).unwrap_or_default()
            }
            None => bytes,
        };
        for &byte in padding.iter().take(2) {
            match (self.settled, self.line_end, byte) {
                (false, 0, b'\n') => (self.line_end, self.settled) = (1, true),
                (false, 0, b'\r') => self.line_end = 1,
                (false, 1, b'\n') => (self.line_end, self.settled) = (2, true),
                _ => self.settled = true,
            }
        }
        self.at += bytes.len() as u64;
    }

    pub fn end_nl(&self) -> u64 {
        self.end + u64::from(self.line_end)
    }
}
