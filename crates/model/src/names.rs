//! The contract's enumerations. The order of the names is the contract's: an enum given as a number on input means the
//! name at that position, from 0 (ruling 27). Output is always the canonical name.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{borrow::Cow, fmt, str::FromStr};

/// A text is none of an enumeration's names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAName {
    names: &'static [&'static str],
}
impl fmt::Display for NotAName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "must be one of {}", self.names.join(", "))
    }
}
impl std::error::Error for NotAName {}

macro_rules! names {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$vdoc])* #[doc = concat!("`", $text, "`")] $variant),+ }
        impl $name {
            /// The names in the contract's order: the number of a name is its position here.
            pub const NAMES: &'static [&'static str] = &[$($text),+];
            /// Every value, in the same order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// The canonical name.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(self.as_str()) }
        }
        impl FromStr for $name {
            type Err = NotAName;
            fn from_str(text: &str) -> Result<Self, NotAName> {
                // The canonical spelling is what the store holds and most clients send.
                let exact = Self::NAMES.iter().position(|n| *n == text);
                let at = exact.or_else(|| Self::NAMES.iter().position(|n| n.eq_ignore_ascii_case(text.trim())));
                at.and_then(|i| Self::ALL.get(i).copied()).ok_or(NotAName { names: Self::NAMES })
            }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> { s.serialize_str(self.as_str()) }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                struct Names;
                impl de::Visitor<'_> for Names {
                    type Value = $name;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        fmt::Display::fmt(&NotAName { names: $name::NAMES }, f)
                    }
                    fn visit_str<E: de::Error>(self, text: &str) -> Result<$name, E> {
                        match text.trim().parse::<u64>() {
                            Ok(number) => self.visit_u64(number),
                            Err(_) => text.parse().map_err(E::custom),
                        }
                    }
                    fn visit_u64<E: de::Error>(self, number: u64) -> Result<$name, E> {
                        let at = usize::try_from(number).ok().and_then(|i| $name::ALL.get(i).copied());
                        at.ok_or_else(|| E::custom(NotAName { names: $name::NAMES }))
                    }
                    fn visit_i64<E: de::Error>(self, number: i64) -> Result<$name, E> {
                        self.visit_u64(u64::try_from(number).unwrap_or(u64::MAX))
                    }
                }
                d.deserialize_enum(stringify!($name), Self::NAMES, Names)
            }
        }
        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> { stringify!($name).into() }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "enum": Self::NAMES })
            }
        }
    };
}

names!(
/// The level of a user (`authLevel`). [`AuthLevel::rank`] orders it; `NoChange` is an input sentinel for updates.
AuthLevel {
    NoChange = "NoChange", Root = "Root", TechOps = "TechOps", NetOps = "NetOps", NetworkAdmin = "NetworkAdmin",
    NetworkUser = "NetworkUser", MailboxAdmin = "MailboxAdmin", MailboxUser = "MailboxUser", TpUser = "TPUser",
    General = "General",
});

impl AuthLevel {
    /// The levels a user can have, lowest first.
    pub const LADDER: [Self; 9] = [
        Self::General,
        Self::TpUser,
        Self::MailboxUser,
        Self::MailboxAdmin,
        Self::NetworkUser,
        Self::NetworkAdmin,
        Self::NetOps,
        Self::TechOps,
        Self::Root,
    ];

    /// Position on the ladder, General = 0 … Root = 8. `NoChange` is nobody's level and ranks as General.
    pub const fn rank(self) -> usize {
        match self {
            Self::NoChange | Self::General => 0,
            Self::TpUser => 1,
            Self::MailboxUser => 2,
            Self::MailboxAdmin => 3,
            Self::NetworkUser => 4,
            Self::NetworkAdmin => 5,
            Self::NetOps => 6,
            Self::TechOps => 7,
            Self::Root => 8,
        }
    }

    /// Whether users of this level belong to a network rather than to one mailbox of it.
    pub const fn is_network_level(self) -> bool {
        self.rank() >= Self::NetworkUser.rank()
    }
}

