//! One value of an input, read as what its field wants.

use super::{Object, Wrong, object};
use serde::de::{self, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// A value as it was given.
#[derive(Clone)]
pub(super) enum Raw<'a> {
    /// JSON text.
    Json(&'a str),
    /// Text of a path or query.
    Text(Cow<'a, str>),
}

impl<'a> Raw<'a> {
    pub(super) fn is_null(&self) -> bool {
        matches!(self, Self::Json("null"))
    }

    /// Whether two values mean the same: `1` and `"1"` do.
    pub(super) fn means(&self, other: &Self) -> bool {
        self.scalar() == other.scalar()
    }

    /// The text of a string, or the letters of anything else.
    fn scalar(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Json(json) => unquoted(json).unwrap_or(Cow::Borrowed(json)),
        }
    }

    fn is_quoted(&self) -> bool {
        matches!(self, Self::Json(json) if json.starts_with('"'))
    }

    /// A whole number. Not a boolean, no fraction, no exponent.
    fn integer(&self) -> Result<i64, Wrong> {
        let scalar = self.scalar();
        let text = scalar.trim();
        let digits = text.strip_prefix('-').unwrap_or(text);
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Wrong::new("must be a whole number, without a fraction or an exponent"));
        }
        text.parse().map_err(|_| Wrong::new("is too large a number"))
    }

    fn boolean(&self) -> Result<bool, Wrong> {
        match self.scalar().trim().to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "y" | "on" => Ok(true),
            "false" | "0" | "no" | "n" | "off" => Ok(false),
            _ => Err(Wrong::new("must be true or false")),
        }
    }

    fn text(self) -> Result<Cow<'a, str>, Wrong> {
        match self {
            Self::Text(text) => Ok(text),
            Self::Json(json) => unquoted(json).ok_or_else(|| Wrong::new("must be text, in quotes")),
        }
    }

    fn items(self) -> Result<Vec<Raw<'a>>, Wrong> {
        let wrong = || Wrong::new("must be a list in square brackets");
        match self {
            Self::Json(json) => {
                let items: Vec<&'a RawValue> = serde_json::from_str(json).map_err(|_| wrong())?;
                Ok(items.into_iter().map(|item| Raw::Json(item.get())).collect())
            }
            Self::Text(text) => Ok(text.split(',').map(|item| Raw::Text(Cow::Owned(item.to_owned()))).collect()),
        }
    }
}

/// The text of a JSON string; borrowed where it has no escapes. None for anything but a string.
fn unquoted(json: &str) -> Option<Cow<'_, str>> {
    let inner = json.strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') {
        serde_json::from_str::<String>(json).ok().map(Cow::Owned)
    } else {
        Some(Cow::Borrowed(inner))
    }
}

macro_rules! integers {
    ($($method:ident),*) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
            visitor.visit_i64(self.integer()?)
        }
    )* };
}

impl<'de> de::Deserializer<'de> for Raw<'de> {
    type Error = Wrong;

    integers!(
        deserialize_i8,
        deserialize_i16,
        deserialize_i32,
        deserialize_i64,
        deserialize_u8,
        deserialize_u16,
        deserialize_u32,
        deserialize_u64
    );

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_bool(self.boolean()?)
    }
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self.text()? {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
        }
    }
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        self.deserialize_str(visitor)
    }
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        if self.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }
    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_newtype_struct(self)
    }
    /// A name in any letter case, or its number by the contract's table; the type itself knows both.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        let number = !self.is_quoted() && matches!(self, Self::Json(_));
        if number { visitor.visit_i64(self.integer()?) } else { visitor.visit_str(&self.text()?) }
    }
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_seq(de::value::SeqDeserializer::new(self.items()?.into_iter()))
    }
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        known: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        let Self::Json(json) = self else { return Err(Wrong::new("must be a JSON object")) };
        let fields = object(json.as_bytes()).map_err(Wrong::new)?;
        Object { fields, aliases: &[] }.deserialize_struct(name, known, visitor)
    }
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_unit()
    }
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        self.deserialize_str(visitor)
    }
    serde::forward_to_deserialize_any! {
        i128 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct map identifier
    }
}

impl<'de> de::IntoDeserializer<'de, Wrong> for Raw<'de> {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}
