//! What a list may show. Every list takes a [`Scope`]; there is no unscoped list.

use model::{Id, MailboxId, NetworkId, TradingId, UserId};

/// The part of the hub a caller's reach covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everything.
    All,
    /// One network.
    Network(NetworkId),
    /// One mailbox.
    Mailbox(MailboxId),
    /// One user, and the one trading id it may have.
    Own(UserId, Option<TradingId>),
}

/// An id that nothing has: narrows a list to nothing.
const NOTHING: i64 = 0;

impl Scope {
    pub(crate) fn network(self) -> Option<i64> {
        match self {
            Self::Network(network) => Some(network.get()),
            _ => None,
        }
    }
    /// For things that belong to mailboxes and not to a user: an own-scope sees none of them.
    pub(crate) fn mailbox(self) -> Option<i64> {
        match self {
            Self::Mailbox(mailbox) => Some(mailbox.get()),
            Self::Own(..) => Some(NOTHING),
            _ => None,
        }
    }
    /// For users: the mailbox a mailbox-scope is narrowed to.
    pub(crate) fn users_mailbox(self) -> Option<i64> {
        match self {
            Self::Mailbox(mailbox) => Some(mailbox.get()),
            _ => None,
        }
    }
    pub(crate) fn user(self) -> Option<i64> {
        match self {
            Self::Own(user, _) => Some(user.get()),
            _ => None,
        }
    }
    /// For traffic: the trading id an own-scope is narrowed to.
    pub(crate) fn trading_id(self) -> Option<i64> {
        match self {
            Self::Own(_, id) => Some(id.map_or(NOTHING, Id::get)),
            _ => None,
        }
    }
    /// For traffic: the mailbox a mailbox-scope is narrowed to.
    pub(crate) fn traffic_mailbox(self) -> Option<i64> {
        self.users_mailbox()
    }
}

/// A page of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// At most so many rows.
    pub limit: i64,
    /// After so many rows.
    pub skip: i64,
}
