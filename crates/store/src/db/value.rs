//! Arguments that go into a statement and cells that come out of a row, the same on both engines.

use bytes::BytesMut;
use postgres::types::{FromSql, IsNull, ToSql, Type};
use rusqlite::types::{ToSqlOutput, ValueRef};

use crate::error::{Error, Result, Source};

/// One argument of a statement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// Nothing.
    Null,
    /// BOOLEAN.
    Bool(bool),
    /// BIGINT.
    Int(i64),
    /// DOUBLE PRECISION.
    Real(f64),
    /// TEXT.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
}

/// What may be an argument of a statement.
pub trait Arg: Sync {
    /// The argument as the engines know it.
    fn value(&self) -> Value<'_>;
}

macro_rules! arg {
    ($($type:ty: $this:ident => $value:expr;)*) => {$(
        impl Arg for $type {
            fn value(&self) -> Value<'_> {
                let $this = self;
                $value
            }
        }
    )*};
}
arg! {
    bool: this => Value::Bool(*this);
    i64: this => Value::Int(*this);
    f64: this => Value::Real(*this);
    str: this => Value::Text(this);
    String: this => Value::Text(this);
    [u8]: this => Value::Bytes(this);
    Vec<u8>: this => Value::Bytes(this);
}
impl<const N: usize> Arg for [u8; N] {
    fn value(&self) -> Value<'_> {
        Value::Bytes(self)
    }
}
impl<T: Arg> Arg for Option<T> {
    fn value(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Null, Arg::value)
    }
}
impl<T: Arg + ?Sized> Arg for &T {
    fn value(&self) -> Value<'_> {
        (**self).value()
    }
}

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match *self {
            Value::Null => ValueRef::Null,
            Value::Bool(b) => ValueRef::Integer(i64::from(b)),
            Value::Int(i) => ValueRef::Integer(i),
            Value::Real(f) => ValueRef::Real(f),
            Value::Text(s) => ValueRef::Text(s.as_bytes()),
            Value::Bytes(b) => ValueRef::Blob(b),
        }))
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Source> {
        match *self {
            Value::Null => Ok(IsNull::Yes),
            Value::Bool(b) => b.to_sql_checked(ty, out),
            Value::Int(i) if *ty == Type::INT4 => i32::try_from(i)?.to_sql(ty, out),
            Value::Int(i) if *ty == Type::INT2 => i16::try_from(i)?.to_sql(ty, out),
            Value::Int(i) => i.to_sql_checked(ty, out),
            Value::Real(f) => f.to_sql_checked(ty, out),
            Value::Text(s) => s.to_sql_checked(ty, out),
            Value::Bytes(b) => b.to_sql_checked(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    postgres::types::to_sql_checked!();
}

/// One cell of a row.
pub type Cell<'a> = Value<'a>;

impl<'a> From<ValueRef<'a>> for Value<'a> {
    fn from(value: ValueRef<'a>) -> Self {
        match value {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(i) => Value::Int(i),
            ValueRef::Real(f) => Value::Real(f),
            // SQLite does not check the encoding; what is no text shows as bytes and fails as such.
            ValueRef::Text(t) => std::str::from_utf8(t).map_or(Value::Bytes(t), Value::Text),
            ValueRef::Blob(b) => Value::Bytes(b),
        }
    }
}

impl<'a> FromSql<'a> for Value<'a> {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Source> {
        Ok(match *ty {
            Type::BOOL => Value::Bool(bool::from_sql(ty, raw)?),
            Type::INT8 => Value::Int(i64::from_sql(ty, raw)?),
            Type::INT4 => Value::Int(i64::from(i32::from_sql(ty, raw)?)),
            Type::INT2 => Value::Int(i64::from(i16::from_sql(ty, raw)?)),
            Type::FLOAT8 => Value::Real(f64::from_sql(ty, raw)?),
            Type::FLOAT4 => Value::Real(f64::from(f32::from_sql(ty, raw)?)),
            Type::BYTEA => Value::Bytes(raw),
            _ => Value::Text(<&str>::from_sql(ty, raw)?),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Source> {
        Ok(Value::Null)
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::BOOL | Type::INT8 | Type::INT4 | Type::INT2 | Type::FLOAT8 | Type::FLOAT4 | Type::BYTEA)
            || <&str as FromSql>::accepts(ty)
    }
}

impl Value<'_> {
    fn kind(&self) -> &'static str {
        match self {
            Value::Null => "NULL",
            Value::Bool(_) => "a boolean",
            Value::Int(_) => "an integer",
            Value::Real(_) => "a real number",
            Value::Text(_) => "text",
            Value::Bytes(_) => "bytes",
        }
    }
}

