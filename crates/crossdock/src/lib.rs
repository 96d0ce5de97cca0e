//! Crossdock, a self-hosted EDI network in one binary: the surfaces, the workers, the configuration and the command line
//! around the hub.

pub mod cli;
pub mod config;
pub mod openapi;
pub mod rest;
pub mod serve;

mod audit;
mod client;
mod demo;
mod failed;
mod inspect;
mod keys;
mod log;
mod out;
mod patience;
mod private;
mod workers;

pub use failed::Failed;
