//! A body as it comes: only so much, and only so long.

use axum::body::{Body, HttpBody};
use bytes::{Bytes, BytesMut};
use hub::{Bulk, Error, Kind};
use std::{future::poll_fn, pin::Pin, time::Duration};
use tokio::time::{Instant, timeout_at};

/// How large and how slow a body may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes.
    pub size: usize,
    /// Bytes of a body that is content as it is: it is not kept in memory.
    pub content: u64,
    /// What any body may take. A large one gets a second more for each [`PACE`] bytes that came.
    pub time: Duration,
}

/// What a body may be that carries no content.
const PLAIN: usize = 1024 * 1024;

impl Limits {
    /// The limits for an operation: only one that takes content takes much.
    pub fn of(self, bulk: Bulk) -> Self {
        let size = if bulk == Bulk::Input { self.size } else { self.size.min(PLAIN) };
        Self { size, ..self }
    }
}

/// The slowest a large body may come, in bytes a second.
const PACE: u64 = 256 * 1024;

/// Room made before the first byte came, whatever the caller says of the length.
const ROOM: usize = 64 * 1024;

/// A body as it comes.
pub struct Frames {
    body: Body,
    most: u64,
    length: u64,
    begun: Instant,
    time: Duration,
    /// What was looked at ahead.
    ahead: Option<Bytes>,
}

impl Frames {
    /// A body that is at most so long.
    pub fn of(body: Body, most: u64, time: Duration) -> Result<Self, Error> {
        if HttpBody::size_hint(&body).lower() > most {
            return Err(too_large(most));
        }
        Ok(Self { body, most, length: 0, begun: Instant::now(), time, ahead: None })
    }

    /// The same with a lower limit.
    pub fn at_most(self, most: u64) -> Result<Self, Error> {
        let length = self.length.max(HttpBody::size_hint(&self.body).lower());
        if length > most { Err(too_large(most)) } else { Ok(Self { most, ..self }) }
    }

    /// What comes next, without taking it.
    pub async fn peek(&mut self) -> Result<Option<&[u8]>, Error> {
        self.ahead = self.next().await?;
        Ok(self.ahead.as_deref())
    }

    /// What comes next.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        if let Some(ahead) = self.ahead.take() {
            return Ok(Some(ahead));
        }
        loop {
            let deadline = self.begun + self.time + Duration::from_secs(self.length / PACE);
            let frame = poll_fn(|cx| Pin::new(&mut self.body).poll_frame(cx));
            let frame = timeout_at(deadline, frame).await.map_err(|_| too_slow())?;
            let Some(frame) = frame else { return Ok(None) };
            let frame = frame.map_err(|_| Error::parameter("body", "broke off before its end"))?;
            let Ok(data) = frame.into_data() else { continue };
            self.length += data.len() as u64;
            return if self.length > self.most { Err(too_large(self.most)) } else { Ok(Some(data)) };
        }
    }

    /// All of it, in memory.
    pub async fn whole(mut self) -> Result<Bytes, Error> {
        // Most bodies come in one piece, which is not copied.
        let Some(first) = self.next().await? else { return Ok(Bytes::new()) };
        let Some(second) = self.next().await? else { return Ok(first) };
        let mut all = BytesMut::with_capacity(first.len() + second.len().max(ROOM));
        all.extend_from_slice(&first);
        all.extend_from_slice(&second);
        while let Some(more) = self.next().await? {
            all.extend_from_slice(&more);
        }
        Ok(all.freeze())
    }
}

fn too_large(most: u64) -> Error {
    Error::new(Kind::PayloadTooLarge, format!("The body is larger than the limit of {most} bytes."))
}

fn too_slow() -> Error {
    Error::new(Kind::RequestTimeout, "The body did not arrive in time.")
}
