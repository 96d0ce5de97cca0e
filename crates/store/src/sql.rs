//! Model types as the columns they are kept in.

use crate::db::{FromRow, Row};
use crate::error::{Error, Result};
use model::{Id, Time};

/// A text column that holds a name of an enumeration.
pub(crate) fn name<T: std::str::FromStr>(row: &Row<'_>, column: usize) -> Result<T> {
    row.get::<String>(column)?.parse().map_err(|_| Error::Row { column, why: "is no known name".into() })
}

/// An optional name.
pub(crate) fn opt_name<T: std::str::FromStr>(row: &Row<'_>, column: usize) -> Result<Option<T>> {
    match row.get::<Option<String>>(column)? {
        None => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|_| Error::Row { column, why: "is no known name".into() }),
    }
}

/// A number column that holds an id.
pub(crate) fn id<T: Id>(row: &Row<'_>, column: usize) -> Result<T> {
    T::new(row.get(column)?).ok_or_else(|| Error::Row { column, why: "is no id".into() })
}

/// An optional id.
pub(crate) fn opt_id<T: Id>(row: &Row<'_>, column: usize) -> Result<Option<T>> {
    match row.get::<Option<i64>>(column)? {
        None => Ok(None),
        Some(value) => T::new(value).map(Some).ok_or_else(|| Error::Row { column, why: "is no id".into() }),
    }
}

/// A time column.
pub(crate) fn time(row: &Row<'_>, column: usize) -> Result<Time> {
    Ok(Time(row.get(column)?))
}

/// What an `INSERT … RETURNING` gave back.
pub(crate) fn made<T>(row: Option<T>) -> Result<T> {
    row.ok_or_else(|| Error::internal("an insert gave nothing back"))
}

/// How names are compared: without letter case.
pub fn fold(text: &str) -> String {
    text.trim().to_lowercase()
}

/// One id alone in a row.
pub(crate) struct Only<T>(pub T);
impl<T: Id> FromRow for Only<T> {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        id(row, 0).map(Only)
    }
}
