//! Networks, mailboxes, trading ids and partnerships.

use crate::{
    Context, Error, Result,
    access::{Place, Policy, Reach},
    operation::Located,
    users::Seat,
};
use model::*;
use store::trading_ids::NewTradingId;

impl Located for Network {
    const WHAT: &'static str = "network";
    fn places(&self) -> Vec<Place> {
        vec![Place { network: self.id, mailbox: None, user: None, trading_id: None }]
    }
}
impl Located for Mailbox {
    const WHAT: &'static str = "mailbox";
    fn places(&self) -> Vec<Place> {
        vec![Place { network: self.network, mailbox: Some(self.id), user: None, trading_id: None }]
    }
}
impl Located for TradingPartner {
    const WHAT: &'static str = "ECGrid ID";
    fn places(&self) -> Vec<Place> {
        let (mailbox, trading_id) = (Some(self.mailbox), Some(self.id));
        vec![Place { network: self.network, mailbox, user: None, trading_id }]
    }
}

/// A partnership with its two sides.
#[derive(Debug)]
pub struct Pair {
    /// The partnership.
    pub partner: Partner,
    /// The side named first.
    pub from: TradingPartner,
    /// The side named second.
    pub to: TradingPartner,
}
impl Located for Pair {
    const WHAT: &'static str = "partnership";
    fn places(&self) -> Vec<Place> {
        [self.from.places(), self.to.places()].concat()
    }
}

/// Two ids that are to be connected. It is enough to own one of them (`contract/foreign.txt`).
#[derive(Debug)]
pub struct Ends {
    /// The id named first.
    pub from: TradingPartner,
    /// The id named second.
    pub to: TradingPartner,
}
impl Located for Ends {
    const WHAT: &'static str = "ECGrid ID";
    fn places(&self) -> Vec<Place> {
        [self.from.places(), self.to.places()].concat()
    }
}

fn live<T>(thing: Option<T>, status: impl Fn(&T) -> Status, what: &'static str) -> Result<T> {
    thing.filter(|t| status(t) != Status::Terminated).ok_or_else(|| Error::not_found(what))
}

impl Context<'_, '_> {
    /// The network; missing is not found.
    pub fn network(&mut self, network: NetworkId) -> Result<Network> {
        store::networks::find(self.tx, network)?.ok_or_else(|| Error::not_found("network"))
    }

    /// A network in which something is to be made: not a terminated one (ruling 31).
    pub fn live_network(&mut self, network: NetworkId) -> Result<Network> {
        live(store::networks::find(self.tx, network)?, |n| n.status, "network")
    }

    /// Makes a network, and the data key that seals its users' keys.
    pub fn create_network(&mut self, unique_id: &UniqueId, company: &CompanyName) -> Result<Network> {
        let made = store::networks::insert(self.tx, unique_id, company, self.now)?;
        let id = made.ok_or_else(|| Error::duplicate("uniqueId", "is taken on this hub"))?;
        let data_key = self.hub.vault.new_data_key(id, &self.hub.chance)?;
        store::networks::insert_data_key(self.tx, id, &data_key, self.now)?;
        self.about(format!("network {id}"));
        self.note.chain = Some(id);
        self.network(id)
    }

    /// The mailbox; missing is not found.
    pub fn mailbox(&mut self, mailbox: MailboxId) -> Result<Mailbox> {
        store::mailboxes::find(self.tx, mailbox)?.ok_or_else(|| Error::not_found("mailbox"))
    }

    /// A mailbox in which something is to be made.
    pub fn live_mailbox(&mut self, mailbox: MailboxId) -> Result<Mailbox> {
        live(store::mailboxes::find(self.tx, mailbox)?, |m| m.status, "mailbox")
    }

    /// Makes a mailbox.
    pub fn create_mailbox(
        &mut self,
        network: &Network,
        unique_id: &UniqueId,
        company: &CompanyName,
    ) -> Result<Mailbox> {
        let made = store::mailboxes::insert(self.tx, network.id, unique_id, company, self.now)?;
        let id = made.ok_or_else(|| Error::duplicate("uniqueId", "is taken in this network"))?;
        self.about(format!("mailbox {id}"));
        self.mailbox(id)
    }

