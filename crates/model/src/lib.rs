//! The nouns of Crossdock: ids, levels, statuses, entities and key formats. No I/O, no async.
//!
//! Values that come from outside are newtypes that parse: inside, a [`Login`] is a login and a [`UserId`] is in range.

mod entities;
mod ids;
mod key;
mod names;
mod text;
mod time;

pub use entities::*;
pub use ids::*;
pub use key::KeyText;
pub use names::*;
pub use text::*;
pub use time::*;
