//! What an operation sees while it runs: the open transaction, the caller, the time, and the hub's verbs. Only the door
//! makes one.

use crate::{
    Caller, Error, Hub, Request, Result,
    access::Reach,
    operation::{Home, Located, Staged},
};
use model::*;
use store::{Scope, Tx};

/// An operation's view of the hub. The verbs that work on it stand beside the nouns: `users.rs`, `keys.rs`, `parcels.rs`…
pub struct Context<'a, 't> {
    pub(crate) tx: &'a mut Tx<'t>,
    pub(crate) hub: &'a Hub,
    pub(crate) request: &'a Request,
    pub(crate) caller: Option<&'a Caller>,
    pub(crate) reach: Reach,
    pub(crate) staged: &'a Staged,
    pub(crate) now: Time,
    pub(crate) note: Note,
}

/// What an operation adds to its record in the audit log.
#[derive(Debug, Default)]
pub(crate) struct Note {
    /// Upon what, such as `user 1005`.
    pub subject: String,
    /// Fingerprint of the key that was made or shown.
    pub fingerprint: Option<Vec<u8>>,
    /// The network whose log it belongs to, when that is not the target's.
    pub chain: Option<NetworkId>,
    /// Who, when nobody was signed in before.
    pub user: Option<UserId>,
    /// What happened, when that is not what the operation is usually called.
    pub event: Option<&'static str>,
}

impl<'a> Context<'a, '_> {
    /// Who asks. Operations of the policy Open have nobody to ask for.
    pub fn caller(&self) -> Result<&'a Caller> {
        self.caller.ok_or_else(|| Error::internal("an open operation asked who calls"))
    }
    /// The time of this unit of work.
    pub fn now(&self) -> Time {
        self.now
    }
    /// The target of an operation that touches nothing but its caller.
    pub fn home(&self) -> Home {
        Home(self.caller.map(Caller::home))
    }
    /// Which reading of an answer's type this caller gets (ruling 28).
    pub fn shape(&self) -> Shape {
        let asked = self.request.shape.or_else(|| self.caller.and_then(Caller::shape));
        asked.unwrap_or(self.hub.settings.shape)
    }
    /// What a list may show this caller.
    pub fn scope(&self) -> Result<Scope> {
        let user = &self.caller()?.user;
        Ok(match (self.reach, user.mailbox) {
            (Reach::All, _) => Scope::All,
            (Reach::Network, _) => Scope::Network(user.network),
            (Reach::Mailbox, Some(mailbox)) => Scope::Mailbox(mailbox),
            (Reach::None | Reach::Own | Reach::Mailbox, _) => Scope::Own(user.id, user.trading_id),
        })
    }
    /// What was done before the write began.
    pub fn staged(&self) -> &'a Staged {
        self.staged
    }
    /// Names what the audit record is about.
    pub(crate) fn about(&mut self, subject: impl Into<String>) {
        self.note.subject = subject.into();
    }

    /// Whether the caller's reach covers a thing.
    pub fn covers(&self, thing: &impl Located) -> bool {
        let places = thing.places();
        match self.caller {
            None => places.is_empty(),
            Some(caller) => {
                let home = caller.home();
                places.iter().any(|there| self.reach.covers(&home, there))
            }
        }
    }
    /// The thing, if the caller's reach covers it; else it was not found.
    pub fn within_reach<T: Located>(&self, thing: Option<T>) -> Result<T> {
        thing.filter(|thing| self.covers(thing)).ok_or_else(|| Error::not_found(T::WHAT))
    }
}
