//! Finding segments: the one place where terminators, release characters, line ends and long segments are handled.
//!
//! [`drive`] walks the segments of one interchange over whatever bytes there are and hands each to a [`Body`]. Nothing it decides
//! depends on where a chunk ends: when the bytes at hand do not settle a question it asks for more, and what it asks for is bounded.

use memchr::{memchr, memchr2, memchr3};

use crate::delimiter::Delimiter;
use crate::detect;
use crate::interchange::LineEnds;
use crate::sink::Sink;
use crate::standard::Standard;

/// Bytes of a segment that are ever looked at. Longer segments are data, and are passed over without being kept.
pub(crate) const HEAD: usize = 2048;

/// How far ahead a stretch without line ends is looked for.
const QUIET: usize = 4096;

/// Bytes a header test may look at.
pub(crate) const LOOK: usize = 1024;

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

/// A jump over binary data under way.
#[derive(Debug, Clone, Copy)]
struct Jump {
    from: u64,
    left: u64,
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
    /// No jump may go beyond this offset: the parcel is known to end here.
    limit: Option<u64>,
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

/// Wrong binary lengths believed per interchange before lengths are no longer looked at: bounds the reading done twice.
const WRONG_LENGTHS: u32 = 16;

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
            limit: None,
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
            if byte == self.last {
                if let Some(content) = self.ends_at(view, from, hit) {
                    return Some((content, hit + 1, line_end));
                }
                start = hit + 1;
            } else if byte == release {
                start = hit + 2;
            } else {
                line_end = true;
                start = hit + 1;
            }
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
            return Some(if hit > from && view.get(hit - 1) == Some(&b'\r') { hit - 1 } else { hit });
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

    /// Passes over segments that do not matter, as long as nothing about them is out of the ordinary; returns where it stopped.
    ///
    /// This is the hot path: one search per segment. It may stop anywhere a segment starts; [`drive`] then takes that segment in full.
    fn race<B: Body>(&mut self, view: &[u8], from: usize, at: u64) -> usize {
        let mut pos = from;
        while !self.wrapped && self.terminator.len() == 1 {
            let rest = view.get(pos..).unwrap_or_default();
            if stops::<B>(rest) {
                break;
            }
            let quiet = !self.watch || self.is_quiet(rest, at + pos as u64);
            let stretch = if self.watch && quiet { usize::try_from(self.quiet - at).unwrap_or(0) } else { view.len() };
            let stretch = view.get(..stretch).unwrap_or(view);
            let mut lap = Lap { pos, segments: 0, line_ends: self.gap.kind(), gap: Gap::default() };
            match (quiet, self.release) {
                (true, None) => lap.quiet::<B>(stretch, self.last),
                (true, Some(release)) => lap.quiet_released::<B>(stretch, self.last, release),
                (false, release) => lap.loud::<B>(stretch, self.last, release),
            }
            if lap.segments == 0 {
                break;
            }
            pos = lap.pos;
            self.last_end = at + pos as u64 - u64::from(lap.gap.length);
            self.segments += lap.segments;
            self.gap = lap.gap;
            if self.ends_lines {
                self.line_ends.saw(lap.line_ends);
            }
        }
        pos
    }

    /// Whether no line end stands in a good stretch from `here` on. A stretch is looked at once.
    #[inline]
    fn is_quiet(&mut self, rest: &[u8], here: u64) -> bool {
        if here < self.quiet {
            return true;
        }
        if here < self.loud {
            return false;
        }
        let ahead = rest.get(..QUIET).unwrap_or(rest);
        match memchr(b'\n', ahead) {
            Some(near) if near < QUIET / 2 => self.loud = here + QUIET as u64,
            Some(far) => self.quiet = here + far as u64,
            None => self.quiet = here + ahead.len() as u64,
        }
        here < self.quiet
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
        let within = match (end, self.limit) {
            (None, _) => false,
            (Some(end), Some(limit)) => end <= limit,
            (Some(_), None) => true,
        };
        within && self.distrust != Some(at) && self.wrong_lengths < WRONG_LENGTHS
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
    /// awaits its byte.
    fn kept_back(&self, rest: &[u8]) -> usize {
        let wide = self.terminator.len().saturating_sub(1).min(rest.len());
        let Some(release) = self.release else { return wide };
        wide.max(rest.iter().rev().take_while(|&&b| b == release).count() % 2)
    }

    fn reject_length(&mut self, from: u64) -> Flow {
        self.jump = None;
        self.again = true;
        self.gap = Gap::default();
        self.distrust = Some(from);
        self.wrong_lengths += 1;
        self.segments -= 1;
        Flow::Rewind(from)
    }
}

/// A run over segments that do not matter.
struct Lap {
    pos: usize,
    segments: u64,
    /// What stood before each of them.
    line_ends: u8,
    /// What stands behind the last.
    gap: Gap,
}

/// Whether a run ends here: at the end, at padding, or at a segment that could matter.
#[inline]
fn stops<B: Body>(rest: &[u8]) -> bool {
    match rest.first() {
        Some(&first) => B::FIRST[usize::from(first)] && (first <= b' ' || B::may_matter(rest)),
        None => true,
    }
}

impl Lap {
    /// Over a stretch without line ends.
    #[inline]
    fn quiet<B: Body>(&mut self, stretch: &[u8], last: u8) {
        while let Some(rest) = stretch.get(self.pos..)
            && !stops::<B>(rest)
            && let Some(length) = memchr(last, rest)
            && length > 0
        {
            self.segments += 1;
            self.pos += length + 1;
        }
        self.line_ends |= if self.segments > 1 { LineEnds::NONE } else { 0 };
    }