names!(
/// The life of a user, mailbox, network or id (`states.md`).
Status {
    Development = "Development", Active = "Active", Preproduction = "Preproduction", Suspended = "Suspended",
    Terminated = "Terminated",
});
names!(
    /// Which way traffic goes, seen from a mailbox.
    Direction { NoDir = "NoDir", OutBox = "OutBox", InBox = "InBox" });
names!(
/// The EDI standard of an id or interchange.
EdiStandard {
    X12 = "X12", Edifact = "EDIFACT", Tradacoms = "TRADACOMS", Vda = "VDA", Xml = "XML", Txt = "TXT", Pdf = "PDF",
    Binary = "Binary",
});
names!(
/// The life of a parcel (`states.md`).
ParcelStatus {
    InBoxReady = "InBoxReady", InBoxTransferred = "InBoxTransferred", InBoxArchived = "InBoxArchived",
    As2Receive = "as2Receive", As2Sent = "as2Sent", FtpReceived = "ftpReceived", FtpSent = "ftpSent",
    OutboxPending = "outboxPending", OutboxSent = "outboxSent", OutboxAcknowledged = "outboxAcknowledged",
    OutboxRetry = "outboxRetry", OutboxFailed = "outboxFailed", OutboxDeliveryError = "outboxDeliveryError",
    OutboxTransferred = "outboxTransferred", Cancelled = "Cancelled", VaultReady = "VaultReady",
});
names!(
/// Which routing group of the hub an id belongs to.
RoutingGroup {
    ProductionA = "ProductionA", ProductionB = "ProductionB", Migration1 = "Migration1", Migration2 = "Migration2",
    ManagedFileTransfer = "ManagedFileTransfer", Test = "Test", SuperHub = "SuperHub", Suspense1 = "Suspense1",
    Suspense2 = "Suspense2", Suspense3 = "Suspense3", NetOpsOnly1 = "NetOpsOnly1", NetOpsOnly2 = "NetOpsOnly2",
});
names!(
    /// What kind of data an id exchanges (decision G8).
    UseType { Undefined = "Undefined", Test = "Test", Production = "Production", TestAndProduction = "TestAndProduction" });
names!(
    /// Who may see and use a key (api-keys 9).
    KeyVisibility { Private = "Private", Shared = "Shared", Public = "Public", Session = "Session" });
names!(
    /// How an interconnect stands between its two sides; additive to the contract (`states.md`).
    InterconnectStatus { Pending = "Pending", Completed = "Completed", Cancelled = "Cancelled" });
names!(
    /// Which published reading of an answer's type a client expects (ruling 28).
    Shape { Reference = "reference", Guide = "guide", Samples = "samples" });
names!(
    /// Whether trading needs a partnership first (decision H1).
    RoutingPolicy { TradingPartnerPairs = "TradingPartnerPairs", Open = "Open" });
names!(
    /// What a stored key is for: the user's primary key, or one of the secondary kinds.
    KeyKind { Primary = "Primary", Private = "Private", Shared = "Shared", Public = "Public", Session = "Session" });

/// The space in which an EDI address is unique and routed (ruling 37).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NameSpace {
    /// X12 qualifiers (I05).
    X12,
    /// EDIFACT qualifiers (0007).
    Edifact,
    /// TRADACOMS, without qualifiers.
    Tradacoms,
    /// VDA numbers, matched inside the sender's mailbox.
    Vda,
    /// Everything else.
    Other,
}
impl NameSpace {
    /// The stored text.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::X12 => "X12",
            Self::Edifact => "EDIFACT",
            Self::Tradacoms => "TRADACOMS",
            Self::Vda => "VDA",
            Self::Other => "other",
        }
    }
}
impl From<EdiStandard> for NameSpace {
    fn from(standard: EdiStandard) -> Self {
        match standard {
            EdiStandard::X12 => Self::X12,
            EdiStandard::Edifact => Self::Edifact,
            EdiStandard::Tradacoms => Self::Tradacoms,
            EdiStandard::Vda => Self::Vda,
            EdiStandard::Xml | EdiStandard::Txt | EdiStandard::Pdf | EdiStandard::Binary => Self::Other,
        }
    }
}
