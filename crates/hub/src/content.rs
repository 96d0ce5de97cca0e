//! Content of parcels: read once on its way in, durable before anything refers to it (ruling 13).

use crate::{
    Error, Hub, Result,
    envelopes::{Envelope, Envelopes, read_envelopes},
    off_the_runtime,
    routing::AT_ONCE,
};
use bytes::Bytes;
use edi::{Finish, Limits, Reader, Step, Summary};
use std::{
    collections::VecDeque,
    fmt,
    io::{Cursor, Read, Seek, SeekFrom},
};
use store::{
    Files,
    blobs::{Blob, Place},
    files::{Name, ROW_LIMIT, Writer},
    parcels::Range,
};

/// Content that was read and is ready to be referred to.
#[derive(Debug)]
pub struct Accepted {
    /// Where it lies, or will lie.
    pub blob: Blob,
    /// The envelopes in it; of more than [`AT_ONCE`], one more than those.
    pub envelopes: Vec<Envelope>,
}

/// Content on its way in: read for its envelopes as it comes, and kept. However long it is, little of it is in memory.
/// Dropped, it leaves nothing.
#[derive(Debug)]
pub struct Intake {
    files: Files,
    kept: Kept,
    /// None when a wrong length in a binary segment asks for the content to be read again, once it is whole.
    reader: Option<Reader>,
    envelopes: Envelopes,
}
#[derive(Debug)]
enum Kept {
    Row(Vec<u8>),
    File(Box<Writer>),
}

const NONE_YET: Envelopes = Envelopes { found: Vec::new(), skip: 0, most: AT_ONCE + 1 };

impl Intake {
    /// How many bytes have come.
    pub fn bytes(&self) -> u64 {
        match &self.kept {
            Kept::Row(content) => content.len() as u64,
            Kept::File(writer) => writer.bytes(),
        }
    }

    /// Takes the next piece.
    pub async fn more(mut self, piece: Bytes) -> Result<Self> {
        let small = piece.len() <= ROW_LIMIT;
        let work = move || self.take(&piece).map(|()| self);
        // A small piece is read in less time than it takes to hand it to another thread.
        if small { work() } else { off_the_runtime(work).await? }
    }

    fn take(&mut self, piece: &[u8]) -> Result<()> {
        if let Kept::Row(content) = &self.kept
            && content.len() + piece.len() > ROW_LIMIT
        {
            let mut writer = Box::new(self.files.writer()?);
            writer.write(content)?;
            self.kept = Kept::File(writer);
        }
        match &mut self.kept {
            Kept::Row(content) => content.extend_from_slice(piece),
            Kept::File(writer) => writer.write(piece)?,
        }
        if let Some(reader) = &mut self.reader
            && let Step::Rewind(_) = reader.push(piece, &mut self.envelopes)
        {
            self.reader = None;
        }
        Ok(())
    }

    /// The content is whole: makes it durable where it is too large for its row.
    ///
    /// A file that holds nothing is refused (robustness rows 1 and 2).
    pub async fn accept(self) -> Result<Accepted> {
        match self.kept {
            Kept::Row(_) => self.settle(),
            Kept::File(_) => off_the_runtime(|| self.settle()).await?,
        }
    }

    fn settle(mut self) -> Result<Accepted> {
        if let Some(why) = self.summary()?.rejection {
            return Err(Error::parameter("content", why.message));
        }
        let bytes = i64::try_from(self.bytes()).map_err(Error::internal)?;
        let (blake3, place) = match self.kept {
            Kept::Row(content) => (*blake3::hash(&content).as_bytes(), Place::Row(content)),
            Kept::File(writer) => {
                let stored = writer.finish()?;
                (stored.blake3, Place::File(stored.name.as_str().to_owned()))
            }
        };
        Ok(Accepted { blob: Blob { bytes, blake3: blake3.to_vec(), place }, envelopes: self.envelopes.found })
    }

