//! Walking the segments of an interchange.

use super::gap::{Gap, Tail};
use super::{AfterBinary, BINARY_HEAD, Body, Closing, Flow, HEAD, Jump, LOOK, Next, Scan};
use crate::detect;
use crate::sink::Sink;

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
        let whole = segment.len() <= HEAD;
        match body.segment(head, here, whole, sink) {
            // As when it is passed over in pieces: see there.
            _ if !whole => pos = next,
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
    let here = at + (pos + over) as u64;
    if left > 0 {
        body.scan().trust.end = Some(here);
        return Step::Stop(body.scan().reject_length(from, here));
    }
    let past = match body.after_binary() {
        AfterBinary::Terminator(mark) => mark.starts(rest).then(|| mark.len()),
        AfterBinary::Tag(tag) => {
            let gap = rest.iter().take(2).take_while(|b| matches!(b, b'\r' | b'\n')).count();
            rest.get(gap..).is_some_and(|next| next.starts_with(&tag)).then_some(0)
        }
    };
    let Some(past) = past else { return Step::Stop(body.scan().reject_length(from, here)) };
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
