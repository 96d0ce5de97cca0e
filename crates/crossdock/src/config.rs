//! What an operator may set: defaults, below `crossdock.toml`, below `CROSSDOCK_*` in the environment, below flags.
//!
//! The only place that reads the environment. All three sources speak through the same flags, so that each has the same
//! names and the same checks: `rate_limit` in the file, `CROSSDOCK_RATE_LIMIT`, `--rate-limit`.

use crate::{
    Failed,
    rest::{self, Proxies},
};
use clap::{Args, FromArgMatches};
use hub::{PerMinute, Settings, access::Switches};
use model::Shape;
use std::{
    fs,
    io::ErrorKind,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};
use zeroize::Zeroizing;

/// What one source says; what it does not say is left to the one below it.
#[derive(Args, Clone, Debug, Default)]
pub struct Options {
    /// Folder of everything that is kept: made if it is not there
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Address and port to listen on [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<SocketAddr>,
    /// PostgreSQL instead of the embedded store, such as postgresql://user@host/crossdock
    ///
    /// An address with a password belongs into CROSSDOCK_DATABASE_URL: flags are seen by everybody on the machine.
    #[arg(long, value_name = "URL")]
    pub database_url: Option<String>,
    /// Folder of files that are too large for the store; all nodes of a store share it [default: DIR/content]
    #[arg(long, value_name = "DIR")]
    pub content: Option<PathBuf>,
    /// TLS certificate chain, PEM
    #[arg(long, value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,
    /// TLS private key, PEM
    #[arg(long, value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
    /// Networks of the reverse proxies in front, separated by commas: they speak TLS, and their X-Forwarded-For counts
    #[arg(long, value_name = "CIDR")]
    pub behind_proxy: Option<Proxies>,
    /// File of the master key [default: DIR/master-key]
    #[arg(long, value_name = "FILE")]
    pub master_key: Option<PathBuf>,
    /// Requests a minute with one credential [default: 600]; 0 turns every limit off
    #[arg(long, value_name = "NUMBER")]
    pub rate_limit: Option<u32>,
    /// Life of a token in minutes [default: 60]
    #[arg(long, value_name = "MINUTES", value_parser = clap::value_parser!(u32).range(5..=1440))]
    pub token_minutes: Option<u32>,
    /// Largest body in MiB [default: 140]
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u32).range(1..=2048))]
    pub body_limit: Option<u32>,
    /// Largest file in MiB that is sent as it is and not within JSON [default: 10240]
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u32).range(1..=1_048_576))]
    pub content_limit: Option<u32>,
    /// Shape of answers where the public guides read another type than the reference: reference, guide or samples
    #[arg(long, value_name = "SHAPE")]
    pub shape: Option<Shape>,
    /// Let NetworkUsers transfer in their network
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    pub network_user_may_transfer: Option<bool>,
    /// Let TPUsers transfer for their id
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    pub tp_user_may_transfer: Option<bool>,
    /// Let MailboxAdmins see the keys of their mailbox's users
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    pub mailbox_admin_may_read_keys: Option<bool>,
    /// Let everybody read /metrics, and not this machine alone
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    pub open_metrics: Option<bool>,
    /// Form of the log on stderr: plain or json
    #[arg(long, value_name = "FORM")]
    pub log_format: Option<LogFormat>,
    /// What is logged: error, warn, info, debug or trace [default: info]
    #[arg(long, value_name = "LEVEL")]
    pub log_level: Option<tracing::Level>,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Plain,
    /// One JSON object a line.
    Json,
}

/// The settings file that is read when it is there.
const FILE: &str = "crossdock.toml";

/// What the flags say, upon the environment, upon the file.
pub fn gather(flags: Options, file: Option<&Path>) -> Result<Options, Failed> {
    let above = flags.over(from_environment(environment)?);
    Ok(above.over(from_file(file)?))
}

/// A variable of the environment.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Where the client's commands find their server.
pub fn client_url() -> Option<String> {
    environment("CROSSDOCK_URL")
}

