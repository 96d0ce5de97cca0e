//! Content too large for a row, each in a file of its own.
//!
//! A file appears under its name whole and durable or not at all: it is written under a temporary name, synced,
//! renamed, and its folder synced. Only then may a row name it. Names are random; nothing a user sends is ever part of
//! a path, and two equal contents never share a file.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::db::{Arg, Cell, Col, Value};
use crate::error::{Error, Result};

/// Content up to this length lies in its row.
pub const ROW_LIMIT: usize = 64 * 1024;

const STAGING: &str = "staging";

/// The folder of content files, which the nodes of a store share. Clones are one.
#[derive(Clone, Debug)]
pub struct Files {
    root: Arc<Path>,
    /// Where this node writes.
    staging: Arc<Path>,
}

/// The name of a content file: 32 lower-case hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(String);

impl Name {
    /// Reads a name, as a row holds it.
    ///
    /// # Errors
    /// [`Error::Internal`] when it is none; it never touches a path then.
    pub fn parse(text: &str) -> Result<Self> {
        let hexadecimal = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if text.len() == 32 && text.bytes().all(hexadecimal) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::internal("this is no name of a content file"))
        }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    #[expect(clippy::disallowed_methods, reason = "a name must be new on this disk whatever a test seeds")]
    fn random() -> Self {
        Self(uuid::Uuid::new_v4().simple().to_string())
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Arg for Name {
    fn value(&self) -> Value<'_> {
        Value::Text(&self.0)
    }
}

impl Col for Name {
    fn from_cell(cell: Cell<'_>) -> Result<Self, String> {
        Self::parse(&String::from_cell(cell)?).map_err(|error| error.to_string())
    }
}

/// A file that is durable, as a row should hold it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Where it lies.
    pub name: Name,
    /// Its length.
    pub bytes: u64,
    /// Its BLAKE3 hash.
    pub blake3: [u8; 32],
}

impl Files {
    /// Opens the folder for a node, makes it where there is none, and removes what a crash of this node left half written.
    ///
    /// # Errors
    /// [`Error::Full`] or [`Error::Unavailable`].
    pub fn open(folder: &Path, node: &str) -> Result<Self> {
        let staging = folder.join(STAGING).join(node);
        if !staging.is_dir() {
            fs::create_dir_all(&staging)?;
            for new in [staging.parent(), Some(folder), folder.parent()].into_iter().flatten() {
                if !new.as_os_str().is_empty() {
                    sync_folder(new)?;
                }
            }
        }
        for entry in fs::read_dir(&staging)? {
            fs::remove_file(entry?.path())?;
        }
        Ok(Self { root: folder.into(), staging: staging.into() })
    }

    /// Whether no node has ever finished a file here.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub fn is_empty(&self) -> Result<bool> {
        Ok(folders(&self.root)?.is_empty())
    }

    /// Begins a file that is written piece by piece. The calls block.
    ///
    /// # Errors
    /// [`Error::Full`] or [`Error::Unavailable`].
    pub fn writer(&self) -> Result<Writer> {
        let name = Name::random();
        let staged = self.staging.join(name.as_str());
        let file = File::options().write(true).create_new(true).open(&staged)?;
        let hash = blake3::Hasher::new();
        Ok(Writer { files: self.clone(), name, staged: Some(staged), file, bytes: 0, hash, failed: false })
    }

    /// The content, to be read piece by piece. Blocks.
    ///
    /// # Errors
    /// [`Error::Unavailable`], also when there is no such file: a row named it, so it should be there.
    pub fn open_file(&self, name: &Name) -> Result<File> {
        Ok(File::open(self.path(name))?)
    }

    /// Removes a file. One that is not there is no error: a removal may be repeated.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn remove(&self, name: &Name) -> Result<()> {
        let path = self.path(name);
        blocking(move || match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        })
        .await
    }

    /// The names of all files that were written at least so long ago, for the sweep of what no row names.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn list_older_than(&self, age: Duration) -> Result<Vec<Name>> {
        let root = Arc::clone(&self.root);
        blocking(move || {
            let mut old = Vec::new();
            for outer in folders(&root)? {
                for inner in folders(&outer)? {
                    old_files(&inner, age, &mut old)?;
                }
            }
            Ok(old)
        })
        .await
    }

    fn path(&self, name: &Name) -> PathBuf {
        let (outer, rest) = name.as_str().split_at(2);
        let (inner, _) = rest.split_at(2);
        self.root.join(outer).join(inner).join(name.as_str())
    }

    /// Makes sure the folder of a file is there, and durable.
    fn folder(&self, path: &Path) -> Result<PathBuf> {
        let folder = path.parent().ok_or_else(|| Error::internal("a content file without a folder"))?.to_owned();
        let outer = folder.parent().ok_or_else(|| Error::internal("a content file without a folder"))?;
        // Existing is not enough: whoever made the folder may have failed to sync its parent.
        for (folder, parent) in [(outer, &*self.root), (&folder, outer)] {
            match fs::create_dir(folder) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error.into()),
                _ => sync_folder(parent)?,
            }
        }
        Ok(folder)
    }
}

