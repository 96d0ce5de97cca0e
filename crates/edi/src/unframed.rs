//! An interchange or fragment that cannot be framed: it lasts until a header follows or the data ends.

use crate::interchange::Interchange;
use crate::junk::next_header;
use crate::scan::{Flow, Tail};

#[derive(Debug)]
pub(crate) struct Unframed {
    pub interchange: Interchange,
    pub tail: Tail,
    /// Whether a header ends it; in other codes than ASCII none can be seen.
    pub until_header: bool,
    /// So many bytes at its start are its own and are not taken for a header.
    pub own: usize,
}

impl Unframed {
    pub fn step(&mut self, view: &[u8], last: bool) -> Flow {
        let skip = std::mem::take(&mut self.own).min(view.len());
        let (free, header) = if self.until_header {
            let (n, found) = next_header(view.get(skip..).unwrap_or_default(), last, false);
            (skip + n, found)
        } else {
            (view.len(), None)
        };
        self.tail.feed(view.get(..free).unwrap_or_default());
        if header.is_none() && !last {
            return Flow::More(free);
        }
        (self.interchange.end, self.interchange.end_nl) = (self.tail.end, self.tail.end_nl());
        Flow::Closed(free)
    }
}
