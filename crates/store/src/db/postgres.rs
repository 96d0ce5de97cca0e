//! PostgreSQL: threads with one connection each, which reconnect, and repeat what may be repeated.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};
use postgres::error::{Severity, SqlState};
use postgres::types::ToSql;
use postgres::{Client, Config, NoTls, Statement};

use super::metrics::Metrics;
use super::tx::{self, Failure, Fault, Tx, too_many_rows};
use super::unit::Unit;
use super::value::{Arg, FromRow, Raw, Row, Value};
use super::{Engine, dialect};
use crate::error::{Error, Result};

/// How often a unit is run again.
const RETRIES: u32 = 5;

/// How long a call waits for a connection.
const CONNECT: Duration = Duration::from_secs(1);

/// How long the server may stay silent before the connection counts as dead.
const SILENCE: Duration = Duration::from_secs(10);

/// For how long nobody tries to connect after a failure; doubled up to the second.
const PAUSE: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// A server that is set to lose the last commits in a crash is told otherwise: we answer only for what is durable.
const SESSION: &str = "SET lock_timeout = '5s'; SET statement_timeout = '30s'; \
    SET idle_in_transaction_session_timeout = '60s'; SET client_min_messages = 'warning'; SET TIME ZONE 'UTC'; \
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";
const READ_ONLY: &str = "SET default_transaction_read_only = on";

const BEGIN_WRITE: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
const BEGIN_SCAN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// How a connection will be used.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Writer,
    Reader,
}

/// How a unit is run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Read,
    Scan,
    Write,
}

/// A unit waiting for a connection.
pub(super) struct Job {
    pub mode: Mode,
    pub unit: Box<dyn Unit>,
}

/// The server, and whether it is worth knocking.
pub(super) struct Server {
    config: Config,
    metrics: Arc<Metrics>,
    down: Mutex<Option<Down>>,
}

struct Down {
    until: Instant,
    pause: Duration,
    why: String,
}

impl Server {
    pub(super) fn new(url: &str, metrics: Arc<Metrics>) -> Result<Self> {
        // The driver's complaint may repeat the address, and with it the password.
        let mut config: Config = url.parse().map_err(|_| Error::internal("this is no PostgreSQL address"))?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(SILENCE);
        }
        config.keepalives_idle(SILENCE).keepalives_interval(Duration::from_secs(2)).keepalives_retries(3);
        if config.get_application_name().is_none() {
            config.application_name("crossdock");
        }
        Ok(Self { config, metrics, down: Mutex::new(None) })
    }

    /// Opens a connection. While the server is down one caller in a while tries; the others are told at once.
    pub(super) fn connect(&self, role: Role) -> Result<Session> {
        self.knock()?;
        match self.open(role) {
            Ok(session) => {
                *self.down.lock().unwrap_or_else(PoisonError::into_inner) = None;
                Metrics::add(&self.metrics.connects);
                Ok(session)
            }
            Err(error) => {
                if let Some(down) = &mut *self.down.lock().unwrap_or_else(PoisonError::into_inner) {
                    down.until = Instant::now() + down.pause;
                    down.why = error.to_string();
                }
                Err(Error::unavailable(error))
            }
        }
    }

    /// Asks whether to try, and if so keeps the others from trying meanwhile. A healthy server is open to all.
    fn knock(&self) -> Result<()> {
        let mut down = self.down.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(down) = &mut *down {
            let now = Instant::now();
            if now < down.until {
                return Err(Error::unavailable(down.why.clone()));
            }
            down.pause = (down.pause * 2).min(PAUSE.1);
            down.until = now + CONNECT + down.pause;
        }
        Ok(())
    }

    fn mark_down(&self, why: &str) {
        let mut down = self.down.lock().unwrap_or_else(PoisonError::into_inner);
        down.get_or_insert_with(|| Down { until: Instant::now() + PAUSE.0, pause: PAUSE.0, why: why.to_owned() });
    }

    fn open(&self, role: Role) -> Result<Session, postgres::Error> {
        let mut client = self.config.connect(NoTls).inspect_err(|error| self.mark_down(&error.to_string()))?;
        client.batch_execute(SESSION)?;
        if role == Role::Reader {
            client.batch_execute(READ_ONLY)?;
        }
        Ok(Session { client, statements: HashMap::new() })
    }
}

/// One connection with its prepared statements.
pub(super) struct Session {
    client: Client,
    statements: HashMap<&'static str, Statement>,
}

impl Session {
    /// Runs statements that are not a unit's.
    pub(super) fn batch(&mut self, sql: &str) -> Result<()> {
        self.client.batch_execute(sql).map_err(|e| self.failure(e).error)
    }

