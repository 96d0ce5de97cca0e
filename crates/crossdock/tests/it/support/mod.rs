//! A world for a test: a hub on a fresh store of either engine, its router, and a root user to furnish it with.

mod answer;
mod edi;
mod furnish;

pub use answer::{Answer, Call};
pub use edi::{B64, b64, edifact, x12, x12_test};
pub use furnish::{Tenants, User, int};

use axum::Router;
use hub::{Begin, Clock, Hub, PerMinute, Settings, access::Table, passwords::Cost};
use std::{
    path::Path,
    sync::{Arc, OnceLock, atomic::AtomicU64},
    time::Duration,
};
use store::{Arg, Db, Engine, testing::Guard};
use tempfile::TempDir;

/// When every world begins: 2026-01-01T00:00:00Z.
pub const DAWN: i64 = 1_767_225_600_000;

/// A password that is good enough for the rule.
pub const PASSWORD: &str = "Correct-Horse-7";

/// A hub with its router.
pub struct World {
    pub hub: Arc<Hub>,
    pub engine: Engine,
    /// The key of the first user.
    pub root: String,
    app: Router,
    counter: AtomicU64,
    folder: TempDir,
    guard: Guard,
}

/// How a world is begun.
pub struct Plan {
    pub settings: Settings,
    pub table: Option<Table>,
    pub rest: crossdock::rest::Config,
}
impl Default for Plan {
    /// No limits, and passwords that cost nothing.
    fn default() -> Self {
        let settings = Settings {
            password_cost: Cost { memory_kib: 8, passes: 1 },
            password_cores: 2,
            failures_per_address: PerMinute(0),
            requests_per_credential: PerMinute(0),
            reveals_per_user: PerMinute(0),
            ..Settings::default()
        };
        Self { settings, table: None, rest: crossdock::rest::Config::default() }
    }
}

/// Runs a test on SQLite, and on PostgreSQL where there is a server.
pub fn on_both(test: impl AsyncFn(&World)) {
    on_both_as(Plan::default, test);
}

/// The same in worlds that are begun otherwise.
pub fn on_both_as(plan: impl Fn() -> Plan, test: impl AsyncFn(&World)) {
    for engine in engines() {
        on(engine, plan(), &test);
    }
}

/// Runs a test on one engine.
pub fn on(engine: Engine, plan: Plan, test: impl AsyncFn(&World)) {
    struct Named(Engine);
    impl Drop for Named {
        fn drop(&mut self) {
            if std::thread::panicking() {
                eprintln!("this failed on {:?}", self.0);
            }
        }
    }
    let _named = Named(engine);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let world = World::begin(engine, plan).await;
        test(&world).await;
        world.end().await;
    });
}

/// The engines there are. What is left out is said once.
pub fn engines() -> impl Iterator<Item = Engine> {
    static POSTGRES: OnceLock<bool> = OnceLock::new();
    let postgres = *POSTGRES.get_or_init(|| store::testing::server().is_some());
    [Engine::Sqlite].into_iter().chain(postgres.then_some(Engine::Postgres))
}

impl World {
    async fn begin(engine: Engine, plan: Plan) -> Self {
        let (db, guard) = store::testing::fresh(engine).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let Plan { settings, table, rest } = plan;
        let clock = Clock::Set(DAWN.into());
        let begin =
            Begin { db, folder: folder.path().to_owned(), content: None, master_key: None, settings, table, clock };
        let hub = Hub::begin(begin).await.unwrap();
        let root = std::fs::read_to_string(folder.path().join("root-api-key")).unwrap().trim().to_owned();
        let app = crossdock::rest::router(hub.clone(), rest);
        Self { hub, engine, root, app, counter: AtomicU64::new(1), folder, guard }
    }

    /// The end of every test: nothing is left to do, and the audit log is whole.
    async fn end(self) {
        self.hub.settle().await.unwrap();
        assert_eq!(self.count("SELECT count(*) FROM routings", &[]).await, 0, "parcels are left to be routed");
        let report = hub::audit::verify(&self.hub.db).await.unwrap();
        assert_eq!(report.faults, Vec::<String>::new(), "the audit log has faults");
        assert_eq!(report.unchained, 0, "audit records are left to be chained");
        self.hub.end().await.unwrap();
    }

    pub fn db(&self) -> &Db {
        &self.hub.db
    }
    /// The data folder: master key, content files.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
    /// The folder of the database, on SQLite.
    pub fn database(&self) -> Option<&Path> {
        self.guard.folder()
    }
    /// Time passes.
    pub fn pass(&self, span: Duration) {
        self.hub.clock.advance(span);
    }
    /// A number that this world has not given before.
    pub fn number(&self) -> u64 {
        self.counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
    }

    /// Changes what no operation changes yet; how many rows that were.
    pub async fn sql(&self, sql: &'static str, args: &[i64]) -> u64 {
        let args = args.to_vec();
        let unit = move |tx: &mut store::Tx<'_>| tx.run(sql, &args.iter().map(|a| a as &dyn Arg).collect::<Vec<_>>());
        self.db().write(unit).await.unwrap()
    }
    /// One number of the store.
    pub async fn count(&self, sql: &'static str, args: &[i64]) -> i64 {
        let args = args.to_vec();
        let unit =
            move |tx: &mut store::Tx<'_>| tx.one::<i64>(sql, &args.iter().map(|a| a as &dyn Arg).collect::<Vec<_>>());
        self.db().scan(unit).await.unwrap().unwrap()
    }
}
