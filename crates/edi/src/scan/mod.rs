//! Finding segments: the one place where terminators, release characters, line ends and long segments are handled.
//!
//! [`drive`] walks the segments of one interchange over whatever bytes there are and hands each to a [`Body`]. Nothing it decides
//! depends on where a chunk ends: when the bytes at hand do not settle a question it asks for more, and what it asks for is bounded.

mod body;
mod drive;
mod gap;
mod race;

use memchr::{memchr, memchr2, memchr3};

use crate::delimiter::Delimiter;
use crate::interchange::LineEnds;

pub(crate) use body::{AfterBinary, BINARY_HEAD, Body, Closing, Flow, Next, first_bytes};
pub(crate) use drive::drive;
pub(crate) use gap::{Tail, is_padding};

use gap::Gap;

/// Bytes of a segment that are ever looked at. Longer segments are data, and are passed over without being kept.
pub(crate) const HEAD: usize = 2048;

/// Bytes a header test may look at.
pub(crate) const LOOK: usize = 1024;

/// A jump over binary data under way.
#[derive(Debug, Clone, Copy)]
struct Jump {
    from: u64,
    left: u64,
}

/// What the wrong lengths of a parcel have taught so far: it goes from one interchange to the next.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Trust {
    /// No jump may go beyond this offset: the parcel is known to end here.
    end: Option<u64>,
    /// Bytes that were passed over for nothing.
    wasted: u64,
}

/// The state of the scan within one interchange.
#[derive(Debug)]
pub(crate) struct Scan {
    terminator: Delimiter,
    last: u8,
    release: Option<u8>,
    /// A line end within a segment was seen (row 13); until then it is looked for.
    pub wrapped: bool,
    watch: bool,
    /// No line end stands before this offset.
    quiet: u64,
    /// Line ends are frequent up to this offset.
    loud: u64,
    /// Where the first line end within a segment was seen.
    pub wrapped_at: Option<u64>,
    /// First bytes of a long segment that is being passed over.
    head: Vec<u8>,
    skipping: bool,
    skip_from: u64,
    skip_line_end: bool,
    tail: Tail,
    jump: Option<Jump>,
    /// Lengths found wrong at these offsets' segments: read them as ordinary segments.
    distrust: Option<u64>,
    wrong_lengths: u32,
    pub trust: Trust,
    gap: Gap,
    /// The trailer was read: only the line end behind it is still to be seen.
    closing: Option<bool>,
    /// The segment that starts now was begun before, ahead of a rewind.
    again: bool,
    pub line_ends: LineEnds,
    ends_lines: bool,
    /// Segments so far.
    pub segments: u64,
    /// One past the terminator of the last segment.
    pub last_end: u64,
}

/// Wrong binary lengths believed per interchange before lengths are no longer looked at.
const WRONG_LENGTHS: u32 = 16;

/// Bytes passed over for wrong lengths in a parcel before lengths are no longer looked at: bounds the reading done twice.
const WASTED: u64 = 64 << 20;

/// What going back costs at least, in bytes.
const REWIND: u64 = 4096;

impl Scan {
    pub fn new(terminator: Delimiter, release: Delimiter, at: u64) -> Self {
        let ends_lines = !terminator.is_line_end();
        Self {
            terminator,
            last: terminator.last(),
            release: release.single(),
            wrapped: false,
            watch: ends_lines && release.single() != Some(b'\n'),
            wrapped_at: None,
            quiet: 0,
            loud: 0,
            head: Vec::new(),
            skipping: false,
            skip_from: at,
            skip_line_end: false,
            tail: Tail::new(at),
            jump: None,
            distrust: None,
            wrong_lengths: 0,
            trust: Trust::default(),
            gap: Gap::default(),
            closing: None,
            again: false,
            line_ends: LineEnds::default(),
            ends_lines,
            segments: 0,
            last_end: at,
        }
    }

    /// Finds the terminator at or behind `from`: the end of the segment's content and one past the terminator.
    #[inline]
    fn find(&mut self, view: &[u8], from: usize, at: u64) -> Option<(usize, usize)> {
        let (content, next, line_end) = match (self.release, self.watch) {
            (None, false) => self.find_plain(view, from)?,
            (None, true) => self.find_watching(view, from)?,
            (Some(release), watch) => self.find_released(view, from, release, watch)?,
        };
        if line_end && !self.wrapped {
            self.wrapped_at = Some(at + from as u64);
        }
        if line_end {
            self.wrapped = true;
            self.watch = false;
        }
        Some((content, next))
    }

    #[inline]
    fn find_plain(&self, view: &[u8], from: usize) -> Option<(usize, usize, bool)> {
        let mut start = from;
        loop {
            let hit = start + memchr(self.last, view.get(start..)?)?;
            if let Some(content) = self.ends_at(view, from, hit) {
                return Some((content, hit + 1, false));
            }
            start = hit + 1;
        }
    }

