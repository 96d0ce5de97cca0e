//! The operations of Crossdock, one file each under `<group>/<verb>.rs`, and the catalogue of them that surfaces loop over.

mod answer;
mod auth;
mod catalogue;
mod ids;
pub mod input;
mod mailboxes;
mod networks;
mod page;
mod parcels;
mod partners;
mod users;

pub use answer::envelope;
pub use catalogue::{Body, Entry, Raw, Reply, Written, catalogue};
