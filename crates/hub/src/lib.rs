//! The verbs of Crossdock: who may do what, sign-in, keys, routing, parcels. Every surface runs every operation through
//! the one door, [`Hub::call`].

pub mod access;
pub mod audit;
mod backlog;
mod clock;
mod content;
mod context;
mod directory;
mod door;
mod envelopes;
mod error;
mod folder;
mod jobs;
mod keys;
mod last_used;
mod limits;
mod numbers;
mod operation;
mod parcels;
pub mod passwords;
mod recover;
mod routing;
mod seal;
mod sessions;
mod sign_in;
mod start;
#[cfg(feature = "testing")]
mod testing;
mod tokens;
mod users;

pub use clock::{Chance, Clock};
pub use content::{Intake, Outgoing};
pub use context::Context;
pub use directory::{Ends, Pair};
pub use door::{Answer, Committed, Input};
pub use envelopes::read_envelopes;
pub use error::{Error, Kind, Problem, Result};
pub use keys::{KeyFacts, LONGEST_GRACE};
pub use limits::PerMinute;
pub use operation::*;
pub use parcels::{Addressing, Outbox};
pub use recover::recover;
pub use seal::MasterKey;
pub use sessions::{Refresh, Refreshed, SignedIn};
pub use sign_in::{Caller, Credential, Request};
pub use start::{Begin, Settings, StartError};
pub use store::trading_ids::NewTradingId;
pub use users::{Profile, ProfileChange, Role, Seat};

use access::Table;
use limits::Buckets;
use model::{KeyKind, KeyText, UserId};
use std::{net::IpAddr, path::PathBuf, sync::Arc};
use zeroize::Zeroizing;

/// The hub: what every operation of every surface runs on. Nothing in it is state that a second node would miss.
pub struct Hub {
    /// The store.
    pub db: store::Db,
    /// Content files.
    pub files: store::Files,
    /// The time.
    pub clock: Clock,
    pub(crate) chance: Arc<Chance>,
    pub(crate) settings: Settings,
    pub(crate) table: Table,
    pub(crate) vault: seal::Vault,
    pub(crate) signer: tokens::Signer,
    pub(crate) passwords: passwords::Hasher,
    pub(crate) numbers: numbers::Numbers,
    pub(crate) desk: backlog::Desk,
    pub(crate) uses: last_used::Uses,
    pub(crate) addresses: Buckets<IpAddr>,
    pub(crate) credentials: Buckets<(bool, i64)>,
    pub(crate) reveals: Buckets<UserId>,
    root_key_file: PathBuf,
}

/// Runs work that takes long, or may wait, on a thread that may.
pub async fn off_the_runtime<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)
}

impl Hub {
    /// A new key of a kind.
    pub(crate) fn random_key(&self, kind: KeyKind) -> Result<KeyText> {
        let mut failed = None;
        let text = KeyText::random(kind, |bytes| failed = self.chance.fill(bytes).err().or(failed.take()));
        failed.map_or(Ok(text), Err)
    }

    /// A new text of 256 random bits.
    pub(crate) fn random_text(&self) -> Result<Zeroizing<String>> {
        use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
        Ok(Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(Zeroizing::new(self.chance.bytes::<32>()?).as_slice())))
    }

    /// The hash of a new password.
    pub async fn hash_password(&self, password: &model::Password) -> Result<String> {
        self.passwords.hash(password, &self.chance).await
    }
}
