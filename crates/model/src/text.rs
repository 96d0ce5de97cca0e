//! Texts from outside, as newtypes that parse. The message of a refusal says what is allowed; the reader adds the field.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de};
use std::{borrow::Cow, fmt};
use zeroize::Zeroizing;

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $max:expr, $what:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);
        impl $name {
            /// The text, trimmed, when it is allowed; else what is.
            pub fn parse(text: &str) -> Result<Self, &'static str> {
                let text = text.trim();
                let allowed: fn(&str) -> bool = $check;
                if text.chars().count() <= $max && !text.chars().any(char::is_control) && allowed(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err($what)
                }
            }
            /// The text.
            pub fn as_str(&self) -> &str { &self.0 }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                Self::parse(&Cow::<str>::deserialize(d)?).map_err(de::Error::custom)
            }
        }
        impl JsonSchema for $name {
            fn inline_schema() -> bool { true }
            fn schema_name() -> Cow<'static, str> { stringify!($name).into() }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "maxLength": $max, "description": $what })
            }
        }
    };
}

text!(
    /// A login name, unique within a network in any letter case (decision A2).
    Login, 100, "must be 1 to 100 characters without blanks or control characters",
    |t| !t.is_empty() && !t.contains(char::is_whitespace));
text!(
    /// An e-mail address: something, one `@`, a host.
    Email, 254, "must be an e-mail address such as name@example.com",
    |t| t.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
        && !t.contains(char::is_whitespace));
text!(
    /// A first or last name; may be empty.
    PersonName, 100, "must be at most 100 characters", |_| true);
text!(
    /// A company's name.
    CompanyName, 200, "must be 1 to 200 characters", |t| !t.is_empty());
text!(
    /// The short name of a network or mailbox (decision F2).
    UniqueId, 32, "must be 1 to 32 letters, digits or hyphens",
    |t| !t.is_empty() && t.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
text!(
    /// The qualifier of an EDI address: up to 4 characters, empty where the standard has none.
    Qualifier, 4, "must be at most 4 characters without blanks", |t| !t.contains(char::is_whitespace));
text!(
    /// An EDI address without its qualifier: up to 35 characters (EDIFACT 0004).
    EdiId, 35, "must be 1 to 35 characters", |t| !t.is_empty());
text!(
    /// A free description; may be empty.
    Description, 500, "must be at most 500 characters", |_| true);
text!(
    /// The name of an uploaded file. It is data only and never becomes a path.
    FileName, 255, "must be 1 to 255 characters without control characters", |t| !t.is_empty());

/// A password as given. It is wiped from memory when dropped, and nothing prints it.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);
impl Password {
    /// What a new password must be (decision A12).
    pub const RULE: &'static str =
        "must be 8 to 256 characters with a lower case letter, an upper case letter, a digit and another character";

    /// Wraps a password that is only to be compared.
    pub fn given(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }
    /// Whether it may become somebody's password.
    pub fn is_strong(&self) -> bool {
        let has = |test: fn(&char) -> bool| self.0.chars().any(|c| test(&c));
        let length = self.0.chars().count();
        (8..=256).contains(&length)
            && has(char::is_ascii_lowercase)
            && has(char::is_ascii_uppercase)
            && has(char::is_ascii_digit)
            && has(|c| !c.is_ascii_alphanumeric())
    }
    /// The bytes to hash.
    pub fn expose(&self) -> &[u8] {
        self.0.as_bytes()
    }
}
impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}
impl<'de> Deserialize<'de> for Password {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Ok(Self(Zeroizing::new(String::deserialize(d)?)))
    }
}
impl JsonSchema for Password {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Password".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "password" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strong_password_has_four_classes_and_eight_characters() {
        for (text, strong) in [
            ("Abcdef1!", true),
            ("Abcde1!", false),
            ("abcdef1!", false),
            ("ABCDEF1!", false),
            ("Abcdefg!", false),
            ("Abcdefg1", false),
            ("Äbcdef1 a", false),
            ("Abcdef1é", true),
        ] {
            assert_eq!(Password::given(text).is_strong(), strong, "{text}");
        }
    }

    #[test]
    fn texts_are_trimmed_and_bounded() {
        assert_eq!(Login::parse(" jo ").unwrap().as_str(), "jo");
        assert!(Login::parse("j o").is_err() && Login::parse("").is_err());
        assert!(Email::parse("a@b").is_ok() && Email::parse("a@b@c").is_err() && Email::parse("ab").is_err());
        assert!(FileName::parse("../x").is_ok() && FileName::parse("a\0b").is_err());
        assert!(UniqueId::parse("ACME-EDI-01").is_ok() && UniqueId::parse("ACME_1").is_err());
    }
}
