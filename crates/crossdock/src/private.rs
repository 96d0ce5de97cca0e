//! Files and folders for their owner alone.

use crate::Failed;
use std::{
    fs::{DirBuilder, OpenOptions},
    io::Write,
    path::Path,
};

/// Makes a folder, and those above it, if they are not there.
pub fn folder(path: &Path) -> Result<(), Failed> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| Failed::at(path, &error))
}

/// Writes a new file, or writes over what was in it.
pub fn file(path: &Path, content: &[u8]) -> Result<(), Failed> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| file.write_all(content));
    written.map_err(|error| Failed::at(path, &error))
}

/// Shuts a folder to all others.
pub fn only_mine(path: &Path) -> Result<(), Failed> {
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        std::fs::set_permissions(path, mode).map_err(|error| Failed::at(path, &error))?;
    }
    Ok(())
}