    pub(super) fn run(&mut self, sql: &'static str, args: &[&dyn Arg]) -> Result<u64, Failure> {
        let statement = self.prepare(sql)?;
        let values = values(args);
        self.client.execute(&statement, &refs(&values)).map_err(|e| self.failure(e))
    }

    pub(super) fn rows<T: FromRow>(&mut self, sql: &'static str, args: &[&dyn Arg]) -> Result<Vec<T>, Failure> {
        let rows = self.query(sql, args)?;
        Ok(rows.iter().map(|row| T::from_row(&Row(Raw::Postgres(row)))).collect::<Result<_>>()?)
    }

    pub(super) fn one<T: FromRow>(&mut self, sql: &'static str, args: &[&dyn Arg]) -> Result<Option<T>, Failure> {
        match self.query(sql, args)?.as_slice() {
            [] => Ok(None),
            [row] => Ok(Some(T::from_row(&Row(Raw::Postgres(row)))?)),
            _ => Err(too_many_rows()),
        }
    }

    pub(super) fn check(&mut self, sql: &'static str) -> Result<(), Failure> {
        self.client.prepare(&dialect::render(sql, Engine::Postgres)).map(drop).map_err(|e| self.failure(e))
    }

    fn query(&mut self, sql: &'static str, args: &[&dyn Arg]) -> Result<Vec<postgres::Row>, Failure> {
        let statement = self.prepare(sql)?;
        let values = values(args);
        self.client.query(&statement, &refs(&values)).map_err(|e| self.failure(e))
    }

    fn prepare(&mut self, sql: &'static str) -> Result<Statement, Failure> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(&dialect::render(sql, Engine::Postgres)).map_err(|e| self.failure(e))?;
        self.statements.insert(sql, statement.clone());
        Ok(statement)
    }

    fn failure(&mut self, error: postgres::Error) -> Failure {
        let stale = [&SqlState::FEATURE_NOT_SUPPORTED, &SqlState::INVALID_SQL_STATEMENT_NAME];
        if error.code().is_some_and(|code| stale.contains(&code)) {
            // Another node has changed a table: its statements must be prepared anew.
            self.statements.clear();
            return Failure { error: Error::unavailable(error), fault: Fault::Again };
        }
        failure(error, self.client.is_closed())
    }
}

fn values<'a>(args: &[&'a dyn Arg]) -> Vec<Value<'a>> {
    args.iter().map(|&arg| arg.value()).collect()
}