/// A file that is being written. Dropped unfinished, it leaves nothing.
#[derive(Debug)]
pub struct Writer {
    files: Files,
    name: Name,
    staged: Option<PathBuf>,
    file: File,
    bytes: u64,
    hash: blake3::Hasher,
    failed: bool,
}

impl Writer {
    /// Adds a piece. Blocks.
    ///
    /// # Errors
    /// [`Error::Full`] or [`Error::Unavailable`]; the file cannot be finished then.
    pub fn write(&mut self, piece: &[u8]) -> Result<()> {
        if let Err(error) = self.file.write_all(piece) {
            self.failed = true;
            return Err(error.into());
        }
        self.hash.update(piece);
        self.bytes += piece.len() as u64;
        Ok(())
    }

    /// How much has been written.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// What was written so far, from its beginning. Blocks.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub fn read_back(&self) -> Result<File> {
        Ok(File::open(self.staged.as_deref().unwrap_or(Path::new("")))?)
    }

    /// Makes the file durable under its name. Blocks.
    ///
    /// # Errors
    /// [`Error::Full`] or [`Error::Unavailable`]; no row may name the file then.
    pub fn finish(mut self) -> Result<Stored> {
        if self.failed {
            return Err(Error::unavailable("an earlier piece of this content could not be written"));
        }
        self.file.sync_all()?;
        let path = self.files.path(&self.name);
        let folder = self.files.folder(&path)?;
        if let Some(staged) = &self.staged {
            fs::rename(staged, &path)?;
            // From here on it is the final name that must go if the rest fails.
            self.staged = Some(path);
        }
        sync_folder(&folder)?;
        self.staged = None;
        Ok(Stored { name: self.name.clone(), bytes: self.bytes, blake3: *self.hash.finalize().as_bytes() })
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if let Some(path) = &self.staged {
            // What stays behind is removed by the next start or by the sweep.
            let _ = fs::remove_file(path);
        }
    }
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// The folders with a two-digit name.
fn folders(parent: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(parent)? {
        let entry = entry?;
        if entry.file_name().len() == 2 && entry.file_type()?.is_dir() {
            found.push(entry.path());
        }
    }
    Ok(found)
}

#[expect(clippy::disallowed_methods, reason = "the age of a file is told by the clock that stamped it")]
fn old_files(folder: &Path, age: Duration, old: &mut Vec<Name>) -> Result<()> {
    let now = std::time::SystemTime::now();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Some(Ok(name)) = entry.file_name().to_str().map(Name::parse) else { continue };
        let written = match entry.metadata() {
            Ok(metadata) => metadata.modified()?,
            // Removed while we looked.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error.into()),
        };
        if now.duration_since(written).is_ok_and(|found| found >= age) {
            old.push(name);
        }
    }
    Ok(())
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(Error::Closed))
}
