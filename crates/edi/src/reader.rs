//! The incremental reader: bytes in, in chunks of any size; events out.

use crate::engine::Engine;
use crate::sink::{Document, Sink, Summary};

/// What the reader keeps at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Findings kept per interchange; more are only counted.
    pub warnings: usize,
}

impl Default for Limits {
    /// 100 findings per interchange.
    fn default() -> Self {
        Self { warnings: 100 }
    }
}

/// What to do after a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "after Rewind the reader waits for the bytes from that offset on"]
pub enum Step {
    /// Push the next chunk.
    More,
    /// The length in a binary segment was wrong (row 34): push the parcel again from this offset on.
    Rewind(u64),
}

/// How reading came to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "after Rewind the reader waits for the bytes from that offset on"]
pub enum Finish {
    /// All was told.
    Done(Summary),
    /// The length in a binary segment reaches beyond the end (row 34): push the parcel again from this offset on, then finish.
    Rewind(u64),
}

/// Finds the interchanges in a stream of bytes.
///
/// What it tells is the same for any division into chunks. It keeps headers and the start of a segment, never the data: at most
/// about 22 KiB of input, and one interchange's findings.
///
/// ```
/// use edi::{Document, Finish, Limits, Reader, Step};
///
/// let mut reader = Reader::new(Limits::default());
/// let mut found = Document::default();
/// for chunk in [&b"UNB+UNOA:1+A+B+2601"[..], b"01:1200+1'UNZ+0+1'"] {
///     assert_eq!(reader.push(chunk, &mut found), Step::More);
/// }
/// assert!(matches!(reader.finish(&mut found), Finish::Done(_)));
/// assert_eq!(found.interchanges[0].control_number, "1");
/// assert_eq!((found.interchanges[0].start, found.interchanges[0].end), (0, 37));
/// ```
#[derive(Debug)]
pub struct Reader {
    engine: Engine,
    carry: Vec<u8>,
}

/// Bytes added to what was kept before looking again.
const TOP_UP: usize = 4096;

impl Reader {
    /// A reader at the start of a parcel.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { engine: Engine::new(limits), carry: Vec::new() }
    }

    /// Takes the next bytes.
    pub fn push<S: Sink>(&mut self, chunk: &[u8], sink: &mut S) -> Step {
        let mut rest = chunk;
        while !self.carry.is_empty() && !rest.is_empty() {
            let kept = self.carry.len();
            let (more, behind) = rest.split_at(rest.len().min(TOP_UP));
            self.carry.extend_from_slice(more);
            let used = match self.engine.run(&self.carry, false, sink) {
                Ok(used) => used,
                Err(offset) => return self.rewind(offset),
            };
            if used >= kept {
                rest = rest.get(used - kept..).unwrap_or_default();
                self.carry.clear();
            } else {
                self.carry.drain(..used);
                rest = behind;
            }
        }
        if rest.is_empty() {
            return Step::More;
        }
        match self.engine.run(rest, false, sink) {
            Ok(used) => {
                self.carry.extend_from_slice(rest.get(used..).unwrap_or_default());
                Step::More
            }
            Err(offset) => self.rewind(offset),
        }
    }

    fn rewind(&mut self, offset: u64) -> Step {
        self.carry.clear();
        Step::Rewind(offset)
    }

    /// Says that the parcel ends here. After [`Finish::Done`] the reader is spent.
    pub fn finish<S: Sink>(&mut self, sink: &mut S) -> Finish {
        let carry = std::mem::take(&mut self.carry);
        match self.engine.run(&carry, true, sink) {
            Ok(_) => Finish::Done(self.engine.summary()),
            Err(offset) => Finish::Rewind(offset),
        }
    }

    /// Bytes of input kept at the moment.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.carry.len()
    }
}

/// Reads a parcel that lies in memory; the events are those of [`Reader`].
pub fn read<S: Sink>(bytes: &[u8], sink: &mut S) -> Summary {
    read_with(bytes, Limits::default(), sink)
}

/// As [`read`], with limits.
pub fn read_with<S: Sink>(bytes: &[u8], limits: Limits, sink: &mut S) -> Summary {
    let mut engine = Engine::new(limits);
    let mut from = 0;
    while let Err(offset) = engine.run(bytes.get(from..).unwrap_or_default(), true, sink) {
        from = usize::try_from(offset).unwrap_or(bytes.len());
    }
    engine.summary()
}

/// Reads a parcel that lies in memory and collects its interchanges and filler.
///
/// ```
/// let found = edi::interchanges(b"hello\nUNB+UNOA:1+A+B+260101:1200+1'UNZ+0+1'\n");
/// assert_eq!(found.filler[0].finding.as_ref().map(|f| f.code), Some(edi::Code::W102));
/// assert_eq!(found.interchanges[0].receiver.id, "B");
/// ```
#[must_use]
pub fn interchanges(bytes: &[u8]) -> Document {
    let mut document = Document::default();
    document.summary = read(bytes, &mut document);
    document
}
