//! What lies in folders beside the store: private files, the node's name, the mark of the content folder.

use crate::{Chance, Error, StartError};
use std::{fs, io::Write, path::Path};
use store::{Db, Tx};

/// The file in the content folder, and the name of the row in the store, that hold the same mark. It is no
/// secret; it lies among the secrets because that is where the store keeps what there is one of.
pub(crate) const MARK: &str = "store-mark";

/// Makes sure that the content folder is that of the store: a node that looks for content elsewhere would not find what
/// others took in, and would sweep away what is another store's.
pub(crate) async fn own_content(db: &Db, folder: &Path, empty: bool, chance: &Chance) -> Result<(), StartError> {
    let file = folder.join(MARK);
    let found = || fs::read_to_string(&file).ok().map(|mark| mark.trim().to_owned());
    let known = |tx: &mut Tx<'_>| Ok::<_, Error>(store::secrets::find(tx, MARK)?);
    let mut mark = db.read(known).await?;
    if mark.is_none() {
        let new = match found() {
            Some(_) if !empty => return Err(StartError::ForeignContent(folder.to_owned(), None)),
            // A first start that broke off.
            Some(found) => found,
            None => uuid::Uuid::from_bytes(chance.bytes()?).to_string(),
        };
        write_private(&file, &new)?;
        let text = new.clone();
        if db.write(move |tx| Ok::<_, Error>(store::secrets::insert(tx, MARK, text.as_bytes())?)).await? {
            // Another node that starts at the same time may have written its own.
            write_private(&file, &new)?;
        }
        mark = db.read(known).await?;
    }
    let mark = mark.map(|mark| String::from_utf8_lossy(&mark).into_owned());
    if found() == mark { Ok(()) } else { Err(StartError::ForeignContent(folder.to_owned(), mark)) }
}

/// What this node calls itself in leases: the same after every start, so that a node that was killed takes its own leases
/// back at once and does not wait for their end. The folder's lock makes it the name of one process at a time.
pub(crate) fn node_name(folder: &Path, chance: &Chance) -> Result<String, StartError> {
    let file = folder.join("node");
    if let Ok(name) = fs::read_to_string(&file)
        && uuid::Uuid::try_parse(name.trim()).is_ok()
    {
        return Ok(name.trim().to_owned());
    }
    let name = uuid::Uuid::from_bytes(chance.bytes()?).to_string();
    write_private(&file, &name)?;
    Ok(name)
}

/// Writes a file that only its owner can read, durable under its name.
pub(crate) fn write_private(file: &Path, text: &str) -> Result<(), StartError> {
    let failed = |error| StartError::File(file.to_owned(), error);
    let folder = file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let temporary = file.with_extension("new");
    let _ = fs::remove_file(&temporary);
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = options.open(&temporary).map_err(failed)?;
    out.write_all(text.as_bytes()).and_then(|()| out.sync_all()).map_err(failed)?;
    fs::rename(&temporary, file).map_err(failed)?;
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
}
