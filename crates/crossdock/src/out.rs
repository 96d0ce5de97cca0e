//! What commands say on stdout. A reader that has gone, as `head` does, is no failure of ours.

use std::{fmt::Display, io::Write};

/// Writes a line.
pub fn line(text: impl Display) {
    let _ = writeln!(std::io::stdout(), "{text}");
}
