//! What an operation is: typed input, plain data about it, a place and a run (ruling 2).

use crate::{
    Caller, Context, Hub, Request, Result,
    access::{Place, Policy},
    content::{Accepted, Intake, Outgoing},
    door::Committed,
    seal::Sealed,
};
use model::KeyText;
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use std::{
    future::Future,
    sync::{Arc, Mutex},
};

/// The documented groups of operations, and the words of scopes (ruling 21).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the contract's groups")]
pub enum Group {
    Auth,
    Callbacks,
    CarbonCopies,
    Certificates,
    Comms,
    Ids,
    Interchanges,
    Keys,
    Mailboxes,
    Networks,
    Parcels,
    Partners,
    Portals,
    Reports,
    StatusLists,
    Users,
}
impl Group {
    /// The group as in paths and scopes.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Callbacks => "callbacks",
            Self::CarbonCopies => "carboncopies",
            Self::Certificates => "certificates",
            Self::Comms => "comms",
            Self::Ids => "ids",
            Self::Interchanges => "interchanges",
            Self::Keys => "keys",
            Self::Mailboxes => "mailboxes",
            Self::Networks => "networks",
            Self::Parcels => "parcels",
            Self::Partners => "partners",
            Self::Portals => "portals",
            Self::Reports => "reports",
            Self::StatusLists => "status-lists",
            Self::Users => "users",
        }
    }
}

/// What an operation does to the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// A point read, in place.
    Reads,
    /// Any other read: one snapshot, on a blocking thread.
    Scans,
    /// One durable unit.
    Writes,
    /// One durable unit after which a key leaves the hub: it has a limit of its own, and always a record.
    Reveals,
}
impl Effect {
    /// Whether it changes the store.
    pub const fn writes(self) -> bool {
        matches!(self, Self::Writes | Self::Reveals)
    }
}

/// What of an operation can be very large, and is therefore read or written on a blocking thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bulk {
    /// Neither input nor output: a surface takes at most a megabyte.
    Neither,
    /// The input carries content.
    Input,
    /// The output carries content.
    Output,
}

/// Which kinds of credential an operation takes, beyond the level (rulings 19 and 20).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Any that signs in, within its scopes.
    Any,
    /// None that is Shared, Public or Session: users and keys are not administered with those.
    Personal,
    /// Only those that may see a key: primary keys, Private keys with `keys:reveal`, tokens of a password sign-in.
    Revealing,
}

/// Method and path. A path parameter is written `{field}` with the input field it fills (ruling 7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rest {
    /// HTTP method.
    pub method: &'static str,
    /// Path.
    pub path: &'static str,
}
/// `GET path`.
pub const fn get(path: &'static str) -> Rest {
    Rest { method: "GET", path }
}
/// `POST path`.
pub const fn post(path: &'static str) -> Rest {
    Rest { method: "POST", path }
}
/// `PUT path`.
pub const fn put(path: &'static str) -> Rest {
    Rest { method: "PUT", path }
}
/// `DELETE path`.
pub const fn delete(path: &'static str) -> Rest {
    Rest { method: "DELETE", path }
}

/// What stands beside `data` in a success, as each page of the contract shows it (decision C1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// Nothing.
    Nothing,
    /// `errorCode` and `message`, both null.
    Nulls,
    /// `errorCode` null and a message.
    Message(&'static str),
    /// `errorCode` empty and a message, which may be empty.
    Texts(&'static str),
}

/// What every surface needs to know of an operation, as plain data.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// Its name, such as `createPartner`.
    pub name: &'static str,
    /// Its group.
    pub group: Group,
    /// What it asks of the caller's level.
    pub policy: Policy,
    /// What it asks of the credential.
    pub takes: Takes,
    /// What it does to the store.
    pub effect: Effect,
    /// Whether its input or its output can be very large.
    pub bulk: Bulk,
    /// Whether it has something to do outside the store first: see [`Operation::stage`].
    pub stages: bool,
    /// What the audit log calls it; none for reads and for traffic, which keeps events of its own.
    pub event: Option<&'static str>,
    /// Whether it stays open to callers whose mailbox or network is suspended (ruling 24).
    pub while_suspended: bool,
    /// Where REST serves it.
    pub rest: Rest,
    /// Other documented paths of the same operation (decision C14).
    pub also: &'static [Rest],
    /// Other documented spellings of its fields: (spelling, field) (ruling 27).
    pub aliases: &'static [(&'static str, &'static str)],
    /// What stands beside `data`.
    pub beside: Beside,
}

impl Spec {
    /// An operation with the usual answers to everything but its name, group, policy and path.
    pub const fn new(name: &'static str, group: Group, policy: Policy, rest: Rest) -> Self {
        Self {
            name,
            group,
            policy,
            takes: Takes::Any,
            effect: Effect::Reads,
            bulk: Bulk::Neither,
            stages: false,
            event: None,
            while_suspended: false,
            rest,
            also: &[],
            aliases: &[],
            beside: Beside::Nothing,
        }
    }

    /// The scope a cut-down key needs for it. To show a key is a scope of its own (ruling 21).
    pub const fn scope(&self) -> (&'static str, &'static str) {
        match (self.policy, self.effect) {
            (Policy::RevealKeys, Effect::Reveals) => ("keys", "reveal"),
            (_, Effect::Writes | Effect::Reveals) => (self.group.as_str(), "write"),
            (_, Effect::Reads | Effect::Scans) => (self.group.as_str(), "read"),
        }
    }
}

