//! The operations of Crossdock, one file each under `<group>/<verb>.rs`, and the catalogue of them that surfaces loop over.

mod answer;
mod auth;
mod catalogue;
pub mod input;
mod ids;
mod mailboxes;
mod networks;
mod parcels;
mod partners;
mod users;

pub use answer::envelope;
pub use catalogue::{Entry, Raw, Reply, catalogue};
