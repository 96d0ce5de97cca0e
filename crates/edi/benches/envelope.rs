//! Placeholder until the hand scanner is in.

fn main() {}
