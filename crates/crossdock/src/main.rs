//! Crossdock.
fn main() {}