    #[inline]
    fn find_watching(&self, view: &[u8], from: usize) -> Option<(usize, usize, bool)> {
        let mut start = from;
        let mut line_end = false;
        loop {
            let hit = start + memchr2(self.last, b'\n', view.get(start..)?)?;
            if view.get(hit) == Some(&self.last) {
                if let Some(content) = self.ends_at(view, from, hit) {
                    return Some((content, hit + 1, line_end));
                }
            } else {
                line_end = true;
            }
            start = hit + 1;
        }
    }

    #[inline]
    fn find_released(&self, view: &[u8], from: usize, release: u8, watch: bool) -> Option<(usize, usize, bool)> {
        let mut start = from;
        let mut line_end = false;
        loop {
            let rest = view.get(start..)?;
            let hit = start
                + if watch { memchr3(self.last, release, b'\n', rest) } else { memchr2(self.last, release, rest) }?;
            let byte = *view.get(hit)?;
            if byte == self.last
                && let Some(content) = self.ends_at(view, from, hit)
            {
                return Some((content, hit + 1, line_end));
            }
            line_end |= watch && byte == b'\n';
            start = hit + if byte == release { 2 } else { 1 };
        }
    }

    /// Whether the terminator ends at `hit`; if so, where the content before it ends.
    #[inline]
    fn ends_at(&self, view: &[u8], from: usize, hit: usize) -> Option<usize> {
        if self.terminator.len() == 1 {
            return Some(hit);
        }
        if self.terminator == Delimiter::CRLF {
            // A lone LF in CRLF data ends the segment too: cutting there loses nothing, waiting for CR could lose the trailer.
            return Some(if view.get(from..hit)?.ends_with(b"\r") { hit - 1 } else { hit });
        }
        let start = (hit + 1).checked_sub(self.terminator.len())?;
        (start >= from && view.get(start..=hit)? == self.terminator.as_bytes()).then_some(start)
    }

    /// Passes over what stands between segments; returns where the next one starts.
    #[inline]
    fn skip_gap(&mut self, view: &[u8], from: usize) -> usize {
        let mut pos = from;
        while let Some(&byte) = view.get(pos) {
            if byte > b' ' || !self.gap.take(byte) {
                break;
            }
            pos += 1;
        }
        pos
    }

    /// A segment starts: files away what stood before it.
    #[inline]
    fn start_segment(&mut self) {
        self.file_gap();
        self.segments += 1;
    }

    #[inline]
    fn file_gap(&mut self) {
        let gap = std::mem::take(&mut self.gap);
        if self.ends_lines && !self.again {
            self.line_ends.saw(gap.kind());
        }
        self.again = false;
    }

    /// `last_end`, or one past the line end that follows it directly, as far as seen.
    fn last_end_nl(&self) -> u64 {
        self.last_end + self.gap.line_end()
    }

    /// Line ends within segments are known of already.
    pub fn set_wrapped(&mut self) {
        (self.wrapped, self.watch) = (true, false);
    }

    /// Counts the header, which its own reader has taken.
    pub fn header_taken(&mut self, end: u64) {
        self.segments = 1;
        self.last_end = end;
    }

    /// Whether the length in the binary segment at `at` is to be believed.
    pub fn trusts(&self, at: u64, end: Option<u64>) -> bool {
        let within = match (end, self.trust.end) {
            (None, _) => false,
            (Some(end), Some(last)) => end <= last,
            (Some(_), None) => true,
        };
        let wrong = self.wrong_lengths >= WRONG_LENGTHS || self.trust.wasted >= WASTED;
        within && !wrong && self.distrust != Some(at)
    }

    /// Whether a line end stands in these bytes of a segment and is still of interest.
    fn has_line_end(&self, bytes: &[u8]) -> bool {
        if !self.watch {
            return false;
        }
        let Some(release) = self.release else { return memchr(b'\n', bytes).is_some() };
        let mut from = 0;
        while let Some(hit) = bytes.get(from..).and_then(|rest| memchr2(release, b'\n', rest)) {
            if bytes.get(from + hit) == Some(&b'\n') {
                return true;
            }
            from += hit + 2;
        }
        false
    }

    /// Bytes at the end that the next look needs again: the start of a long terminator, or a release character that
    /// awaits its byte. A byte that is kept is looked at as if nothing stood before it.
    fn kept_back(&self, rest: &[u8]) -> usize {
        let wide = match self.terminator {
            Delimiter::CRLF => usize::from(rest.ends_with(b"\r")),
            terminator => terminator.len().saturating_sub(1).min(rest.len()),
        };
        let Some(release) = self.release else { return wide };
        wide.max(rest.iter().rev().take_while(|&&b| b == release).count() % 2)
    }

    /// The length in the segment at `from` led to `here`, where no segment ends.
    fn reject_length(&mut self, from: u64, here: u64) -> Flow {
        self.trust.wasted += (here - from).max(REWIND);
        self.jump = None;
        self.again = true;
        self.gap = Gap::default();
        self.distrust = Some(from);
        self.wrong_lengths += 1;
        self.segments -= 1;
        Flow::Rewind(from)
    }
}
