//! Everything Crossdock keeps: rows on SQLite or PostgreSQL, and the content files beside them.
//!
//! [`Db`] is the engine layer: one SQL text, two engines, one contract. [`Files`] keeps content too large for a row.
//! One module for each noun holds its statements, as constants, and the functions that run them in a [`Tx`].
//! [`Lock`] makes sure that one server at a time works in a data folder.

pub mod audit;
pub mod blobs;
pub mod db;
mod error;
pub mod files;
pub mod interchanges;
pub mod keys;
pub mod leases;
pub mod lock;
pub mod mailboxes;
pub mod networks;
pub mod parcels;
pub mod partners;
mod schema;
mod scope;
pub mod secrets;
pub mod sessions;
pub mod sign_in;
mod sql;
#[cfg(feature = "testing")]
pub mod testing;
pub mod trading_ids;
pub mod users;

pub use db::{Arg, Cell, Col, Db, Engine, FromRow, Metrics, Migration, Options, Row, Tx, Value};
pub use error::{Error, Result};
pub use files::Files;
pub use lock::Lock;
pub use schema::{MIGRATIONS, statements};
pub use scope::{Page, Scope};
pub use sql::fold;