/// The things an operation can touch know where they sit.
pub trait Located {
    /// What it is called when it is not found. Missing and out of reach are told in the same words.
    const WHAT: &'static str;
    /// The places it belongs to: any within reach suffices. Two-sided things have two.
    fn places(&self) -> Vec<Place>;
}

/// The target of an operation that touches nothing but the caller, or needs no caller.
#[derive(Clone, Copy, Debug)]
pub struct Home(pub(crate) Option<Place>);
impl Located for Home {
    const WHAT: &'static str = "user";
    fn places(&self) -> Vec<Place> {
        self.0.into_iter().collect()
    }
}

/// What was done outside the store before the write began.
#[derive(Clone, Debug, Default)]
pub enum Staged {
    /// Nothing.
    #[default]
    Nothing,
    /// A password was hashed.
    Hash(String),
    /// A password fitted exactly one user.
    Fits(model::UserId),
    /// Content was read, and is durable where it does not go into its row.
    Content(Arc<Accepted>),
    /// Content was read to be handed out.
    Bytes(Arc<Vec<u8>>),
    /// Content was opened to be handed out as it is. Whoever gets it takes it away.
    File(Arc<Mutex<Option<Outgoing>>>),
}

/// What an operation has before its unit of work begins.
pub struct Stage<'a> {
    /// The hub.
    pub hub: &'a Hub,
    /// Who asks.
    pub caller: Option<&'a Caller>,
    /// The request.
    pub request: &'a Request,
    /// Content that came as it is, and not within the input.
    pub content: Option<Intake>,
}

/// Paging facts that stand beside a list (decision D1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Totals {
    /// How many there are in all; counted up to 10,001, which means "more than 10,000" (ruling 36).
    pub total: i64,
    /// Which page this is, from 1.
    pub page: i64,
    /// How many a page holds.
    pub per_page: i64,
}

/// One thing a caller can ask of the hub. `place` and `run` may be called again: a unit of work is retried whole.
pub trait Operation: DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// What it touches.
    type Target: Located;
    /// What it answers.
    type Output: Serialize + JsonSchema + Send + Sync + 'static;
    /// Plain data about it.
    const SPEC: Spec;

    /// An input that makes sense, as JSON, for the documents.
    fn example() -> &'static str;

    /// What it does to the store for this caller.
    fn effect(&self, _caller: Option<&Caller>) -> Effect {
        Self::SPEC.effect
    }

    /// What is done outside the store, after level and place were checked and before the write begins.
    fn stage(&self, _before: Stage<'_>) -> impl Future<Output = Result<Staged>> + Send {
        async { Ok(Staged::Nothing) }
    }

    /// Loads what it touches; missing is [`crate::Error::not_found`]. The caller's reach must cover it.
    fn place(&self, cx: &mut Context<'_, '_>) -> Result<Self::Target>;

    /// Does it.
    fn run(&self, cx: &mut Context<'_, '_>, target: Self::Target) -> Result<Self::Output>;

    /// What may only happen once everything is durable.
    fn finish(&self, _hub: &Hub, _output: &mut Self::Output, _proof: &Committed) -> Result<()> {
        Ok(())
    }

    /// Paging facts beside the answer.
    fn totals(_output: &Self::Output) -> Option<Totals> {
        None
    }

    /// Content that is the answer itself, in place of the envelope.
    fn content(_output: &mut Self::Output) -> Option<Outgoing> {
        None
    }

    /// Headers that go with the answer.
    fn headers(_output: &Self::Output) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

/// A key on its way out: sealed until the record of its leaving is durable.
pub struct Revealed {
    key: Leaving,
    /// Whether it replaces the key in the file of the first start, which has then done its work.
    ends_root_key_file: bool,
}
enum Leaving {
    Sealed(Box<Sealed>),
    Open(KeyText),
}
impl Revealed {
    pub(crate) fn sealed(sealed: Sealed) -> Self {
        Self { key: Leaving::Sealed(Box::new(sealed)), ends_root_key_file: false }
    }
    pub(crate) fn ending_root_key_file(self, ends: bool) -> Self {
        Self { ends_root_key_file: ends, ..self }
    }
    /// A key that its caller has just presented: shown again, it tells nothing new.
    pub fn presented(key: KeyText) -> Self {
        Self { key: Leaving::Open(key), ends_root_key_file: false }
    }
    /// Opens it.
    pub fn open(&mut self, hub: &Hub, proof: &Committed) -> Result<()> {
        if let Leaving::Sealed(sealed) = &self.key {
            self.key = Leaving::Open(hub.vault.open(sealed, proof)?);
        }
        if self.ends_root_key_file { hub.forget_root_key_file() } else { Ok(()) }
    }
}
impl Serialize for Revealed {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match &self.key {
            Leaving::Open(text) => s.serialize_str(text.expose()),
            Leaving::Sealed(_) => Err(serde::ser::Error::custom("a key was not opened")),
        }
    }
}
impl JsonSchema for Revealed {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ApiKey".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "description": "An API key." })
    }
}
