//! One SQL text on two engines, and the same promises on both.
//!
//! A unit of work is a plain closure over [`Tx`]. [`Db::write`] answers only after the unit is durable; [`Db::read`]
//! is for point reads, [`Db::scan`] for everything else. Nothing outside this folder knows SQLite from PostgreSQL.
//!
//! Statements are written once, with `$1`, `$2` … and three substitutions: `{id}` (an identity column, from 1001),
//! `{bytes}` and `{skip locked}`. Integers are `BIGINT`, times are milliseconds in `BIGINT`, and PostgreSQL's
//! `sum(bigint)` is `NUMERIC`, so write `CAST(sum(x) AS BIGINT)`. A unit must not run `BEGIN`, `COMMIT` or `ROLLBACK`.
//!
//! PostgreSQL is spoken to without TLS: use a local socket, a private network or a tunnel.

mod dialect;
mod metrics;
mod migrate;
mod postgres;
mod sqlite;
mod tx;
mod unit;
mod value;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;

use crossbeam_channel::{Sender, TrySendError};
use tokio::sync::Semaphore;

pub use metrics::Metrics;
pub use migrate::Migration;
pub use tx::Tx;
pub use value::{Arg, Cell, Col, FromRow, Row, Value};

use crate::error::{Error, Result};

/// How a database is used. The defaults suit a server of its own.
#[derive(Clone, Debug)]
pub struct Options {
    /// SQLite: reader connections for point reads, and as many again for scans.
    pub readers: usize,
    /// PostgreSQL: connections in all, half of them for writing. At least 2.
    pub connections: usize,
    /// Units that may wait; one more is refused with [`Error::Full`].
    pub queue: usize,
    /// SQLite: the most units that share one commit.
    pub batch: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { readers: 8, connections: 16, queue: 8192, batch: 512 }
    }
}

/// Which database lies beneath.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Engine {
    /// SQLite, in a file of ours.
    Sqlite,
    /// PostgreSQL, on a server.
    Postgres,
}

/// A database. Clones share it.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    backend: Backend,
    /// Scans at work at once, and scans waiting.
    scans: Semaphore,
    scans_waiting: Semaphore,
    metrics: Arc<Metrics>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

enum Backend {
    Sqlite { path: PathBuf, queue: Queue<Box<dyn unit::Unit>>, readers: sqlite::Readers, scanners: sqlite::Readers },
    Postgres { writes: Queue<postgres::Job>, reads: Queue<postgres::Job>, server: Arc<postgres::Server> },
}

/// A bounded queue that can be closed while others hold it.
struct Queue<T>(RwLock<Option<Sender<T>>>);

impl<T> Queue<T> {
    fn new(sender: Sender<T>) -> Self {
        Self(RwLock::new(Some(sender)))
    }

    fn push(&self, item: T, metrics: &Metrics) -> Result<()> {
        let sender = self.0.read().unwrap_or_else(PoisonError::into_inner);
        match sender.as_ref().map(|sender| sender.try_send(item)) {
            Some(Ok(())) => Ok(()),
            Some(Err(TrySendError::Full(_))) => {
                Metrics::add(&metrics.queue_full);
                Err(Error::Full)
            }
            Some(Err(TrySendError::Disconnected(_))) | None => Err(Error::Closed),
        }
    }

    fn close(&self) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).take();
    }

    fn is_closed(&self) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).is_none()
    }
}

impl Db {
    /// Opens a SQLite database, and makes one where there is none.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the file cannot be opened, [`Error::Full`] when there is no room.
    pub fn sqlite(path: &Path, options: Options) -> Result<Self> {
        let connection = sqlite::Connection::open(path, sqlite::Role::Writer)?;
        // What a crash left in the log goes to the disk before anything is built upon it.
        connection.checkpoint()?;
        let metrics = Arc::new(Metrics::default());
        let (sender, queue) = crossbeam_channel::bounded(options.queue.max(1));
        let writer = writer::Writer {
            path: path.to_owned(),
            queue,
            batch: options.batch.max(1),
            metrics: Arc::clone(&metrics),
            connection,
        };
        let thread = std::thread::Builder::new().name("store-writer".to_owned()).spawn(move || writer.work())?;
        let backend = Backend::Sqlite {
            path: path.to_owned(),
            queue: Queue::new(sender),
            readers: sqlite::Readers::new(path, options.readers),
            scanners: sqlite::Readers::new(path, options.readers),
        };
        Ok(Self::with(backend, metrics, vec![thread], options.readers, options.queue))
    }