fn refs<'a>(values: &'a [Value<'a>]) -> Vec<&'a (dyn ToSql + Sync)> {
    values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

/// What an error of PostgreSQL means.
fn failure(error: postgres::Error, closed: bool) -> Failure {
    let Some(db) = error.as_db_error() else {
        let io = std::error::Error::source(&error).is_some_and(|source| source.is::<std::io::Error>());
        return match closed || error.is_closed() || io {
            true => Failure { error: Error::unavailable(error), fault: Fault::Lost },
            false => Error::internal(error).into(),
        };
    };
    let fatal = matches!(db.parsed_severity(), Some(Severity::Fatal | Severity::Panic));
    let class = db.code().code().get(..2).unwrap_or("").to_owned();
    match (class.as_str(), db.code()) {
        _ if fatal => Failure { error: Error::unavailable(error), fault: Fault::Lost },
        (_, &SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED) => {
            Failure { error: Error::unavailable(error), fault: Fault::Again }
        }
        ("23", _) => {
            let constraint = db.constraint().or_else(|| db.column()).unwrap_or("").to_owned();
            Error::Conflict { constraint }.into()
        }
        ("53", _) => Error::Full.into(),
        // Lock and statement timeouts, a server going down or turned into a standby, its disk.
        ("55" | "57" | "58", _) | (_, &SqlState::READ_ONLY_SQL_TRANSACTION) => Error::unavailable(error).into(),
        _ => Error::internal(error).into(),
    }
}

/// Starts threads that share a queue.
pub(super) fn workers(
    server: &Arc<Server>,
    role: Role,
    count: usize,
    queue: usize,
) -> Result<(Sender<Job>, Vec<JoinHandle<()>>)> {
    let (sender, jobs) = crossbeam_channel::bounded(queue.max(1));
    let start = |number: usize| {
        let worker = Worker { server: Arc::clone(server), role, session: None, chance: number as u64 + 1 };
        let jobs: Receiver<Job> = jobs.clone();
        std::thread::Builder::new().name(format!("store-{number}")).spawn(move || worker.work(&jobs))
    };
    let threads = (0..count).map(start).collect::<std::io::Result<_>>()?;
    Ok((sender, threads))
}

struct Worker {
    server: Arc<Server>,
    role: Role,
    session: Option<Session>,
    chance: u64,
}

/// What became of one run of a unit.
enum Run {
    /// Its own result stands.
    Done,
    /// The engine answers for it.
    Failed(Error),
    /// Nothing of it is there; it may run again. The error is for when it has run often enough.
    Again(Error),
}

impl Worker {
    fn work(mut self, jobs: &Receiver<Job>) {
        while let Ok(Job { mode, mut unit }) = jobs.recv() {
            let verdict = self.settle(mode, &mut *unit);
            unit.settle(verdict);
        }
    }

    /// Runs a unit until it has an outcome.
    fn settle(&mut self, mode: Mode, unit: &mut dyn Unit) -> Result<()> {
        let mut runs = 0;
        loop {
            let metrics = Arc::clone(&self.server.metrics);
            match self.run(mode, unit, &metrics) {
                Run::Done => return Ok(()),
                Run::Failed(error) => return Err(error),
                Run::Again(error) if runs == RETRIES => return Err(error),
                Run::Again(_) => {}
            }
            runs += 1;
            Metrics::add(&metrics.retries);
            std::thread::sleep(self.pause(runs));
        }
    }

    fn run(&mut self, mode: Mode, unit: &mut dyn Unit, metrics: &Metrics) -> Run {
        let mut session = match self.session.take().filter(|session| !session.client.is_closed()) {
            Some(session) => session,
            None => match self.server.connect(self.role) {
                Ok(session) => session,
                Err(error) => return Run::Failed(error),
            },
        };
        let (run, fault) = match mode {
            Mode::Read => read(&mut session, unit),
            Mode::Scan => transaction(&mut session, BEGIN_SCAN, unit, None),
            Mode::Write => transaction(&mut session, BEGIN_WRITE, unit, Some(metrics)),
        };
        if fault != Some(Fault::Lost) {
            self.session = Some(session);
        }
        run
    }

    /// A short pause, of another length for every worker and every time, so that rivals do not meet again.
    fn pause(&mut self, runs: u32) -> Duration {
        self.chance ^= self.chance << 13;
        self.chance ^= self.chance >> 7;
        self.chance ^= self.chance << 17;
        let most = 4_000_u64 << runs.min(6);
        Duration::from_micros(most / 4 + self.chance.wrapping_mul(0x9E37_79B9_7F4A_7C15) % most)
    }
}

fn read(session: &mut Session, unit: &mut dyn Unit) -> (Run, Option<Fault>) {
    let mut tx = Tx::new(tx::Connection::Postgres(session));
    unit.attempt(&mut tx);
    let fault = tx.fault();
    (outcome(fault), fault)
}

fn outcome(fault: Option<Fault>) -> Run {
    match fault {
        Some(Fault::Again) => Run::Again(Error::unavailable("others were in the way too often")),
        Some(Fault::Lost) => Run::Again(Error::unavailable("the connection to the database was lost")),
        Some(Fault::Statement) | None => Run::Done,
    }
}

/// Runs a unit in a transaction; with `metrics` it is a writing one, to be committed.
fn transaction(
    session: &mut Session,
    begin: &str,
    unit: &mut dyn Unit,
    metrics: Option<&Metrics>,
) -> (Run, Option<Fault>) {
    if let Err(error) = session.client.batch_execute(begin) {
        let Failure { error, fault } = session.failure(error);
        return match fault {
            Fault::Statement => (Run::Failed(error), Some(Fault::Lost)),
            fault => (Run::Again(error), Some(fault)),
        };
    }
    let mut tx = Tx::new(tx::Connection::Postgres(session));
    let keep = match metrics {
        Some(metrics) => metrics.timed(|| unit.attempt(&mut tx)),
        None => unit.attempt(&mut tx),
    };
    let fault = tx.fault();
    match (keep, metrics) {
        (true, Some(metrics)) => commit(session, metrics),
        _ if fault == Some(Fault::Lost) => (outcome(fault), fault),
        _ => match session.client.batch_execute("ROLLBACK") {
            Ok(()) => (outcome(fault), fault),
            Err(_) => (outcome(fault), Some(Fault::Lost)),
        },
    }
}

/// Once the commit has been sent, a lost connection leaves its outcome unknown: such a unit never runs again.
fn commit(session: &mut Session, metrics: &Metrics) -> (Run, Option<Fault>) {
    if session.client.is_closed() {
        return (outcome(Some(Fault::Lost)), Some(Fault::Lost));
    }
    let Err(error) = session.client.batch_execute("COMMIT") else {
        Metrics::add(&metrics.batches);
        return (Run::Done, None);
    };
    let Failure { error, fault } = session.failure(error);
    match fault {
        Fault::Again => (Run::Again(error), None),
        fault => (Run::Failed(error), Some(fault)),
    }
}
