//! Numeric ids. The contract documents two widths: `int` (1…2³¹−1) and `long` (1…2⁵³−1, ruling 11).

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{borrow::Cow, fmt};

/// The largest documented `int` id.
pub const INT_MAX: i64 = i32::MAX as i64;
/// The largest documented `long` id: every JSON reader keeps it exact.
pub const LONG_MAX: i64 = (1 << 53) - 1;

/// A numeric id: a newtype over `i64` within `1..=Self::MAX`.
pub trait Id: Copy + Eq {
    /// The largest value.
    const MAX: i64;
    /// The id, when `value` is in range.
    fn new(value: i64) -> Option<Self>;
    /// The number.
    fn get(self) -> i64;
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $max:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(i64);
        impl Id for $name {
            const MAX: i64 = $max;
            fn new(value: i64) -> Option<Self> {
                (1..=Self::MAX).contains(&value).then_some(Self(value))
            }
            fn get(self) -> i64 {
                self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_i64(self.0)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let value = i64::deserialize(d)?;
                Self::new(value).ok_or_else(|| de::Error::custom(format_args!("must be from 1 to {}", Self::MAX)))
            }
        }
        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "integer", "format": if $max == INT_MAX { "int32" } else { "int64" }, "minimum": 1, "maximum": $max })
            }
        }
    };
}

id!(
    /// A network: the company or operator that owns mailboxes.
    NetworkId, INT_MAX);
id!(
    /// A mailbox of a network.
    MailboxId, INT_MAX);
id!(
    /// A user.
    UserId, INT_MAX);
id!(
    /// A stored key of a user.
    KeyId, INT_MAX);
id!(
    /// The numeric ECGrid ID of a trading partner's EDI address (`ecGridId` on the wire).
    TradingId, INT_MAX);
id!(
    /// A partnership between two trading ids (`interconnectId` on the wire).
    PartnerId, INT_MAX);
id!(
    /// A parcel: one file, on its way out or in.
    ParcelId, LONG_MAX);
id!(
    /// An interchange: one EDI envelope.
    InterchangeId, LONG_MAX);

/// An id field in which `0` is a documented sentinel ("none" or "all"): `0` reads as `None`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrZero<T>(pub Option<T>);

impl<T: Id> Serialize for OrZero<T> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_i64(self.0.map_or(0, Id::get))
    }
}
impl<'de, T: Id> Deserialize<'de> for OrZero<T> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        match i64::deserialize(d)? {
            0 => Ok(Self(None)),
            value => T::new(value)
                .map(|id| Self(Some(id)))
                .ok_or_else(|| de::Error::custom(format_args!("must be from 0 to {}", T::MAX))),
        }
    }
}
impl<T: Id> JsonSchema for OrZero<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "OrZero".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": 0, "maximum": T::MAX })
    }
}

/// Which mailboxes a list is about (decision F1): absent or 0 = the caller's own, where it has one, else all; −1 = all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mailboxes {
    /// The caller's own; for a network-level caller without one, all of the network.
    #[default]
    Default,
    /// All within reach.
    All,
    /// This one.
    One(MailboxId),
}
impl<'de> Deserialize<'de> for Mailboxes {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        match i64::deserialize(d)? {
            0 => Ok(Self::Default),
            -1 => Ok(Self::All),
            value => MailboxId::new(value)
                .map(Self::One)
                .ok_or_else(|| de::Error::custom(format_args!("must be from -1 to {INT_MAX}"))),
        }
    }
}
impl JsonSchema for Mailboxes {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Mailboxes".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": -1, "maximum": INT_MAX })
    }
}
