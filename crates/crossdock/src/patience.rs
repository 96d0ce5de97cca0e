//! Connections that end when the other side takes nothing for too long: an answer that is not read is memory that is held.

use axum::{Extension, middleware::AddExtension};
use axum_server::accept::Accept;
use std::{
    future::{Ready, ready},
    io::{self, ErrorKind, IoSlice},
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Waker},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Sleep, sleep},
};
use tower::Layer;

/// How long the other side may take nothing.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Accepts connections that have patience and no more; requests know how to end theirs.
#[derive(Clone, Copy, Debug)]
pub struct PatientAcceptor;
impl<S> Accept<TcpStream, S> for PatientAcceptor {
    type Stream = Patient<TcpStream>;
    type Service = AddExtension<S, Lifeline>;
    type Future = Ready<io::Result<(Self::Stream, Self::Service)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let lifeline = Lifeline::default();
        let stream = stream.set_nodelay(true).map(|()| Patient::of(stream, lifeline.clone()));
        ready(stream.map(|stream| (stream, Extension(lifeline).layer(service))))
    }
}

/// A way to end a connection from within one of its requests. HTTP/2 needs it: there the other side may go on reading
/// and still take nothing of one answer.
#[derive(Clone, Debug, Default)]
pub struct Lifeline(Arc<Line>);
#[derive(Debug, Default)]
struct Line {
    cut: AtomicBool,
    reader: Mutex<Option<Waker>>,
}
impl Lifeline {
    /// Ends the connection.
    pub fn cut(&self) {
        self.0.cut.store(true, Ordering::Release);
        if let Some(waker) = self.0.reader.lock().unwrap_or_else(PoisonError::into_inner).take() {
            waker.wake();
        }
    }

    /// Waits until it is cut.
    #[cfg(test)]
    pub async fn ended(&self) {
        std::future::poll_fn(|cx| if self.is_cut(cx) { Poll::Ready(()) } else { Poll::Pending }).await;
    }

    /// Whether it was cut; if not, whoever asks is woken when it is.
    fn is_cut(&self, cx: &Context<'_>) -> bool {
        let mut reader = self.0.reader.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *reader {
            Some(waker) => waker.clone_from(cx.waker()),
            none => *none = Some(cx.waker().clone()),
        }
        self.0.cut.load(Ordering::Acquire)
    }
}

/// A stream whose writes fail when they have waited too long.
#[derive(Debug)]
pub struct Patient<S> {
    stream: S,
    lifeline: Lifeline,
    waiting: Option<Pin<Box<Sleep>>>,
}

impl<S> Patient<S> {
    fn of(stream: S, lifeline: Lifeline) -> Self {
        Self { stream, lifeline, waiting: None }
    }

    /// What a write came to: an error, when it has waited too long.
    fn bounded<T>(&mut self, cx: &mut Context<'_>, wrote: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if wrote.is_ready() {
            self.waiting = None;
            return wrote;
        }
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(sleep(PATIENCE)));
        waiting.as_mut().poll(cx).map(|()| Err(ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.lifeline.is_cut(cx) {
            return Poll::Ready(Err(ErrorKind::TimedOut.into()));
        }
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.bounded(cx, wrote)
    }
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.bounded(cx, wrote)
    }
    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt, duplex},
        time::Instant,
    };

    #[tokio::test(start_paused = true)]
    async fn a_write_that_nobody_reads_fails_when_patience_ends_and_not_before() {
        let (near, mut far) = duplex(10);
        let mut near = Patient::of(near, Lifeline::default());
        let begun = Instant::now();
        near.write_all(&[0; 10]).await.unwrap();
        let slow = async {
            tokio::time::sleep(PATIENCE - Duration::from_secs(1)).await;
            far.read_exact(&mut [0; 10]).await.unwrap();
        };
        tokio::join!(slow, async { near.write_all(&[0; 10]).await.unwrap() });
        assert_eq!(near.write_all(&[0; 10]).await.unwrap_err().kind(), ErrorKind::TimedOut);
        assert_eq!(begun.elapsed().as_secs(), 2 * PATIENCE.as_secs() - 1);
    }

    #[tokio::test]
    async fn a_connection_that_is_cut_wakes_its_reader() {
        let (near, _far) = duplex(10);
        let lifeline = Lifeline::default();
        let mut near = Patient::of(near, lifeline.clone());
        let (read, ()) = tokio::join!(near.read_u8(), async { lifeline.cut() });
        assert_eq!(read.unwrap_err().kind(), ErrorKind::TimedOut);
    }
}
