//! The command line.

use crate::{
    Failed, audit,
    config::{self, Options},
    demo, inspect, keys, openapi, out, serve,
};
use clap::{Args, Parser, Subcommand};
use std::{io::Write, path::PathBuf, process::ExitCode};

/// A self-hosted EDI network in one binary, wire-compatible with the ECGrid REST API v2.6.
#[derive(Parser)]
#[command(name = "crossdock", version, arg_required_else_help = true, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  crossdock demo                                       see it work, in a folder of its own
  crossdock serve --data /var/lib/crossdock            serve on 127.0.0.1:8080
  export CROSSDOCK_URL=http://127.0.0.1:8080           where the client's commands find it
  crossdock key get 1005 --api-key-file /var/lib/crossdock/root-api-key
  crossdock audit verify --data /var/lib/crossdock     check that no record was changed

The documentation of the API is served at /swagger/index.html.";

#[derive(Subcommand)]
enum Command {
    /// Serve the API
    #[command(after_help = SERVE)]
    Serve(Serving),
    /// Start a server in a new folder and let two companies trade on it
    #[command(after_help = DEMO)]
    Demo(demo::Demo),
    /// The audit log
    #[command(subcommand)]
    Audit(Audit),
    /// API keys
    #[command(subcommand)]
    Key(Key),
    /// Make a new master key, when the old one is lost for good
    #[command(after_help = RECOVER)]
    Recover(Serving),
    /// Show the EDI interchanges in files, and what is odd about them
    #[command(after_help = INSPECT)]
    Inspect(inspect::Inspect),
    /// Print the OpenAPI document
    Openapi,
}

const SERVE: &str = "\
Every setting can also stand in crossdock.toml, in the working folder or named with --config (rate_limit = 600), or in
the environment (CROSSDOCK_RATE_LIMIT=600). Flags win over the environment, and that over the file.

Examples:
  crossdock serve --data /var/lib/crossdock
  crossdock serve --data /var/lib/crossdock --listen 0.0.0.0:443 --tls-cert cert.pem --tls-key key.pem
  crossdock serve --data /var/lib/crossdock --listen 10.0.0.5:8080 --behind-proxy 10.0.0.0/24
  CROSSDOCK_DATABASE_URL=postgresql://crossdock:…@db/crossdock crossdock serve --data /var/lib/crossdock

The first start makes a user root; the key is in DIR/root-api-key. It also makes DIR/master-key, which wraps every other
secret: back it up, apart from the data. Ctrl-C or SIGTERM lets running requests finish.";

const DEMO: &str = "\
Examples:
  crossdock demo             then look around; Ctrl-C ends it
  crossdock demo --once      end when all is shown; the exit code says whether it went well";

const INSPECT: &str = "\
Reads files as the hub reads an upload, without a server. Files of any size take the same memory.

Examples:
  crossdock inspect order.x12                       a tree, with each warning and what to do about it
  crossdock inspect --json *.edi | jq .icn          an object a line for each interchange
  zcat archive.gz | crossdock inspect               standard input";

const RECOVER: &str = "\
Needs the server stopped. Makes a new master key and a new API key for every user that had one; all sessions end.
Passwords and traffic stay. Nothing is done while a master key is in place.

Example:
  crossdock recover --data /var/lib/crossdock";

/// A command that works on a server's folder.
#[derive(Args)]
struct Serving {
    /// Settings file [default: crossdock.toml in the working folder, if there is one]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    options: Options,
}
impl Serving {
    fn gather(self) -> Result<Options, Failed> {
        config::gather(self.options, self.config.as_deref())
    }
}

#[derive(Subcommand)]
enum Audit {
    /// Recompute the chains of the audit log. Only reads, also beside a running server
    #[command(after_help = "Exit code 1 when a record was changed, removed or added.\n\nExample:\n  \
                            crossdock audit verify --data /var/lib/crossdock")]
    Verify(Serving),
}

#[derive(Subcommand)]
enum Key {
    /// Print the API key of a user, or your own
    #[command(after_help = "Example:\n  crossdock key get 1005 --api-key-file admin.key > user.key")]
    Get(keys::Remote),
    /// Replace the API key of a user, or your own, and print the new one. The old one ends at once
    #[command(after_help = "Example:\n  crossdock key generate me --api-key-file old.key > new.key")]
    Generate(keys::Remote),
    /// Give root a new key, in DIR/root-api-key. Needs the server stopped
    #[command(after_help = "Example:\n  crossdock key reset-root --data /var/lib/crossdock")]
    ResetRoot(Box<Serving>),
}

/// Threads for work that waits for disks and databases. Each keeps memory of its own, and more of them do not wait faster.
const BLOCKING: usize = 64;

/// Runs the program.
pub fn run() -> ExitCode {
    let command = Cli::parse().command;
    // One provider of cryptography, before anything speaks TLS. A second call would change nothing.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().max_blocking_threads(BLOCKING).enable_all().build();
    let done = match runtime {
        Ok(runtime) => runtime.block_on(command.run()),
        Err(error) => Err(Failed(format!("the runtime does not start: {error}"))),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            let _ = writeln!(std::io::stderr(), "crossdock: {failed}");
            ExitCode::FAILURE
        }
    }
}

impl Command {
    async fn run(self) -> Result<(), Failed> {
        match self {
            Self::Serve(serving) => serve::run(&serving.gather()?).await,
            Self::Demo(demo) => demo::run(demo).await,
            Self::Audit(Audit::Verify(serving)) => audit::verify(&serving.gather()?).await,
            Self::Key(Key::Get(remote)) => keys::get(&remote).await,
            Self::Key(Key::Generate(remote)) => keys::generate(&remote).await,
            Self::Key(Key::ResetRoot(serving)) => keys::reset_root(&serving.gather()?).await,
            Self::Recover(serving) => keys::recover(&serving.gather()?).await,
            Self::Inspect(asked) => inspect::run(&asked),
            Self::Openapi => {
                out::line(openapi::text().trim_end());
                Ok(())
            }
        }
    }
}