    fn summary(&mut self) -> Result<Summary> {
        if let Some(Finish::Done(summary)) = self.reader.take().map(|mut reader| reader.finish(&mut self.envelopes)) {
            return Ok(summary);
        }
        self.envelopes = NONE_YET;
        let sink = &mut self.envelopes;
        match &self.kept {
            Kept::Row(content) => read_envelopes(&mut Cursor::new(content), sink, |_, _| Ok(())),
            Kept::File(writer) => read_envelopes(&mut writer.read_back()?, sink, |_, _| Ok(())),
        }
        .map_err(Error::internal)
    }
}

/// Bytes of a piece on its way out. Slow readers are many, and each has some in memory.
const OUT: u64 = 64 * 1024;

/// Content on its way out, piece by piece: however long it is, little of it is in memory.
pub struct Outgoing {
    source: Box<dyn Source>,
    /// Whether it is in memory already.
    small: bool,
    /// What is still to come, as offsets.
    left: VecDeque<(u64, u64)>,
}
impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing").field("left", &self.left).finish_non_exhaustive()
    }
}

impl Outgoing {
    /// How many bytes are still to come.
    pub fn bytes(&self) -> u64 {
        self.left.iter().map(|(start, end)| end - start).sum()
    }

    /// All of the content, to be read where one likes. Blocks.
    pub(crate) fn source(&mut self) -> &mut Box<dyn Source> {
        &mut self.source
    }

    /// The next piece, and what comes behind it.
    pub async fn next(mut self) -> Result<(Bytes, Self)> {
        off_the_runtime(move || self.take(OUT).map(|piece| (piece.into(), self))).await?
    }

    /// All of it at once.
    pub async fn all(mut self) -> Result<Vec<u8>> {
        let small = self.small;
        let mut whole = move || self.take(u64::MAX);
        if small { whole() } else { off_the_runtime(whole).await? }
    }

    fn take(&mut self, most: u64) -> Result<Vec<u8>> {
        let mut piece = Vec::with_capacity(usize::try_from(most.min(self.bytes())).map_err(Error::internal)?);
        while (piece.len() as u64) < most {
            let Some((start, end)) = self.left.pop_front() else { break };
            let length = (end - start).min(most - piece.len() as u64);
            self.source.seek(SeekFrom::Start(start)).map_err(Error::internal)?;
            let read = (&mut self.source).take(length).read_to_end(&mut piece).map_err(Error::internal)?;
            if read as u64 != length {
                return Err(Error::internal("a parcel reaches beyond its content"));
            }
            if start + length < end {
                self.left.push_front((start + length, end));
            }
        }
        Ok(piece)
    }
}

/// Content that can be read piece by piece.
pub(crate) trait Source: Read + Seek + Send {}
impl<T: Read + Seek + Send> Source for T {}

impl Hub {
    /// Begins to take content in.
    pub fn intake(&self) -> Intake {
        let reader = Some(Reader::new(Limits::default()));
        Intake { files: self.files.clone(), kept: Kept::Row(Vec::new()), reader, envelopes: NONE_YET }
    }

    /// Removes content that nothing will refer to. What cannot be removed now is left to the sweep.
    pub(crate) async fn discard(&self, content: &Accepted) {
        let Place::File(file) = &content.blob.place else { return };
        let removed = async { self.files.remove(&Name::parse(file)?).await };
        if let Err(error) = removed.await {
            tracing::warn!(source = ?error, "content of a refused upload could not be removed");
        }
    }

    /// Some ranges of kept content, in order; all of it when no range is named.
    pub(crate) async fn outgoing(&self, blob: Blob, ranges: Vec<Range>) -> Result<Outgoing> {
        let offset = |at: i64| u64::try_from(at).map_err(Error::internal);
        let all = [Range { start: 0, end: blob.bytes }];
        let ranges = if ranges.is_empty() { &all[..] } else { &ranges };
        let left = ranges.iter().map(|range| Ok((offset(range.start)?, offset(range.end)?))).collect::<Result<_>>()?;
        Ok(match blob.place {
            Place::Row(content) => Outgoing { source: Box::new(Cursor::new(content)), small: true, left },
            Place::File(file) => {
                let (files, name) = (self.files.clone(), Name::parse(&file)?);
                let source = Box::new(off_the_runtime(move || files.open_file(&name)).await??);
                Outgoing { source, small: false, left }
            }
        })
    }
}