    /// Over a stretch without line ends, where a release character may stand.
    #[inline]
    fn quiet_released<B: Body>(&mut self, stretch: &[u8], last: u8, release: u8) {
        while let Some(rest) = stretch.get(self.pos..)
            && !stops::<B>(rest)
        {
            let mut length = 0;
            while let Some(hit) = rest.get(length..).and_then(|ahead| memchr2(last, release, ahead)) {
                length += hit;
                if rest.get(length) == Some(&last) {
                    break;
                }
                length += 2;
            }
            if length == 0 || rest.get(length) != Some(&last) {
                break;
            }
            self.segments += 1;
            self.pos += length + 1;
        }
        self.line_ends |= if self.segments > 1 { LineEnds::NONE } else { 0 };
    }

    /// Where line ends are frequent: one within a segment stops the run, one behind it is taken along.
    #[inline]
    fn loud<B: Body>(&mut self, view: &[u8], last: u8, release: Option<u8>) {
        while let Some(rest) = view.get(self.pos..)
            && !stops::<B>(rest)
        {
            let mut length = 0;
            while let Some(ahead) = rest.get(length..)
                && let Some(hit) = match release {
                    None => memchr2(last, b'\n', ahead),
                    Some(release) => memchr3(last, release, b'\n', ahead),
                }
            {
                length += hit;
                if rest.get(length).copied() != release || release == Some(last) {
                    break;
                }
                length += 2;
            }
            if length == 0 || rest.get(length) != Some(&last) {
                break;
            }
            if self.segments > 0 {
                self.line_ends |= self.gap.kind();
            }
            self.segments += 1;
            self.pos += length + 1;
            self.gap = match rest.get(length + 1..) {
                Some([b'\n', next, ..]) if *next > b' ' => Gap::LF,
                Some([b'\r', b'\n', next, ..]) if *next > b' ' => Gap::CRLF,
                _ => Gap::default(),
            };
            self.pos += usize::from(self.gap.length);
        }
    }
}

/// What stands between two segments.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Gap {
    first: u8,
    second: u8,
    length: u8,
}

impl Gap {
    const LF: Self = Self { first: b'\n', second: 0, length: 1 };
    const CRLF: Self = Self { first: b'\r', second: b'\n', length: 2 };

