//! Everything Crossdock keeps: rows on SQLite or PostgreSQL, and the content files beside them.
//!
//! [`Db`] is the engine layer: one SQL text, two engines, one contract. [`Files`] keeps content too large for a row.
//! [`Lock`] makes sure that one server at a time works in a data folder.

pub mod db;
mod error;
pub mod files;
pub mod lock;
#[cfg(feature = "testing")]
pub mod testing;

pub use db::{Arg, Cell, Col, Db, Engine, FromRow, Metrics, Migration, Options, Row, Tx, Value};
pub use error::{Error, Result};
pub use files::Files;
pub use lock::Lock;
