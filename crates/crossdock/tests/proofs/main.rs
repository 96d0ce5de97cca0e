//! Proofs against the real binary over real HTTP: revocation races and kills. The default run is a small share; the full
//! size is set by `CROSSDOCK_ROUNDS` (regenerations) and `CROSSDOCK_KILLS`.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a proof stops at the first surprise, is sized by its environment, and says what it counted"
)]

mod http;
mod kill;
mod race;
mod server;

/// A number from the environment, or the size of the default run.
fn size(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(default)
}
