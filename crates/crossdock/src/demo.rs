//! `crossdock demo`.
use crate::Failed;
/// Flags.
#[derive(clap::Args)]
pub struct Demo {
    /// End when all is shown
    #[arg(long)]
    once: bool,
}
/// Runs.
pub async fn run(demo: Demo) -> Result<(), Failed> {
    let _ = demo.once;
    Ok(())
}
