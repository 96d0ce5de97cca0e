//! The things of the hub as the store keeps them.

use crate::*;

/// A network: the company or operator that owns mailboxes.
#[derive(Clone, Debug)]
pub struct Network {
    /// Its id.
    pub id: NetworkId,
    /// Short name, unique on the hub.
    pub unique_id: String,
    /// Company name.
    pub company_name: String,
    /// Life.
    pub status: Status,
    /// Whether trading needs a partnership.
    pub routing_policy: RoutingPolicy,
    /// When it was made.
    pub created: Time,
    /// When it last changed.
    pub modified: Time,
}

/// A mailbox: where parcels wait.
#[derive(Clone, Debug)]
pub struct Mailbox {
    /// Its id.
    pub id: MailboxId,
    /// The network that owns it.
    pub network: NetworkId,
    /// Short name, unique within the network.
    pub unique_id: String,
    /// Company name.
    pub company_name: String,
    /// Life.
    pub status: Status,
    /// When it was made.
    pub created: Time,
    /// When it last changed.
    pub modified: Time,
}

/// A user: a person or program that signs in.
#[derive(Clone, Debug)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// Its network.
    pub network: NetworkId,
    /// Its mailbox; none for network-level users without a default mailbox.
    pub mailbox: Option<MailboxId>,
    /// The one trading id of a TPUser (ruling 34).
    pub trading_id: Option<TradingId>,
    /// Login name.
    pub login: String,
    /// E-mail address.
    pub email: String,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Level.
    pub level: AuthLevel,
    /// Life.
    pub status: Status,
    /// When it was made.
    pub created: Time,
}

/// A trading id: an EDI address that belongs to a mailbox.
#[derive(Clone, Debug)]
pub struct TradingPartner {
    /// Its id.
    pub id: TradingId,
    /// The network of its mailbox.
    pub network: NetworkId,
    /// Its mailbox.
    pub mailbox: MailboxId,
    /// Qualifier as given.
    pub qualifier: String,
    /// EDI id as given.
    pub edi_id: String,
    /// What its owner calls it.
    pub description: String,
    /// Life.
    pub status: Status,
    /// Routing group.
    pub routing_group: RoutingGroup,
    /// Standard.
    pub standard: EdiStandard,
}

/// A partnership between two trading ids, bidirectional for routing (decision H2).
#[derive(Clone, Debug)]
pub struct Partner {
    /// Its id.
    pub id: PartnerId,
    /// The id named first.
    pub from: TradingId,
    /// The id named second.
    pub to: TradingId,
    /// Life.
    pub status: Status,
    /// Whether both sides have accepted.
    pub interconnect_status: InterconnectStatus,
    /// Whether the side of `from` has accepted.
    pub from_accepted: bool,
    /// Whether the side of `to` has accepted.
    pub to_accepted: bool,
    /// When it was made.
    pub created: Time,
    /// When it last changed.
    pub modified: Time,
}

/// A parcel: one file in a mailbox's outbox or inbox.
#[derive(Clone, Debug)]
pub struct Parcel {
    /// Its id.
    pub id: ParcelId,
    /// OutBox: the sender's. InBox: a receiver's.
    pub direction: Direction,
    /// The network of its mailbox.
    pub network: NetworkId,
    /// Its mailbox.
    pub mailbox: MailboxId,
    /// Name of the uploaded file.
    pub file_name: String,
    /// Size of its content in bytes.
    pub bytes: i64,
    /// Life.
    pub status: ParcelStatus,
    /// Sender's trading id, when known and the same for all it holds.
    pub from: Option<TradingId>,
    /// Receiver's trading id, when known and the same for all it holds.
    pub to: Option<TradingId>,
    /// When it was made.
    pub created: Time,
    /// When it last changed.
    pub modified: Time,
}
