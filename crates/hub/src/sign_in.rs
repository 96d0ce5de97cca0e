//! Sign-in: a presented credential becomes a [`Caller`] by one read of the store, on every request (ruling 4).

use crate::{
    Error, Hub, Kind, Result,
    access::{Place, Policy, Reach},
    operation::{Spec, Takes},
    seal,
};
use model::*;
use std::net::IpAddr;
use store::{Tx, sign_in::SignIn, users::Hold};
use uuid::Uuid;
use zeroize::Zeroizing;

/// A request as a surface hands it over: who asks, from where, and nothing parsed.
pub struct Request {
    /// The `X-API-Key` header.
    pub api_key: Option<Zeroizing<String>>,
    /// The text after `Bearer` in the `Authorization` header.
    pub bearer: Option<Zeroizing<String>>,
    /// The caller's address.
    pub address: IpAddr,
    /// The caller's program.
    pub agent: String,
    /// The request's id.
    pub id: Uuid,
    /// The path that was asked for.
    pub path: String,
    /// Which reading of an answer's type is asked for.
    pub shape: Option<Shape>,
    /// Whether content is wanted as it is, and not wrapped in an answer.
    pub raw: bool,
}

/// What kind of credential a caller presented (ruling 19). In order of the rights it gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Credential {
    /// A key that may be embedded in a page.
    Public,
    /// A key shared in a mailbox or network.
    Shared,
    /// A session key, or a token that was made from a key.
    Session,
    /// A secondary key of one's own.
    Private,
    /// A token from a password sign-in.
    Token,
    /// The user's primary key.
    Primary,
}
impl Credential {
    /// The word in the audit log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public key",
            Self::Shared => "shared key",
            Self::Session => "session",
            Self::Private => "private key",
            Self::Token => "token",
            Self::Primary => "primary key",
        }
    }
}

/// A signed-in caller, as the store knew it a moment ago.
pub struct Caller {
    /// Who.
    pub user: User,
    /// With what kind of credential.
    pub credential: Credential,
    /// The number of the key or session.
    pub credential_id: i64,
    /// When the credential ends by itself.
    pub expires: Option<Time>,
    /// The primary key that was presented, in canonical form.
    pub presented: Option<KeyText>,
    /// When the key was last used, to the minute, as far as that was flushed.
    pub last_used: Option<Time>,
    by_token: bool,
    scopes: Option<String>,
    suspended: bool,
    shape: Option<Shape>,
}

impl Caller {
    /// Where the caller sits.
    pub fn home(&self) -> Place {
        let user = &self.user;
        Place { network: user.network, mailbox: user.mailbox, user: Some(user.id), trading_id: user.trading_id }
    }
    /// Whether the credential may see a key (ruling 19).
    pub fn may_reveal(&self) -> bool {
        match self.credential {
            Credential::Primary | Credential::Token => true,
            Credential::Private => self.has_scope("keys", "reveal"),
            Credential::Session | Credential::Shared | Credential::Public => false,
        }
    }
    fn has_scope(&self, group: &str, what: &str) -> bool {
        match &self.scopes {
            // Absent scopes are all but `keys:reveal` (ruling 21); a primary key and a token of a password have none to lack.
            None => what != "reveal" || self.credential > Credential::Private,
            Some(scopes) => scopes.split(' ').any(|s| s.split_once(':') == Some((group, what))),
        }
    }
    /// Whether a bearer token was presented, and not a key.
    pub fn is_token(&self) -> bool {
        self.by_token
    }
    /// The shape of answers to this caller, when one is set for its user or network.
    pub fn shape(&self) -> Option<Shape> {
        self.shape
    }
    /// The credential for the audit log: kind and number, never the text.
    pub fn credential_text(&self) -> String {
        format!("{} {}", self.credential.as_str(), self.credential_id)
    }
}

fn no_key() -> Error {
    Error::new(Kind::InvalidApiKey, "The API key is missing or signs nobody in.")
}
fn no_session() -> Error {
    Error::new(Kind::InvalidSession, "The token is not valid or has ended. Sign in again.")
}

impl Hub {
    /// Who asks. Every failure is one of two answers (decision A7) that tell nothing more.
    pub(crate) fn sign_in(&self, tx: &mut Tx<'_>, request: &Request, now: Time) -> Result<Caller> {
        let key = match &request.api_key {
            Some(text) => Some(self.by_key(tx, text, now)?.ok_or_else(no_key)?),
            None => None,
        };
        let bearer = match &request.bearer {
            Some(text) => Some(self.by_bearer(tx, text, now)?.ok_or_else(no_session)?),
            None => None,
        };
        match (key, bearer) {
            (None, None) => Err(no_key()),
            (Some(caller), None) | (None, Some(caller)) => Ok(caller),
            // Decision A6: one user, and the narrower of the two credentials.
            (Some(key), Some(bearer)) if key.user.id == bearer.user.id => {
                Ok(if bearer.credential < key.credential && bearer.credential < Credential::Private {
                    bearer
                } else {
                    key
                })
            }
            (Some(_), Some(_)) => Err(no_session()),
        }
    }

