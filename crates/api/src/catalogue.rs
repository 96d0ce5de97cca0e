//! The catalogue: every operation with its types erased. A surface is a loop over it.

use crate::{answer, auth, ids, input, mailboxes, networks, parcels, partners, users};
use bytes::Bytes;
use hub::{Bulk, Error, Hub, Intake, Operation, Outgoing, Request, Spec};
use schemars::{Schema, SchemaGenerator};
use std::{pin::Pin, sync::Arc};

/// A future that a surface awaits.
pub type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Runs an operation.
pub type Call = fn(Arc<Hub>, Arc<Request>, Raw) -> Boxed<Result<Reply, Error>>;

/// What a surface was given for an operation, unread.
pub struct Raw {
    /// Path parameters: the field each fills, and its text.
    pub path: Vec<(&'static str, String)>,
    /// The query as it stands behind the `?`.
    pub query: String,
    /// Reads the body. Not awaited for someone who may not ask.
    pub body: Boxed<Result<Body, Error>>,
}

/// What a body holds.
#[derive(Default)]
pub struct Body {
    /// A JSON object, or nothing.
    pub json: Bytes,
    /// Fields that came beside content.
    pub fields: Vec<(String, String)>,
    /// Content that came as it is.
    pub content: Option<Intake>,
}

/// An answer, written.
pub struct Reply {
    /// Its body.
    pub body: Written,
    /// Headers that go with it.
    pub headers: Vec<(&'static str, String)>,
}

/// The body of an answer.
pub enum Written {
    /// The envelope, as JSON.
    Json(Vec<u8>),
    /// Content as it is.
    Content(Outgoing),
}

/// An operation.
pub struct Entry {
    /// Plain data about it.
    pub spec: &'static Spec,
    /// The schema of its input. Its description is the operation's.
    pub input: fn(&mut SchemaGenerator) -> Schema,
    /// The schema of its output.
    pub output: fn(&mut SchemaGenerator) -> Schema,
    /// An input that makes sense, as JSON.
    pub example: fn() -> &'static str,
    /// Runs it.
    pub call: Call,
}

impl Entry {
    const fn of<O: Operation>() -> Self {
        Self {
            spec: &O::SPEC,
            input: O::json_schema,
            output: |schemas| schemas.subschema_for::<O::Output>(),
            example: O::example,
            call: |hub, request, raw| Box::pin(call::<O>(hub, request, raw)),
        }
    }
}

/// A body up to this size is read faster than it is handed to another thread.
const IN_PLACE: usize = 256 * 1024;

async fn call<O: Operation>(hub: Arc<Hub>, request: Arc<Request>, raw: Raw) -> Result<Reply, Error> {
    let Raw { path, query, body } = raw;
    let read = async {
        let Body { json, fields, content } = body.await?;
        let large = json.len() > IN_PLACE;
        let parts = move || {
            let parts = input::Parts { path: &path, query: &query, fields: &fields, body: &json };
            input::read::<O>(parts, &O::SPEC)
        };
        let input = if large { hub::off_the_runtime(parts).await? } else { parts() };
        Ok((input?, content))
    };
    let answered = hub.call(&request, read).await?;
    match O::SPEC.bulk {
        Bulk::Output => hub::off_the_runtime(move || answer::write::<O>(answered)).await?,
        _ => answer::write::<O>(answered),
    }
}

/// Every operation, group by group.
pub fn catalogue() -> &'static [Entry] {
    static CATALOGUE: &[Entry] = &[
        Entry::of::<auth::Login>(),
        Entry::of::<auth::Logout>(),
        Entry::of::<auth::Refresh>(),
        Entry::of::<auth::Session>(),
        Entry::of::<auth::Version>(),
        Entry::of::<ids::CreateId>(),
        Entry::of::<ids::FindId>(),
        Entry::of::<ids::GetId>(),
        Entry::of::<mailboxes::CreateMailbox>(),
        Entry::of::<mailboxes::GetMailbox>(),
        Entry::of::<mailboxes::ListMailboxes>(),
        Entry::of::<networks::CreateNetwork>(),
        Entry::of::<networks::GetNetwork>(),
        Entry::of::<parcels::ConfirmDownload>(),
        Entry::of::<parcels::DownloadParcel>(),
        Entry::of::<parcels::GetParcel>(),
        Entry::of::<parcels::PendingInboxList>(),
        Entry::of::<parcels::UploadParcel>(),
        Entry::of::<partners::CreatePartner>(),
        Entry::of::<partners::GetPartner>(),
        Entry::of::<users::CreateUser>(),
        Entry::of::<users::GenerateKey>(),
        Entry::of::<users::GetKey>(),
        Entry::of::<users::GetMe>(),
        Entry::of::<users::GetUser>(),
        Entry::of::<users::ListUsers>(),
        Entry::of::<users::SetRole>(),
        Entry::of::<users::TerminateUser>(),
        Entry::of::<users::UpdateUser>(),
    ];
    CATALOGUE
}
