//! Content of parcels: read once on its way in, durable before anything refers to it (ruling 13).

use crate::{Error, Hub, Result, envelopes::Envelopes, off_the_runtime};
use bytes::Bytes;
use store::{
    blobs::{Blob, Place},
    files::{Name, ROW_LIMIT},
    parcels::Range,
};

/// Content that was read and is ready to be kept.
#[derive(Debug)]
pub struct Accepted {
    /// Where it lies, or will lie.
    pub blob: Blob,
    /// The envelopes in it.
    pub envelopes: Envelopes,
}

impl Hub {
    /// Reads content for its envelopes and, when it is too large for its row, makes it durable in a file.
    ///
    /// A file that holds nothing is refused (robustness rows 1 and 2).
    pub async fn accept(&self, content: Bytes) -> Result<Accepted> {
        let small = content.len() <= ROW_LIMIT;
        let work = move || (Envelopes::read(&content), *blake3::hash(&content).as_bytes(), content);
        // A small file is read in less time than it takes to hand it to another thread.
        let (envelopes, blake3, content) = if small { work() } else { off_the_runtime(work).await? };
        if let Some(why) = envelopes.rejection {
            return Err(Error::parameter("content", why));
        }
        let bytes = i64::try_from(content.len()).map_err(Error::internal)?;
        let place = match small {
            true => Place::Row(content.to_vec()),
            false => Place::File(self.files.put(content).await?.name.as_str().to_owned()),
        };
        Ok(Accepted { blob: Blob { bytes, blake3: blake3.to_vec(), place }, envelopes })
    }

    /// The bytes of some ranges of kept content, in order; of all of it when no range is named.
    pub async fn content(&self, blob: Blob, ranges: Vec<Range>) -> Result<Vec<u8>> {
        let whole = match blob.place {
            Place::Row(content) => content,
            Place::File(file) => {
                let name = Name::parse(&file)?;
                if let [one] = ranges.as_slice() {
                    let (start, length) = (u64::try_from(one.start), usize::try_from(one.end - one.start));
                    let (start, length) = (start.map_err(Error::internal)?, length.map_err(Error::internal)?);
                    return Ok(self.files.read_range(&name, start, length).await?);
                }
                self.files.read(&name).await?
            }
        };
        if ranges.is_empty() {
            return Ok(whole);
        }
        let mut cut = Vec::with_capacity(whole.len());
        for range in ranges {
            let bounds = usize::try_from(range.start).ok().zip(usize::try_from(range.end).ok());
            let piece = bounds.and_then(|(start, end)| whole.get(start..end));
            cut.extend_from_slice(piece.ok_or_else(|| Error::internal("a parcel reaches beyond its content"))?);
        }
        Ok(cut)
    }
}
