//! Looking for the next header in bytes that belong to no interchange.

use crate::detect;
use crate::scan::HEAD;
use crate::standard::Standard;
use crate::vda;

/// How many bytes hold no header, and the standard of the header behind them, if one was seen.
pub(crate) fn next_header(view: &[u8], last: bool, vda: bool) -> (usize, Option<Standard>) {
    let mut from = 0;
    loop {
        let candidate = detect::next_candidate(view, from);
        if vda && let Some(at) = next_record(view, from, candidate.unwrap_or(view.len()), last) {
            return at;
        }
        let Some(at) = candidate else {
            // The first bytes of a tag may stand at the very end.
            return (if last { view.len() } else { view.len().saturating_sub(3).max(from.min(view.len())) }, None);
        };
        let rest = view.get(at..).unwrap_or_default();
        if rest.len() < HEAD && !last {
            return (at, None);
        }
        if let Some(standard) = detect::header(rest) {
            return (at, Some(standard));
        }
        from = at + 1;
    }
}

/// A VDA header at the start of a line, behind a VDA transmission.
fn next_record(view: &[u8], from: usize, to: usize, last: bool) -> Option<(usize, Option<Standard>)> {
    let lines = view.get(from..to)?;
    for line_end in memchr::memchr_iter(b'\n', lines) {
        let at = from + line_end + 1;
        let rest = view.get(at..).unwrap_or_default();
        if rest.len() < HEAD && !last {
            return Some((at - 1, None));
        }
        if vda::is_header(rest) {
            return Some((at, Some(Standard::Vda)));
        }
    }
    None
}