    /// Who asks, read again inside a unit of work that changes something (ruling 3). The user's row is held first, so that
    /// no suspension and no new key comes between this read and the commit. Who administers users or keys may be about to
    /// change the own row, and holds it alone.
    pub(crate) fn sign_in_to_write(
        &self,
        tx: &mut Tx<'_>,
        spec: &Spec,
        request: &Request,
        user: UserId,
        now: Time,
    ) -> Result<Caller> {
        let hold = if spec.takes == Takes::Any { Hold::Shared } else { Hold::Alone };
        store::users::hold(tx, user, hold)?;
        self.sign_in(tx, request, now)
    }

    /// Who a key signs in, if anybody.
    pub(crate) fn by_key(&self, tx: &mut Tx<'_>, text: &str, now: Time) -> Result<Option<Caller>> {
        let Some(text) = KeyText::parse(text) else { return Ok(None) };
        let lookup = self.vault.lookup(text.expose());
        let found = store::keys::sign_in(tx, &lookup)?;
        // The comparison is made for a miss too, so that a miss takes as long.
        let same = seal::same(&lookup, found.as_ref().map_or(&[0; 32], |f| &f.lookup));
        Ok(found.filter(|f| same && stands(f, now)).map(|f| self.caller(f, Some(text), now)))
    }

    fn by_bearer(&self, tx: &mut Tx<'_>, text: &str, now: Time) -> Result<Option<Caller>> {
        if text.starts_with("ek_") {
            let caller = self.by_key(tx, text, now)?;
            return Ok(caller.filter(|c| c.credential == Credential::Session));
        }
        let Some(token) = self.signer.read(text) else { return Ok(None) };
        let found = store::sessions::sign_in(tx, &token)?;
        Ok(found.filter(|f| stands(f, now)).map(|f| self.caller(f, None, now)))
    }

    fn caller(&self, found: SignIn, text: Option<KeyText>, now: Time) -> Caller {
        let credential = match found.kind {
            Some(KeyKind::Primary) => Credential::Primary,
            Some(KeyKind::Private) => Credential::Private,
            Some(KeyKind::Shared) => Credential::Shared,
            Some(KeyKind::Public) => Credential::Public,
            Some(KeyKind::Session) => Credential::Session,
            None => Credential::Token,
        };
        if text.is_some() {
            self.uses.note(found.credential, now);
        }
        Caller {
            suspended: found.network == Status::Suspended || found.mailbox == Some(Status::Suspended),
            credential,
            credential_id: found.credential,
            // A replaced key ends with its grace period, and so does everything made from it.
            expires: [found.expires, found.valid_until].into_iter().flatten().min(),
            last_used: found.last_used,
            by_token: text.is_none(),
            presented: text.filter(|_| credential == Credential::Primary),
            scopes: found.scopes,
            shape: found.user_shape.or(found.network_shape),
            user: found.user,
        }
    }

    /// Level, kind of credential and suspension: refused before anything is looked up or parsed (ruling 1).
    pub(crate) fn admit(&self, spec: &Spec, caller: &Caller) -> Result<Reach> {
        let reach = self.table.reach(spec.policy, caller.user.level);
        if reach == Reach::None {
            return Err(Error::denied("Your AuthLevel does not permit this operation."));
        }
        let kind_fits = match spec.takes {
            Takes::Any => caller.credential != Credential::Public || spec.policy == Policy::Open,
            Takes::Personal => caller.credential >= Credential::Private,
            Takes::Revealing => caller.may_reveal(),
        };
        let (group, what) = spec.scope();
        if !kind_fits || !caller.has_scope(group, what) {
            return Err(Error::denied("This kind of key or session does not permit this operation."));
        }
        if caller.suspended && !spec.while_suspended {
            return Err(Error::denied("Your mailbox or network is suspended."));
        }
        Ok(reach)
    }
}

/// Whether a credential and its account sign in now. A replaced key ends when its row says so, whatever the clock says;
/// only its grace period is a matter of time.
fn stands(found: &SignIn, now: Time) -> bool {
    let live = match (found.revoked, found.valid_until) {
        (None, _) => true,
        (Some(_), Some(until)) => now < until,
        (Some(_), None) => false,
    };
    live && found.expires.is_none_or(|end| now < end)
        && !matches!(found.user.status, Status::Suspended | Status::Terminated)
        && found.network != Status::Terminated
        && found.mailbox != Some(Status::Terminated)
}
