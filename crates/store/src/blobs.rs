//! Content of parcels: in its row when small, else in a file that was durable before the row (ruling 13).

use crate::{
    db::{FromRow, Row, Tx},
    error::Result,
    sql::made,
};

pub(crate) const STATEMENTS: &[&str] = &[INSERT, FIND, NUMBER, FILE_KNOWN];

const INSERT: &str = "INSERT INTO blobs (byte_count, blake3, content, file) VALUES ($1, $2, $3, $4) RETURNING blob_id";
const FIND: &str = "SELECT b.byte_count, b.blake3, b.content, b.file FROM blobs b
    JOIN parcels p ON p.blob_id = b.blob_id WHERE p.parcel_id = $1";
const NUMBER: &str = "SELECT blob_id FROM parcels WHERE parcel_id = $1";
const FILE_KNOWN: &str = "SELECT blob_id FROM blobs WHERE file = $1";

/// Content as it is kept.
#[derive(Clone, Debug)]
pub struct Blob {
    /// Size.
    pub bytes: i64,
    /// Its BLAKE3 hash.
    pub blake3: Vec<u8>,
    /// Where the bytes are.
    pub place: Place,
}

/// Where content lies.
#[derive(Clone, Debug)]
pub enum Place {
    /// In the row.
    Row(Vec<u8>),
    /// In a file of the content folder.
    File(String),
}

impl FromRow for Blob {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        let place = match (row.get::<Option<Vec<u8>>>(2)?, row.get::<Option<String>>(3)?) {
            (Some(content), None) => Place::Row(content),
            (None, Some(file)) => Place::File(file),
            _ => return Err(crate::Error::Row { column: 2, why: "is neither here nor in a file".into() }),
        };
        Ok(Self { bytes: row.get(0)?, blake3: row.get(1)?, place })
    }
}

/// Keeps content.
pub fn insert(tx: &mut Tx<'_>, blob: &Blob) -> Result<i64> {
    let (content, file) = match &blob.place {
        Place::Row(content) => (Some(content.as_slice()), None),
        Place::File(file) => (None, Some(file.as_str())),
    };
    made(tx.one::<i64>(INSERT, &[&blob.bytes, &blob.blake3.as_slice(), &content, &file])?)
}

/// The content a parcel was cut from.
pub fn of_parcel(tx: &mut Tx<'_>, parcel: model::ParcelId) -> Result<Option<Blob>> {
    tx.one(FIND, &[&model::Id::get(parcel)])
}

/// The number of the content a parcel was cut from.
pub fn number_of_parcel(tx: &mut Tx<'_>, parcel: model::ParcelId) -> Result<i64> {
    made(tx.one::<i64>(NUMBER, &[&model::Id::get(parcel)])?)
}

/// Whether anything refers to a file of the content folder.
pub fn file_known(tx: &mut Tx<'_>, file: &str) -> Result<bool> {
    Ok(tx.one::<i64>(FILE_KNOWN, &[&file])?.is_some())
}
