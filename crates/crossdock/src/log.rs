//! The log, on stderr. It never holds a header, a body, a query or a panic's words: each of them may hold a secret.

use crate::config::{LogFormat, Options};
use std::panic;
use tracing_subscriber::{Layer, filter::Targets, layer::SubscriberExt, util::SubscriberInitExt};

/// Our crates. Others are heard from `warn` on, whatever is asked for: some log headers when they log in detail.
const OURS: [&str; 5] = ["crossdock", "api", "hub", "store", "edi"];

/// Begins to log. A second call changes nothing.
pub fn begin(options: &Options) {
    let level = options.log_level.unwrap_or(tracing::Level::INFO);
    let filter = Targets::new().with_default(level.min(tracing::Level::WARN)).with_targets(OURS.map(|c| (c, level)));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match options.log_format.unwrap_or_default() {
        LogFormat::Plain => lines.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    let _ = tracing_subscriber::registry().with(lines.with_filter(filter)).try_init();
    panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "a panic: this is a fault in Crossdock");
    }));
}