/// The key of the client's commands.
pub fn client_key() -> Option<Zeroizing<String>> {
    environment("CROSSDOCK_API_KEY").map(Zeroizing::new)
}

fn from_environment(read: impl Fn(&str) -> Option<String>) -> Result<Options, Failed> {
    let variable = |name: &str| format!("CROSSDOCK_{}", name.to_ascii_uppercase());
    let given = names().into_iter().filter_map(|name| Some((name.clone(), read(&variable(&name))?)));
    parse(given.collect(), variable)
}

fn from_file(file: Option<&Path>) -> Result<Options, Failed> {
    let path = file.unwrap_or(Path::new(FILE));
    let text = match fs::read_to_string(path) {
        Ok(text) => Zeroizing::new(text),
        Err(error) if file.is_none() && error.kind() == ErrorKind::NotFound => return Ok(Options::default()),
        Err(error) => return Err(Failed(format!("{}: {error}", path.display()))),
    };
    from_toml(&text).map_err(|wrong| Failed(format!("{}: {wrong}", path.display())))
}

fn from_toml(text: &str) -> Result<Options, Failed> {
    // The parser's own message would repeat the line, which may hold a password.
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let before = error.span().map_or("", |span| text.get(..span.start).unwrap_or_default());
        Failed(format!("line {} is not TOML: {}", before.lines().count().max(1), error.message()))
    })?;
    let known = names();
    let unknown: Vec<&str> = table.keys().filter(|key| !known.contains(key)).map(String::as_str).collect();
    if !unknown.is_empty() {
        return Err(Failed(format!("unknown: {}. Known: {}", unknown.join(", "), known.join(", "))));
    }
    let given = table.into_iter().map(|(key, value)| match value {
        toml::Value::String(text) => Ok((key, text)),
        toml::Value::Integer(number) => Ok((key, number.to_string())),
        toml::Value::Boolean(yes) => Ok((key, yes.to_string())),
        toml::Value::Array(list) => {
            let texts: Option<Vec<&str>> = list.iter().map(toml::Value::as_str).collect();
            texts.map(|texts| (key.clone(), texts.join(","))).ok_or_else(|| Failed(format!("{key}: must be texts")))
        }
        _ => Err(Failed(format!("{key}: must be a text, a number or true or false"))),
    });
    parse(given.collect::<Result<_, _>>()?, str::to_owned)
}

fn command() -> clap::Command {
    Options::augment_args(clap::Command::new("crossdock").no_binary_name(true))
}

/// The names of all settings, as in the file.
fn names() -> Vec<String> {
    let long = |arg: &clap::Arg| arg.get_long().map(|long| long.replace('-', "_"));
    command().get_arguments().filter_map(long).filter(|name| name != "help").collect()
}

/// Reads names and values as if they were flags. What is wrong is told under the source's own name for it.
fn parse(given: Vec<(String, String)>, called: impl Fn(&str) -> String) -> Result<Options, Failed> {
    let mut options = Options::default();
    for (name, value) in given {
        let flag = format!("--{}={value}", name.replace('_', "-"));
        let parsed = command().try_get_matches_from([flag]).and_then(|found| Options::from_arg_matches(&found));
        // clap's message repeats the value, which may be a secret.
        let one = parsed.map_err(|error| {
            let source = std::error::Error::source(&error).map(ToString::to_string);
            Failed(format!(
                "{} has a value that cannot be used{}",
                called(&name),
                source.map_or(String::new(), |s| format!(": {s}"))
            ))
        })?;
        options = one.over(options);
    }
    Ok(options)
}