    /// Opens a PostgreSQL database. Rows live in the `search_path` of the address.
    ///
    /// # Errors
    /// [`Error::Internal`] for an address that cannot be read, [`Error::Unavailable`] when there is no server.
    pub fn postgres(url: &str, options: Options) -> Result<Self> {
        let metrics = Arc::new(Metrics::default());
        let server = Arc::new(postgres::Server::new(url, Arc::clone(&metrics))?);
        off_runtime(|| server.connect(postgres::Role::Writer).map(drop))?;
        let writers = (options.connections / 2).max(1);
        let readers = options.connections.saturating_sub(writers).max(1);
        let (writes, mut threads) = postgres::workers(&server, postgres::Role::Writer, writers, options.queue)?;
        let (reads, more) = postgres::workers(&server, postgres::Role::Reader, readers, options.queue)?;
        threads.extend(more);
        let backend = Backend::Postgres { writes: Queue::new(writes), reads: Queue::new(reads), server };
        // One reader is always left for point reads.
        Ok(Self::with(backend, metrics, threads, readers.saturating_sub(1), options.queue))
    }

    fn with(
        backend: Backend,
        metrics: Arc<Metrics>,
        threads: Vec<JoinHandle<()>>,
        scans: usize,
        waiting: usize,
    ) -> Self {
        let (scans, scans_waiting) = (Semaphore::new(scans.max(1)), Semaphore::new(waiting.max(1)));
        Self { inner: Arc::new(Inner { backend, scans, scans_waiting, metrics, threads: Mutex::new(threads) }) }
    }