    /// A page of mailboxes.
    pub fn list_mailboxes(
        &mut self,
        network: Option<NetworkId>,
        status: Option<Status>,
        page: store::Page,
    ) -> Result<(Vec<Mailbox>, i64)> {
        if let Some(id) = network {
            let network = store::networks::find(self.tx, id)?.ok_or_else(|| Error::not_found(Seat::WHAT))?;
            self.within_reach_of_filter(Place { network: network.id, mailbox: None, user: None, trading_id: None })?;
        }
        Ok(store::mailboxes::list(self.tx, self.scope()?, store::mailboxes::Filter { network, status }, page)?)
    }

    /// The trading id; missing is not found.
    pub fn trading_id(&mut self, trading_id: TradingId) -> Result<TradingPartner> {
        store::trading_ids::find(self.tx, trading_id)?.ok_or_else(|| Error::not_found("ECGrid ID"))
    }

    /// A trading id with which something is to be made.
    pub fn live_trading_id(&mut self, trading_id: TradingId) -> Result<TradingPartner> {
        live(store::trading_ids::find(self.tx, trading_id)?, |t| t.status, "ECGrid ID")
    }

    /// Registers an EDI address. Another live id of that address in the same name space is a duplicate, and whose it is
    /// is not said (decision G2).
    pub fn create_trading_id(&mut self, new: &NewTradingId<'_>) -> Result<TradingPartner> {
        let made = store::trading_ids::insert(self.tx, new, self.now)?;
        let id = made.ok_or_else(|| Error::duplicate("id", "is registered on this hub with that qualifier"))?;
        self.about(format!("ECGrid ID {id}"));
        self.trading_id(id)
    }

    /// The directory: the live ids of an address, whoever has them (decision G3).
    pub fn find_trading_ids(&mut self, qualifier: &str, edi_id: &str) -> Result<Vec<TradingPartner>> {
        Ok(store::trading_ids::directory(self.tx, qualifier, edi_id)?)
    }

    /// Whether the caller may see the traffic of an id: the directory shows such a caller more.
    pub fn sees_traffic_of(&self, id: &TradingPartner) -> Result<bool> {
        let caller = self.caller()?;
        let reach = self.hub.table.reach(Policy::ReadTraffic, caller.user.level);
        Ok(id.places().iter().any(|there| reach.covers(&caller.home(), there)))
    }

    /// The partnership with its sides; missing is not found.
    pub fn pair(&mut self, partner: PartnerId) -> Result<Pair> {
        let partner = store::partners::find(self.tx, partner)?.ok_or_else(|| Error::not_found("partnership"))?;
        let (from, to) = (self.trading_id(partner.from)?, self.trading_id(partner.to)?);
        Ok(Pair { partner, from, to })
    }

    /// Connects two ids, or accepts the connection that the other side asked for (`states.md`).
    pub fn connect(&mut self, ends: Ends) -> Result<Partner> {
        let (from, to) = (&ends.from, &ends.to);
        if from.id == to.id {
            return Err(Error::parameter("ecGridIdTo", "is the same ECGrid ID as ecGridIdFrom"));
        }
        let both = self.reach == Reach::All || from.network == to.network;
        let ours = (self.covers(from) || both, self.covers(to) || both);
        let made = match store::partners::find_pair(self.tx, from.id, to.id)? {
            Some(_) => None,
            None => store::partners::insert(self.tx, from.id, to.id, ours, self.now)?,
        };
        let partner = match made {
            Some(partner) => partner,
            // There is one, or the other side has just made it: this is its acceptance, if it waits for ours.
            None => self.accept_pair(&ends, ours)?,
        };
        self.about(format!("partnership {partner}"));
        Ok(self.pair(partner)?.partner)
    }

    fn accept_pair(&mut self, ends: &Ends, ours: (bool, bool)) -> Result<PartnerId> {
        let known = || Error::duplicate("ecGridIdTo", "is connected to ecGridIdFrom already");
        let pair = store::partners::find_pair(self.tx, ends.from.id, ends.to.id)?.ok_or_else(known)?;
        let (from_side, to_side) = if pair.from == ends.from.id { ours } else { (ours.1, ours.0) };
        let news = from_side && !pair.from_accepted || to_side && !pair.to_accepted;
        if !news || !store::partners::accept(self.tx, pair.id, self.now)? {
            return Err(known());
        }
        Ok(pair.id)
    }
}