    /// Takes a byte of padding; false when the byte starts a segment.
    #[inline]
    fn take(&mut self, byte: u8) -> bool {
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

    fn kind(self) -> u8 {
        match (self.length, self.first, self.second) {
            (0, ..) => LineEnds::NONE,
            (1, b'\n', _) => LineEnds::LF,
            (1, b'\r', _) => LineEnds::CR,
            (2, b'\r', b'\n') => LineEnds::CRLF,
            _ => LineEnds::MIXED,
        }
    }

    fn line_end(self) -> u64 {
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

/// Walks the segments in `view`, which starts at offset `at`. With `last` nothing follows it.
pub(crate) fn drive<B: Body, S: Sink>(body: &mut B, view: &[u8], at: u64, last: bool, sink: &mut S) -> Flow {
    let mut pos = 0;
    if body.scan().jump.is_some() {
        match land(body, view, 0, at, last) {
            Step::Go(next) => pos = next,
            Step::Stop(flow) => return flow,
        }
    }
    if body.scan().closing.is_some() {
        return trailer(body, view, pos, at, last, sink);
    }
    loop {
        if body.scan().skipping {
            match pass_over(body, view, pos, at, last, sink) {
                Step::Go(next) => pos = next,
                Step::Stop(flow) => return flow,
            }
        }
        pos = body.scan().skip_gap(view, pos);
        pos = body.scan().race::<B>(view, pos, at);
        pos = body.scan().skip_gap(view, pos);
        let rest = view.get(pos..).unwrap_or_default();
        let here = at + pos as u64;
        if detect::may_be_header(rest) || body.may_be_binary(rest) {
            match special(body, view, pos, at, last, sink) {
                Step::Go(next) if next == pos => {}
                Step::Go(next) => {
                    pos = next;
                    continue;
                }
                Step::Stop(flow) => return flow,
            }
        }
        let Some((content, next)) = body.scan().find(view, pos, at) else {
            if rest.len() < HEAD + 8 {
                return if last { end_of_data(body, view, pos, at, sink) } else { Flow::More(pos) };
            }
            start_passing_over(body.scan(), rest, here);
            continue;
        };
        let scan = body.scan();
        scan.last_end = at + next as u64;
        if content == pos {
            // Two terminators with nothing between: no segment, but what stood before it is no longer behind the last one.
            scan.gap = Gap::default();
            pos = next;
            continue;
        }
        scan.start_segment();
        let segment = view.get(pos..content).unwrap_or_default();
        let head = segment.get(..HEAD).unwrap_or(segment);
        match body.segment(head, here, segment.len() <= HEAD, sink) {
            Next::Segment => pos = next,
            Next::Trailer => {
                body.scan().closing = Some(true);
                return trailer(body, view, next, at, last, sink);
            }
            Next::TrailerCut(length) => {
                body.scan().closing = Some(false);
                body.scan().last_end = here + length as u64;
                return trailer(body, view, pos + length, at, last, sink);
            }
            Next::Jump { data, length } => match jump(body, view, pos, data, length, at, last) {
                Step::Go(next) => pos = next,
                Step::Stop(flow) => return flow,
            },
        }
    }
}

enum Step {
    /// Go on at this place in the view.
    Go(usize),
    Stop(Flow),
}

/// A segment that may be another interchange's header, or hold binary data. `Go(pos)` when it is neither.
fn special<B: Body, S: Sink>(body: &mut B, view: &[u8], pos: usize, at: u64, last: bool, sink: &mut S) -> Step {
    let rest = view.get(pos..).unwrap_or_default();
    if rest.len() < LOOK && !last {
        return Step::Stop(Flow::More(pos));
    }
    if let Some(standard) = detect::header(rest) {
        let (end, end_nl) = (body.scan().last_end, body.scan().last_end_nl());
        body.scan().file_gap();
        body.close(Closing::Header(standard), end, end_nl, sink);
        return Step::Stop(Flow::Closed(pos));
    }
    if !body.may_be_binary(rest) {
        return Step::Go(pos);
    }
    match body.binary(rest.get(..BINARY_HEAD).unwrap_or(rest), at + pos as u64) {
        Next::Jump { data, length } => {
            body.scan().start_segment();
            jump(body, view, pos, data, length, at, last)
        }
        _ => Step::Go(pos),
    }
}

/// Looks for the line end behind the trailer, which is delivered with it.
fn trailer<B: Body, S: Sink>(body: &mut B, view: &[u8], pos: usize, at: u64, last: bool, sink: &mut S) -> Flow {
    let rest = view.get(pos..).unwrap_or_default();
    if rest.len() < 2 && !last {
        return Flow::More(pos);
    }
    let line_end = match rest {
        [b'\r', b'\n', ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        _ => 0,
    };
    let end = at + pos as u64;
    let terminated = body.scan().closing.take().unwrap_or(true);
    body.close(Closing::Trailer { terminated }, end, end + line_end as u64, sink);
    Flow::Closed(pos + line_end)
}

/// Starts to pass over the `length` bytes that begin `data` bytes into the segment at `pos`.
fn jump<B: Body>(body: &mut B, view: &[u8], pos: usize, data: usize, length: u64, at: u64, last: bool) -> Step {
    let from = at + pos as u64;
    body.scan().jump = Some(Jump { from, left: length });
    land(body, view, pos + data, at, last)
}

/// Passes over binary data from `pos` on and looks at what stands behind it.
fn land<B: Body>(body: &mut B, view: &[u8], pos: usize, at: u64, last: bool) -> Step {
    let Some(Jump { from, left }) = body.scan().jump else { return Step::Go(pos) };
    let bytes = view.get(pos..).unwrap_or_default();
    let over = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
    let left = left - over as u64;
    body.scan().jump = Some(Jump { from, left });
    let rest = bytes.get(over..).unwrap_or_default();
    if (left > 0 || rest.len() < 8) && !last {
        return Step::Stop(Flow::More(pos + over));
    }
    if left > 0 {
        body.scan().limit = Some(at + view.len() as u64);
        return Step::Stop(body.scan().reject_length(from));
    }
    let past = match body.after_binary() {
        AfterBinary::Terminator(mark) => mark.starts(rest).then(|| mark.len()),
        AfterBinary::Tag(tag) => {
            let gap = rest.iter().take(2).take_while(|b| matches!(b, b'\r' | b'\n')).count();
            rest.get(gap..).is_some_and(|next| next.starts_with(&tag)).then_some(0)
        }
    };
    let Some(past) = past else { return Step::Stop(body.scan().reject_length(from)) };
    let next = pos + over + past;
    let scan = body.scan();
    scan.jump = None;
    scan.last_end = at + next as u64;
    Step::Go(next)
}

fn start_passing_over(scan: &mut Scan, rest: &[u8], here: u64) {
    scan.start_segment();
    scan.head.clear();
    scan.head.extend_from_slice(rest.get(..HEAD).unwrap_or(rest));
    scan.skipping = true;
    scan.skip_from = here;
    scan.skip_line_end = false;
    scan.tail = Tail::new(here);
}

/// Goes on in a segment longer than [`HEAD`], of which only the head is kept.
fn pass_over<B: Body, S: Sink>(body: &mut B, view: &[u8], pos: usize, at: u64, last: bool, sink: &mut S) -> Step {
    let scan = body.scan();
    let from = scan.skip_from;
    if let Some((_, next)) = scan.find(view, pos, at) {
        scan.skipping = false;
        if scan.skip_line_end && !scan.wrapped {
            scan.wrapped_at = Some(from);
        }
        if scan.skip_line_end || scan.wrapped_at.is_some_and(|wrapped| wrapped > from) {
            (scan.wrapped, scan.watch, scan.wrapped_at) = (true, false, scan.wrapped_at.map(|w| w.min(from)));
        }
        scan.last_end = at + next as u64;
        let head = std::mem::take(&mut scan.head);
        // What it asks for is not done: a trailer, or a header of binary data, longer than HEAD is neither.
        let _ = body.segment(&head, from, false, sink);
        body.scan().head = head;
        return Step::Go(next);
    }
    let rest = view.get(pos..).unwrap_or_default();
    let keep = if last { 0 } else { scan.kept_back(rest) };
    let gone = rest.get(..rest.len() - keep).unwrap_or_default();
    scan.skip_line_end |= scan.has_line_end(gone);
    scan.tail.feed(gone);
    if !last {
        return Step::Stop(Flow::More(pos + gone.len()));
    }
    let (end, end_nl) = (scan.tail.end, scan.tail.end_nl());
    body.close(Closing::EndOfData, end, end_nl, sink);
    Step::Stop(Flow::Closed(view.len()))
}

/// Nothing follows: from `pos` on stands the unterminated last segment, or nothing.
fn end_of_data<B: Body, S: Sink>(body: &mut B, view: &[u8], pos: usize, at: u64, sink: &mut S) -> Flow {
    let rest = view.get(pos..).unwrap_or_default();
    let here = at + pos as u64;
    let mut tail = Tail::new(here);
    tail.feed(rest);
    let content = rest.get(..usize::try_from(tail.end - here).unwrap_or(0)).unwrap_or_default();
    if content.is_empty() {
        let (end, end_nl) = (body.scan().last_end, body.scan().last_end_nl());
        body.scan().file_gap();
        body.close(Closing::EndOfData, end, end_nl, sink);
        return Flow::Closed(view.len());
    }
    let scan = body.scan();
    scan.start_segment();
    if scan.has_line_end(content) && !scan.wrapped {
        scan.wrapped = true;
        scan.wrapped_at = Some(here);
    }
    let how = match body.segment(content, here, true, sink) {
        Next::Trailer => Closing::Trailer { terminated: false },
        Next::TrailerCut(length) => {
            body.scan().closing = Some(false);
            return trailer(body, view, pos + length, at, true, sink);
        }
        _ => Closing::EndOfData,
    };
    body.close(how, tail.end, tail.end_nl(), sink);
    Flow::Closed(view.len())
}