/// What may be read from a cell.
pub trait Col: Sized {
    /// Reads the cell.
    ///
    /// # Errors
    /// What was expected and what was there, never the value itself.
    fn from_cell(cell: Cell<'_>) -> Result<Self, String>;
}

macro_rules! col {
    ($($type:ty, $expected:literal: $($pattern:pat $(if $guard:expr)? => $value:expr),+;)*) => {$(
        impl Col for $type {
            fn from_cell(cell: Cell<'_>) -> Result<Self, String> {
                match cell {
                    $($pattern $(if $guard)? => Ok($value),)+
                    other => Err(format!("expected {}, found {}", $expected, other.kind())),
                }
            }
        }
    )*};
}
// SQLite has no booleans: they lie there as 0 and 1.
col! {
    bool, "a boolean": Value::Bool(b) => b, Value::Int(i) if i == 0 || i == 1 => i == 1;
    i64, "an integer": Value::Int(i) => i;
    f64, "a real number": Value::Real(f) => f;
    String, "text": Value::Text(s) => s.to_owned();
    Vec<u8>, "bytes": Value::Bytes(b) => b.to_vec();
}
impl<const N: usize> Col for [u8; N] {
    fn from_cell(cell: Cell<'_>) -> Result<Self, String> {
        match cell {
            Value::Bytes(b) => b.try_into().map_err(|_| format!("expected {N} bytes, found {}", b.len())),
            other => Err(format!("expected {N} bytes, found {}", other.kind())),
        }
    }
}
impl<T: Col> Col for Option<T> {
    fn from_cell(cell: Cell<'_>) -> Result<Self, String> {
        match cell {
            Value::Null => Ok(None),
            cell => T::from_cell(cell).map(Some),
        }
    }
}

/// A row in the engine's hands.
#[derive(Clone, Copy)]
pub struct Row<'a>(pub(super) Raw<'a>);

#[derive(Clone, Copy)]
pub(super) enum Raw<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a postgres::Row),
}

impl Row<'_> {
    /// Reads a column by its position, from 0.
    ///
    /// # Errors
    /// [`Error::Row`] when there is no such column or it holds something else.
    pub fn get<T: Col>(&self, column: usize) -> Result<T> {
        let cell = match self.0 {
            Raw::Sqlite(row) => row.get_ref(column).map(Value::from).map_err(|e| e.to_string()),
            Raw::Postgres(row) if column >= row.len() => Err("no such column".to_owned()),
            Raw::Postgres(row) => row.try_get(column).map_err(|e| e.to_string()),
        };
        cell.and_then(T::from_cell).map_err(|why| Error::Row { column, why })
    }
}

/// What may be read from a row.
pub trait FromRow: Sized {
    /// Reads the row.
    ///
    /// # Errors
    /// [`Error::Row`], see [`Row::get`].
    fn from_row(row: &Row<'_>) -> Result<Self>;
}

impl<T: Col> FromRow for T {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        row.get(0)
    }
}

macro_rules! tuples {
    ($($($name:ident $column:literal),+;)*) => {$(
        impl<$($name: Col),+> FromRow for ($($name,)+) {
            fn from_row(row: &Row<'_>) -> Result<Self> {
                Ok(($(row.get::<$name>($column)?,)+))
            }
        }
    )*};
}
tuples! {
    A 0;
    A 0, B 1;
    A 0, B 1, C 2;
    A 0, B 1, C 2, D 3;
    A 0, B 1, C 2, D 3, F 4;
    A 0, B 1, C 2, D 3, F 4, G 5;
    A 0, B 1, C 2, D 3, F 4, G 5, H 6;
    A 0, B 1, C 2, D 3, F 4, G 5, H 6, I 7;
}
