//! What the scan asks of a standard, and what it tells in return.

use super::Scan;
use crate::delimiter::Delimiter;
use crate::sink::Sink;
use crate::standard::Standard;

/// What a step came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    /// So many bytes are done with; the rest of the view is needed again, with more behind it.
    More(usize),
    /// So many bytes are done with and the interchange is over.
    Closed(usize),
    /// A binary length was wrong: give the bytes again from this offset.
    Rewind(u64),
}

/// What a body wants after a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    Segment,
    /// The trailer was read.
    Trailer,
    /// The trailer ended this many bytes into the segment; a header follows without a terminator between.
    TrailerCut(usize),
    /// Pass over `length` bytes from `data` bytes into the segment; then `until` must stand.
    Jump {
        data: usize,
        length: u64,
    },
}

/// How an interchange came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Closing {
    /// Its trailer was read; `terminated` tells whether the terminator stood behind it.
    Trailer { terminated: bool },
    /// The header of another interchange follows.
    Header(Standard),
    /// The data ended.
    EndOfData,
}

/// The standard's part of the work.
pub(crate) trait Body {
    fn scan(&mut self) -> &mut Scan;
    /// Takes one segment: its first [`HEAD`] bytes without terminator. `whole` is false when it is longer.
    fn segment<S: Sink>(&mut self, bytes: &[u8], at: u64, whole: bool, sink: &mut S) -> Next;
    /// The first bytes of segments that could matter, and of everything that is no segment.
    const FIRST: &'static [bool; 256];
    /// Whether the segment at the start of `rest`, whose first byte is one of [`Body::FIRST`], could matter to [`Body::segment`], hold binary data, or be a header. A quick no
    /// is all that most segments get.
    fn may_matter(rest: &[u8]) -> bool;
    /// Whether a segment with binary data starts here, to be read before its terminator is looked for (BIN, BDS).
    fn may_be_binary(&self, rest: &[u8]) -> bool {
        let _ = rest;
        false
    }
    /// Reads such a segment's length; `rest` holds [`BINARY_HEAD`] bytes unless the data ends before.
    fn binary(&mut self, rest: &[u8], at: u64) -> Next {
        let _ = (rest, at);
        Next::Segment
    }
    /// What must stand behind binary data.
    fn after_binary(&self) -> AfterBinary;
    /// Tells the end. `end` is one past the last byte that belongs to the interchange.
    fn close<S: Sink>(&mut self, how: Closing, end: u64, end_nl: u64, sink: &mut S);
}

/// The table for [`Body::FIRST`]: `bytes`, and those that are padding or control characters.
pub(crate) const fn first_bytes(bytes: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut at = 0;
    while at <= b' ' as usize {
        table[at] = true;
        at += 1;
    }
    let mut at = 0;
    while at < bytes.len() {
        table[bytes[at] as usize] = true;
        at += 1;
    }
    table
}

/// Bytes in which the length of a binary segment must stand.
pub(crate) const BINARY_HEAD: usize = 128;

/// What must stand behind binary data.
pub(crate) enum AfterBinary {
    /// The segment terminator, which belongs to the binary segment (X12 BIN, BDS).
    Terminator(Delimiter),
    /// The tag and separator of the next segment, a line end allowed before it (EDIFACT UNP).
    Tag([u8; 4]),
}