    /// Which database lies beneath.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match self.inner.backend {
            Backend::Sqlite { .. } => Engine::Sqlite,
            Backend::Postgres { .. } => Engine::Postgres,
        }
    }

    /// What the engine has counted.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.inner.metrics
    }

    /// Reads a few rows by their keys. Several statements need not see the same state; [`scan`](Self::scan) does.
    ///
    /// On SQLite the unit runs in place, which is right for microseconds only. It may run several times.
    ///
    /// # Errors
    /// The unit's own, and the engine's: [`Error::Unavailable`], [`Error::Full`], [`Error::Panicked`],
    /// [`Error::Closed`], each by `From`.
    pub async fn read<T, E>(&self, unit: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + Sync + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        match &self.inner.backend {
            Backend::Sqlite { queue, .. } if queue.is_closed() => Err(Error::Closed.into()),
            Backend::Sqlite { readers, .. } => readers.with(|connection| {
                let mut tx = Tx::new(tx::Connection::Sqlite(connection));
                unit::guarded(&unit, &mut tx)
            })?,
            Backend::Postgres { reads, .. } => self.send(reads, postgres::Mode::Read, unit).await,
        }
    }

    /// Reads any number of rows, all from the same state of the database, on a thread that may block.
    ///
    /// The unit may run several times.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub async fn scan<T, E>(&self, unit: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + Sync + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let inner = &self.inner;
        let Ok(_waiting) = inner.scans_waiting.try_acquire() else { return Err(Error::Full.into()) };
        let Ok(_turn) = inner.scans.acquire().await else { return Err(Error::Closed.into()) };
        match &inner.backend {
            Backend::Sqlite { queue, .. } if queue.is_closed() => Err(Error::Closed.into()),
            Backend::Sqlite { .. } => {
                let inner = Arc::clone(inner);
                let scan = tokio::task::spawn_blocking(move || inner.snapshot(unit));
                scan.await.unwrap_or_else(|_| Err(Error::Closed.into()))
            }
            Backend::Postgres { reads, .. } => self.send(reads, postgres::Mode::Scan, unit).await,
        }
    }

    /// Runs a unit of work: all of it or nothing, and the answer comes after it is durable.
    ///
    /// The unit may run several times: after a serialization failure, a deadlock, a connection lost before the commit
    /// was sent, or because another unit of its group took the transaction down. It must be short, since on SQLite it
    /// holds up all others. Dropping the future does not take back a unit that is in the queue.
    ///
    /// # Errors
    /// The unit's own, and the engine's, each by `From`: [`Error::Unavailable`], [`Error::Full`], [`Error::Poisoned`],
    /// [`Error::Panicked`], [`Error::Closed`]. Nothing of the unit is there then, with one exception: see
    /// [`Error::Unavailable`].
    pub async fn write<T, E>(&self, unit: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + Sync + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        match &self.inner.backend {
            Backend::Sqlite { queue, .. } => {
                let (unit, answer) = unit::unit(unit);
                queue.push(unit, &self.inner.metrics)?;
                answer.await.unwrap_or_else(|_| Err(unanswered().into()))
            }
            Backend::Postgres { writes, .. } => self.send(writes, postgres::Mode::Write, unit).await,
        }
    }

    async fn send<T, E>(
        &self,
        queue: &Queue<postgres::Job>,
        mode: postgres::Mode,
        unit: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + Sync + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (unit, answer) = unit::unit(unit);
        queue.push(postgres::Job { mode, unit }, &self.inner.metrics)?;
        answer.await.unwrap_or_else(|_| Err(unanswered().into()))
    }

    /// Brings the database to the program's shape. To be called at the start, before anything else works with it.
    ///
    /// All steps that have not run yet run in one transaction under a lock, so that several nodes may start at once.
    ///
    /// # Errors
    /// [`Error::Newer`] and [`Error::Altered`] for a store of another build; [`Error::Internal`] for a step that
    /// fails, which names it; nothing of the steps is there then.
    pub fn migrate(&self, steps: &[Migration]) -> Result<()> {
        match &self.inner.backend {
            Backend::Sqlite { path, .. } => migrate::sqlite(path, steps),
            Backend::Postgres { server, .. } => off_runtime(|| migrate::postgres(server, steps)),
        }
    }

    /// Prepares a statement without running it, to see whether this engine understands it.
    ///
    /// # Errors
    /// [`Error::Internal`] with the engine's complaint.
    pub fn check(&self, sql: &'static str) -> Result<()> {
        let (unit, answer) = unit::unit(move |tx: &mut Tx<'_>| tx.prepare(sql));
        match &self.inner.backend {
            Backend::Sqlite { queue, .. } => queue.push(unit, &self.inner.metrics)?,
            Backend::Postgres { writes, .. } => {
                writes.push(postgres::Job { mode: postgres::Mode::Write, unit }, &self.inner.metrics)?;
            }
        }
        off_runtime(|| answer.blocking_recv().unwrap_or_else(|_| Err(unanswered())))
    }

    /// Finishes what is in the queue, writes the log back into the database, and closes it. Later calls answer
    /// [`Error::Closed`].
    pub async fn close(&self) {
        match &self.inner.backend {
            Backend::Sqlite { queue, readers, scanners, .. } => {
                queue.close();
                readers.close();
                scanners.close();
            }
            Backend::Postgres { writes, reads, .. } => {
                writes.close();
                reads.close();
            }
        }
        let inner = Arc::clone(&self.inner);
        let wait = move || {
            let mut threads = inner.threads.lock().unwrap_or_else(PoisonError::into_inner);
            for thread in threads.drain(..) {
                let _ = thread.join();
            }
        };
        let _ = tokio::task::spawn_blocking(wait).await;
    }
}

impl Inner {
    /// A scan on SQLite: one read transaction.
    fn snapshot<T, E: From<Error>>(&self, unit: impl Fn(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        let Backend::Sqlite { scanners, .. } = &self.backend else { return Err(unanswered().into()) };
        scanners.with(|connection| {
            connection.control("BEGIN").map_err(|failure| failure.error)?;
            let mut tx = Tx::new(tx::Connection::Sqlite(connection));
            let result = unit::guarded(&unit, &mut tx);
            connection.abandon();
            result
        })?
    }
}

/// Runs work that blocks, or brings a runtime of its own, on a thread that belongs to no runtime.
fn off_runtime<T: Send>(work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
    std::thread::scope(|scope| scope.spawn(work).join()).unwrap_or_else(|_| Err(Error::Panicked))
}

fn unanswered() -> Error {
    Error::unavailable("the store gave the unit no answer")
}