impl Options {
    /// These, and where they say nothing, the ones below.
    fn over(self, below: Self) -> Self {
        Self {
            data: self.data.or(below.data),
            listen: self.listen.or(below.listen),
            database_url: self.database_url.or(below.database_url),
            content: self.content.or(below.content),
            tls_cert: self.tls_cert.or(below.tls_cert),
            tls_key: self.tls_key.or(below.tls_key),
            behind_proxy: self.behind_proxy.or(below.behind_proxy),
            master_key: self.master_key.or(below.master_key),
            rate_limit: self.rate_limit.or(below.rate_limit),
            token_minutes: self.token_minutes.or(below.token_minutes),
            body_limit: self.body_limit.or(below.body_limit),
            content_limit: self.content_limit.or(below.content_limit),
            shape: self.shape.or(below.shape),
            network_user_may_transfer: self.network_user_may_transfer.or(below.network_user_may_transfer),
            tp_user_may_transfer: self.tp_user_may_transfer.or(below.tp_user_may_transfer),
            mailbox_admin_may_read_keys: self.mailbox_admin_may_read_keys.or(below.mailbox_admin_may_read_keys),
            open_metrics: self.open_metrics.or(below.open_metrics),
            log_format: self.log_format.or(below.log_format),
            log_level: self.log_level.or(below.log_level),
        }
    }

    /// Where to listen.
    pub fn listen(&self) -> SocketAddr {
        self.listen.unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)))
    }

    /// The data folder, which has no default: what is kept must not depend on where the program was started.
    pub fn data(&self) -> Result<&Path, Failed> {
        let missing = || Failed("there is no data folder: name one with --data DIR".into());
        self.data.as_deref().ok_or_else(missing)
    }

    /// Certificate and key, if TLS is spoken here. Refuses to speak plainly to the world.
    pub fn tls(&self) -> Result<Option<(&Path, &Path)>, Failed> {
        let listen = self.listen();
        match (&self.tls_cert, &self.tls_key) {
            (Some(cert), Some(key)) => Ok(Some((cert, key))),
            (Some(_), None) => Err(Failed("--tls-cert needs --tls-key as well".into())),
            (None, Some(_)) => Err(Failed("--tls-key needs --tls-cert as well".into())),
            (None, None) if listen.ip().is_loopback() => Ok(None),
            (None, None) if self.behind_proxy.as_ref().is_some_and(|p| !p.is_empty()) => Ok(None),
            (None, None) => Err(Failed(format!(
                "{listen} can be reached from other machines, and keys would cross the network in the clear. Either \
                 speak TLS here (--tls-cert FILE --tls-key FILE), or name the proxy that does in front of it \
                 (--behind-proxy CIDR), or listen on 127.0.0.1"
            ))),
        }
    }

    /// What the hub is to know.
    pub fn settings(&self) -> Settings {
        let mut settings = Settings::default();
        if let Some(limit) = self.rate_limit {
            settings.requests_per_credential = PerMinute(limit);
            if limit == 0 {
                settings.failures_per_address = PerMinute(0);
                settings.reveals_per_user = PerMinute(0);
            }
        }
        if let Some(minutes) = self.token_minutes {
            settings.token_life = Duration::from_secs(60 * u64::from(minutes));
        }
        if let Some(mib) = self.body_limit {
            // Base64 makes four bytes of three.
            settings.content_in_json = (u64::from(mib) << 20) / 4 * 3;
        }
        settings.shape = self.shape.unwrap_or(settings.shape);
        settings.switches = Switches {
            network_user_may_transfer: self.network_user_may_transfer.unwrap_or_default(),
            tp_user_may_transfer: self.tp_user_may_transfer.unwrap_or_default(),
            mailbox_admin_may_read_keys: self.mailbox_admin_may_read_keys.unwrap_or_default(),
        };
        settings
    }

    /// What the REST surface is to know.
    pub fn rest(&self) -> rest::Config {
        let mut config = rest::Config::default();
        if let Some(mib) = self.body_limit {
            config.limits.size = (mib as usize) << 20;
        }
        if let Some(mib) = self.content_limit {
            config.limits.content = u64::from(mib) << 20;
        }
        config.behind_proxy = self.behind_proxy.clone().unwrap_or_default();
        config.open_metrics = self.open_metrics.unwrap_or_default();
        config
    }
}

#[cfg(test)]
mod tests;
