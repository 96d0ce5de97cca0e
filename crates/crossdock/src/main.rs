//! The binary. Everything is in the library, where tests reach it.

use std::process::ExitCode;

/// A request makes many small things that live as long as it does, which is what this allocator is good at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    crossdock::cli::run()
}
