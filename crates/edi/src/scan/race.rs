//! The hot path: passing over the segments that matter to nobody.

use memchr::{memchr, memchr2, memchr3};

use super::gap::Gap;
use super::{Body, Scan};
use crate::interchange::LineEnds;

/// How far ahead a stretch without line ends is looked for.
const QUIET: usize = 4096;

impl Scan {
    /// Passes over segments that do not matter, as long as nothing about them is out of the ordinary; returns where it stopped.
    ///
    /// This is the hot path: one search per segment. It may stop anywhere a segment starts; [`drive`] then takes that segment in full.
    pub(super) fn race<B: Body>(&mut self, view: &[u8], from: usize, at: u64) -> usize {
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
        let line_end = memchr(b'\n', ahead);
        if line_end.is_some_and(|near| near < QUIET / 2) {
            self.loud = here + QUIET as u64;
            return false;
        }
        self.quiet = here + line_end.unwrap_or(ahead.len()) as u64;
        true
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delimiter::Delimiter;
    use crate::edifact::Edifact;
    use crate::x12::X12;

    fn lap() -> Lap {
        Lap { pos: 0, segments: 0, line_ends: 0, gap: Gap::default() }
    }

    #[test]
    fn a_run_passes_over_all_segments_that_do_not_matter() {
        let mut plain = lap();
        plain.quiet::<X12>(b"BEG*00~PO1*1~SE*3*1~", b'~');
        assert_eq!((plain.pos, plain.segments, plain.line_ends), (13, 2, LineEnds::NONE));
        let mut released = lap();
        released.quiet_released::<Edifact>(b"BGM+220'FTX+it?'s'UNT+3+1'", b'\'', b'?');
        assert_eq!((released.pos, released.segments, released.line_ends), (18, 2, LineEnds::NONE));
        let mut lines = lap();
        lines.loud::<Edifact>(b"BGM+220'\nFTX+it?'s'\r\nUNT+3+1'", b'\'', Some(b'?'));
        assert_eq!((lines.pos, lines.segments, lines.line_ends), (21, 2, LineEnds::LF));
    }

    #[test]
    fn a_run_ends_before_an_empty_segment() {
        let mut plain = lap();
        plain.quiet::<X12>(b"BEG*00~~PO1*1~", b'~');
        assert_eq!((plain.pos, plain.segments), (7, 1));
        let mut released = lap();
        released.quiet_released::<Edifact>(b"BGM+220''FTX+1'", b'\'', b'?');
        assert_eq!((released.pos, released.segments), (8, 1));
    }

    #[test]
    fn a_race_goes_on_where_a_stretch_without_line_ends_has_ended() {
        let view = b"BGM+220'".repeat(3 * QUIET / 8);
        let mut scan = Scan::new(Delimiter::byte(b'\''), Delimiter::byte(b'?'), 0);
        assert_eq!(scan.race::<Edifact>(&view, 0, 0), view.len());
        assert_eq!(scan.segments, 3 * QUIET as u64 / 8);
    }

    #[test]
    fn line_ends_are_looked_for_again_where_they_were_frequent() {
        let mut scan = Scan::new(Delimiter::byte(b'~'), Delimiter::NONE, 0);
        assert!(!scan.is_quiet(b"BEG*00~\nPO1*1~", 0));
        assert!(!scan.is_quiet(b"BEG*00~", QUIET as u64 - 1));
        assert!(scan.is_quiet(b"BEG*00~", QUIET as u64));
        assert_eq!(scan.quiet, QUIET as u64 + 7);
        let mut half = Scan::new(Delimiter::byte(b'~'), Delimiter::NONE, 0);
        assert!(half.is_quiet(&[&[b'x'; QUIET / 2][..], b"\n"].concat(), 0));
        assert_eq!(half.quiet, QUIET as u64 / 2);
    }
}
