//! `crossdock serve`: opens the hub, listens, works, and ends in good order.

use crate::{Failed, config::Options, log, out, patience::PatientAcceptor, private, rest, workers::Workers};
use axum::Router;
use axum_server::{
    Handle, Server as Http,
    tls_rustls::{RustlsAcceptor, RustlsConfig},
};
use hub::{Begin, Clock, Hub, MasterKey};
use std::{
    fs, io,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use store::{Db, Lock};
use tokio::task::JoinSet;
use zeroize::Zeroizing;

/// How long running requests may take to finish once the server was asked to stop.
const GRACE: Duration = Duration::from_secs(30);

/// How long a client may take to send the headers of a request, and to finish a TLS handshake.
const HEADERS: Duration = Duration::from_secs(10);

/// Most bytes of one answer that wait to be sent over HTTP/2.
const SEND_BYTES: usize = 64 * 1024;

/// Most bytes of headers.
const HEADER_BYTES: usize = 64 * 1024;

/// A hub with the lock on its folder.
pub struct House {
    /// The hub.
    pub hub: Arc<Hub>,
    /// Where the master key lies.
    pub master_key: PathBuf,
    _lock: Lock,
}

impl House {
    /// Makes the folder if need be, takes its lock and opens the hub.
    pub async fn open(options: &Options) -> Result<Self, Failed> {
        let data = options.data()?;
        private::folder(data)?;
        // One that was there before may be open to others; what will lie in it is nobody's but the server's.
        private::only_mine(data)?;
        if let Some(content) = &options.content {
            private::folder(content)?;
        }
        let lock = lock(data)?;
        let marker = same_store(options, data)?;
        let begin = Begin {
            db: database(options, data)?,
            folder: data.to_owned(),
            content: options.content.clone(),
            master_key: options.master_key.clone(),
            settings: options.settings(),
            table: None,
            clock: Clock::System,
        };
        let hub = Hub::begin(begin).await?;
        if let Some((file, kind)) = marker {
            private::file(&file, kind.as_bytes())?;
        }
        Ok(Self { hub, master_key: master_key(options, data), _lock: lock })
    }

    /// Writes what is in memory only, gives back the node's leases, and then the lock.
    pub async fn close(self) -> Result<(), Failed> {
        Ok(self.hub.end().await?)
    }
}

/// The lock of a data folder.
pub fn lock(data: &Path) -> Result<Lock, Failed> {
    Lock::take(data).map_err(|error| Failed(format!("{error}. Stop it first, or name another folder with --data DIR")))
}

/// Refuses another kind of store than the folder was begun with: one that forgets its database would start anew, empty.
/// The marker to write once a first start went well.
fn same_store(options: &Options, data: &Path) -> Result<Option<(PathBuf, &'static str)>, Failed> {
    let (marker, kind) = (data.join("store"), if options.database_url.is_some() { "postgresql" } else { "embedded" });
    match fs::read_to_string(&marker) {
        Ok(begun) if begun.trim() == kind => Ok(None),
        Ok(begun) => Err(Failed(format!(
            "{} was begun with another kind of store ({}). Name its database with CROSSDOCK_DATABASE_URL, or leave it out \
             if the store is embedded; if you have moved the store, remove {}",
            data.display(),
            begun.trim(),
            marker.display()
        ))),
        Err(_) => Ok(Some((marker, kind))),
    }
}

/// Where the master key lies.
pub fn master_key(options: &Options, data: &Path) -> PathBuf {
    options.master_key.clone().unwrap_or_else(|| data.join("master-key"))
}

/// The embedded store's file.
pub fn embedded(data: &Path) -> PathBuf {
    data.join("crossdock.db")
}

/// The store: PostgreSQL where one is named, else the embedded one.
pub fn database(options: &Options, data: &Path) -> Result<Db, Failed> {
    Ok(match &options.database_url {
        Some(url) => Db::postgres(url, store::Options::default())?,
        None => Db::sqlite(&embedded(data), store::Options::default())?,
    })
}

/// A server at work.
pub struct Server {
    /// Where it listens.
    pub url: String,
    house: House,
    workers: Workers,
    handle: Handle<SocketAddr>,
    served: JoinSet<io::Result<()>>,
}

impl Server {
    /// Starts everything; requests are answered from here on.
    pub async fn start(options: &Options) -> Result<Self, Failed> {
        let tls = match options.tls()? {
            Some((cert, key)) => Some(tls(cert, key).await?),
            None => None,
        };
        let (listener, address) = listen(options.listen())?;
        let house = House::open(options).await?;
        let router = rest::router(house.hub.clone(), options.rest());
        let (workers, handle, mut served) = (Workers::start(&house.hub), Handle::new(), JoinSet::new());
        let scheme = if tls.is_some() { "https" } else { "http" };
        served.spawn(answer(listener, tls, router, handle.clone()));
        Ok(Self { url: format!("{scheme}://{address}"), house, workers, handle, served })
    }

    /// Says where everything is, and never a secret.
    fn introduce(&self, data: &Path) {
        out::line(format_args!("Crossdock {} listens on {}", env!("CARGO_PKG_VERSION"), self.url));
        out::line(format_args!("  documentation  {}/swagger/index.html", self.url));
        out::line(format_args!("  data           {}", data.display()));
        let key = &self.house.master_key;
        let text = fs::read_to_string(key).map(Zeroizing::new).unwrap_or_default();
        if let Some(fingerprint) = MasterKey::parse(&text).map(|key| key.fingerprint()) {
            out::line(format_args!(
                "  master key     {} (fingerprint {fingerprint}): back it up, apart from the data",
                key.display()
            ));
        }
        let root = data.join("root-api-key");
        if root.exists() {
            out::line(format_args!("  root's key     {} (it goes when root's key is replaced)", root.display()));
        }
    }

    /// Takes no more connections, lets running requests finish, ends the jobs and closes the store.
    pub async fn stop(mut self) -> Result<(), Failed> {
        self.handle.graceful_shutdown(Some(GRACE));
        let served = self.served.join_next().await;
        self.workers.stop().await;
        self.house.close().await?;
        match served {
            None | Some(Ok(Ok(()))) => Ok(()),
            Some(Ok(Err(error))) => Err(Failed(format!("the server stopped: {error}"))),
            Some(Err(_)) => Err(Failed("the server stopped by a panic: the log says where".into())),
        }
    }
}

/// Takes the address, before anything else is touched.
fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Failed> {
    let listener = TcpListener::bind(address).and_then(|listener| Ok((listener.local_addr()?, listener)));
    let (address, listener) = listener.map_err(|error| {
        Failed(format!("cannot listen on {address}: {error}. Choose another address with --listen ADDR"))
    })?;
    Ok((listener, address))
}

/// Reads certificate and key.
async fn tls(cert: &Path, key: &Path) -> Result<RustlsConfig, Failed> {
    RustlsConfig::from_pem_file(cert, key).await.map_err(|error| {
        Failed(format!("{} and {} are no certificate and key in PEM: {error}", cert.display(), key.display()))
    })
}

/// Answers requests until the handle says stop.
async fn answer(
    listener: TcpListener,
    tls: Option<RustlsConfig>,
    router: Router,
    handle: Handle<SocketAddr>,
) -> io::Result<()> {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let http = axum_server::from_tcp(listener)?.handle(handle);
    match tls {
        None => tuned(http.acceptor(PatientAcceptor)).serve(service).await,
        Some(tls) => {
            let acceptor = RustlsAcceptor::new(tls).handshake_timeout(HEADERS).acceptor(PatientAcceptor);
            tuned(http.acceptor(acceptor)).serve(service).await
        }
    }
}

/// Bounds what a client may keep us waiting for, and how much it may say before it says anything.
fn tuned<A>(mut http: Http<SocketAddr, A>) -> Http<SocketAddr, A> {
    let builder = http.http_builder();
    builder.http1().header_read_timeout(HEADERS).max_buf_size(HEADER_BYTES);
    builder
        .http2()
        .max_header_list_size(HEADER_BYTES as u32)
        .max_concurrent_streams(64)
        .max_send_buf_size(SEND_BYTES)
        .keep_alive_interval(HEADERS)
        .keep_alive_timeout(HEADERS);
    http.first_request_timeout(HEADERS)
}

/// Serves until it is asked to stop.
pub async fn run(options: &Options) -> Result<(), Failed> {
    log::begin(options);
    let server = Server::start(options).await?;
    server.introduce(options.data()?);
    let asked = asked_to_stop().await;
    tracing::info!(signal = asked, "stopping: running requests may finish");
    server.stop().await
}

/// Waits for the signal to stop.
pub async fn asked_to_stop() -> &'static str {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut terminate) = signal(SignalKind::terminate()) else {
            let _ = interrupt.await;
            return "interrupt";
        };
        tokio::select! {
            _ = interrupt => "interrupt",
            _ = terminate.recv() => "terminate",
        }
    }
    #[cfg(not(unix))]
    {
        let _ = interrupt.await;
        "interrupt"
    }
}
