//! Tests from the front door: requests over the real router, a real hub beneath it, SQLite and PostgreSQL.
//!
//! The folders are those of the URLs. `contract/` at the top of the repository holds the expected truth as texts.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot go on must fail, and what is left out must be seen"
)]

mod auth;
mod contract;
mod input;
mod jobs;
mod parcels;
mod secrets;
mod support;
mod sweep;
mod tenants;
mod users;
