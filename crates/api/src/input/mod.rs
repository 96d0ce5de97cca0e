//! Reads the input of an operation from path, query and body: three name spaces, lenient in dress and strict in meaning
//! (rulings 7 and 27).
//!
//! Names match in any letter case and under the documented aliases. Numbers may stand in quotes. `null` is absent. A
//! field that is given twice must be given the same; a field that nobody knows is ignored. Refusals name the field and
//! never repeat the value.

mod value;

use hub::{Error, Spec};
use serde::de::{self, DeserializeOwned, Visitor};
use serde_json::value::RawValue;
use std::{borrow::Cow, fmt};
use value::Raw;

/// What a surface was given for an operation.
#[derive(Clone, Copy)]
pub struct Parts<'a> {
    /// Path parameters: the field each fills, and its text.
    pub path: &'a [(&'static str, String)],
    /// The query as it stands behind the `?`.
    pub query: &'a str,
    /// Fields that came beside content.
    pub fields: &'a [(String, String)],
    /// The body: a JSON object, or nothing.
    pub body: &'a [u8],
}

/// Reads an input.
pub fn read<T: DeserializeOwned>(parts: Parts<'_>, spec: &Spec) -> Result<T, Error> {
    let mut fields = Vec::new();
    if !parts.body.trim_ascii().is_empty() {
        fields = object(parts.body).map_err(|reason| Error::parameter("body", reason))?;
    }
    for (name, text) in form_urlencoded::parse(parts.query.as_bytes()) {
        fields.push(Field { name, value: Raw::Text(text), exact: false });
    }
    for (name, text) in parts.fields {
        fields.push(Field { name: Cow::Borrowed(name), value: Raw::Text(Cow::Borrowed(text)), exact: false });
    }
    for (name, text) in parts.path {
        fields.push(Field { name: Cow::Borrowed(name), value: Raw::Text(Cow::Borrowed(text)), exact: true });
    }
    let input = T::deserialize(Object { fields, aliases: spec.aliases });
    input.map_err(|wrong| Error::parameter(wrong.param.unwrap_or(Cow::Borrowed("body")), wrong.reason))
}

/// A field as it was given.
struct Field<'a> {
    name: Cow<'a, str>,
    value: Raw<'a>,
    /// A path parameter: its name is the operation's own.
    exact: bool,
}

/// The members of a JSON object, unread.
fn object(json: &[u8]) -> Result<Vec<Field<'_>>, String> {
    struct Members;
    impl<'de> Visitor<'de> for Members {
        type Value = Vec<Field<'de>>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a JSON object")
        }
        fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut fields = Vec::new();
            while let Some((Text(name), value)) = map.next_entry::<Text<'de>, &'de RawValue>()? {
                fields.push(Field { name, value: Raw::Json(value.get()), exact: false });
            }
            Ok(fields)
        }
    }
    let mut reader = serde_json::Deserializer::from_slice(json);
    let fields = de::Deserializer::deserialize_map(&mut reader, Members).map_err(|e| at(&e))?;
    reader.end().map_err(|e| at(&e))?;
    Ok(fields)
}

/// Where JSON goes wrong, without what stands there.
fn at(error: &serde_json::Error) -> String {
    format!("must be one JSON object; it is not at line {}, column {}", error.line(), error.column())
}

/// A name, borrowed where it has no escapes.
struct Text<'a>(Cow<'a, str>);
impl<'de> de::Deserialize<'de> for Text<'de> {
    fn deserialize<D: de::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Borrow;
        impl<'de> Visitor<'de> for Borrow {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        d.deserialize_str(Borrow)
    }
}

/// What is wrong with an input.
#[derive(Debug)]
pub(crate) struct Wrong {
    param: Option<Cow<'static, str>>,
    reason: String,
}
impl Wrong {
    fn new(reason: impl Into<String>) -> Self {
        Self { param: None, reason: reason.into() }
    }
    fn of(self, param: &'static str) -> Self {
        Self { param: Some(self.param.unwrap_or(Cow::Borrowed(param))), ..self }
    }
}
impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}
impl std::error::Error for Wrong {}
impl de::Error for Wrong {
    fn custom<T: fmt::Display>(reason: T) -> Self {
        Self::new(reason.to_string())
    }
    fn invalid_type(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::new(format!("must be {expected}"))
    }
    fn invalid_value(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::new(format!("must be {expected}"))
    }
    fn missing_field(field: &'static str) -> Self {
        Self::new("is required").of(field)
    }
}

/// The fields of an object on their way into a struct.
struct Object<'a> {
    fields: Vec<Field<'a>>,
    aliases: &'static [(&'static str, &'static str)],
}

impl<'a> Object<'a> {
    /// Each known field once, under the name the struct gives it.
    fn settle(self, known: &'static [&'static str]) -> Result<Vec<(&'static str, Raw<'a>)>, Wrong> {
        let mut settled: Vec<(&'static str, Raw<'a>)> = Vec::with_capacity(self.fields.len());
        for field in self.fields {
            let alias = self.aliases.iter().find(|(alias, _)| !field.exact && alias.eq_ignore_ascii_case(&field.name));
            let wanted = alias.map_or(&*field.name, |(_, name)| name);
            let Some(name) = known.iter().find(|name| name.eq_ignore_ascii_case(wanted)) else { continue };
            if field.value.is_null() {
                continue;
            }
            match settled.iter().find(|(other, _)| other == name) {
                None => settled.push((name, field.value)),
                Some((_, other)) if other.means(&field.value) => {}
                Some(_) => return Err(Wrong::new("is given twice with different values").of(name)),
            }
        }
        Ok(settled)
    }
}

impl<'de> de::Deserializer<'de> for Object<'de> {
    type Error = Wrong;
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        known: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        visitor.visit_map(Settled { fields: self.settle(known)?.into_iter(), value: None })
    }
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_map(Settled { fields: Vec::new().into_iter(), value: None })
    }
    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_unit()
    }
    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit newtype_struct
        seq tuple tuple_struct map enum identifier ignored_any
    }
}

/// Hands settled fields to a struct, and puts the field's name to whatever is wrong with its value.
struct Settled<'a> {
    fields: std::vec::IntoIter<(&'static str, Raw<'a>)>,
    value: Option<(&'static str, Raw<'a>)>,
}
impl<'de> de::MapAccess<'de> for Settled<'de> {
    type Error = Wrong;
    fn next_key_seed<K: de::DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Wrong> {
        let Some((name, value)) = self.fields.next() else { return Ok(None) };
        self.value = Some((name, value));
        seed.deserialize(de::value::BorrowedStrDeserializer::new(name)).map(Some)
    }
    fn next_value_seed<S: de::DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Wrong> {
        let (name, value) = self.value.take().ok_or_else(|| Wrong::new("has no value"))?;
        seed.deserialize(value).map_err(|wrong| wrong.of(name))
    }
}

#[cfg(test)]
mod tests;
