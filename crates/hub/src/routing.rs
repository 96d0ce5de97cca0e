//! Routing: from envelopes to inbound parcels, by `states.md`. Nothing is copied and nothing is lost: what cannot be
//! delivered is held or in suspense, and says why.

use crate::{
    Error, Result,
    envelopes::{Envelope, Party},
    numbers::Numbers,
};
use model::*;
use store::{
    Tx,
    interchanges::{NewInterchange, Releasable},
    parcels::{Event, Range},
    trading_ids::End,
};

/// Interchanges that are routed in the unit of work that accepts them; more are left to the job.
pub(crate) const AT_ONCE: usize = 1_000;
/// Interchanges that the job routes in one unit of work.
pub(crate) const BATCH: usize = 500;

/// What became of an interchange.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    /// Its receiver has it.
    Delivered,
    /// It waits for a cause to end, and goes on by itself.
    Held(&'static str, String),
    /// Somebody must look at it.
    Suspense(String, String),
}

impl Outcome {
    fn held(code: &'static str, why: impl Into<String>) -> Self {
        Self::Held(code, why.into())
    }
    fn suspense(code: &str, why: impl Into<String>) -> Self {
        Self::Suspense(code.to_owned(), why.into())
    }
}

/// The public event number of one of our codes (ruling 38).
fn status_code(code: &str) -> &'static str {
    match code {
        "E104" | "E201" | "E220" | "E221" | "E222" | "E260" => "E1105",
        "E202" | "E203" => "E1102",
        "E210" => "E1101",
        "E211" | "E212" | "E261" => "E1104",
        "E234" | "E235" => "E1303",
        "E237" | "E1111" => "E1111",
        "E1110" => "E1110",
        _ => "E1103",
    }
}

/// A sender's parcel on its way.
pub(crate) struct Sending<'a> {
    /// The sender's parcel.
    pub parcel: &'a Parcel,
    /// Its content.
    pub blob: i64,
    /// Explicit sender, who goes before the envelope's (decision I8).
    pub from: Option<TradingId>,
    /// Explicit receiver.
    pub to: Option<TradingId>,
    /// Whether the uploader may send for any id of the network, and not just for those of the mailbox.
    pub whole_network: bool,
    /// Who uploaded it.
    pub user: Option<UserId>,
    /// Gives numbers.
    pub numbers: &'a Numbers,
    /// The time.
    pub now: Time,
}

/// An interchange with its ends and what became of it.
struct Judged<'a> {
    envelope: &'a Envelope,
    from: Option<End>,
    to: Option<End>,
    outcome: Outcome,
}

impl Sending<'_> {
    /// Routes envelopes that stand from `first` on in the parcel. Each pair of sender and receiver gets one inbound parcel.
    pub fn route(&self, tx: &mut Tx<'_>, first: usize, envelopes: &[Envelope]) -> Result<()> {
        let mut inbound: Vec<Inbound> = Vec::new();
        for (at, envelope) in envelopes.iter().enumerate() {
            let judged = self.judge(tx, envelope)?;
            let id = self.keep(tx, first + at, &judged)?;
            if let (Outcome::Delivered, Some(from), Some(to)) = (&judged.outcome, judged.from, judged.to) {
                Inbound::add(&mut inbound, from, to, id, envelope.range);
            }
        }
        inbound.iter().try_for_each(|inbound| self.deliver(tx, inbound))
    }

    /// Who sends, who receives, and what hinders it. The sender's side is judged first: nothing is learnt of a receiver
    /// by somebody who may not send.
    fn judge<'e>(&self, tx: &mut Tx<'_>, envelope: &'e Envelope) -> Result<Judged<'e>> {
        let mut judged = Judged { envelope, from: None, to: None, outcome: Outcome::Delivered };
        if let Some((code, why)) = &envelope.refusal {
            judged.outcome = Outcome::suspense(code, why);
            return Ok(judged);
        }
        if envelope.document && !self.addresses(envelope) {
            let why = format!(
                "No sender or receiver given for a {} parcel: name ecGridIdFrom and ecGridIdTo.",
                envelope.standard
            );
            judged.outcome = Outcome::suspense("E272", why);
            return Ok(judged);
        }
        let space = NameSpace::from(envelope.standard);
        judged.from = self.end(tx, self.from, space, &envelope.sender)?;
        if let Some(hindrance) = self.hinders_sender(judged.from.as_ref(), envelope) {
            judged.outcome = hindrance;
            // An id that is not the sender's has no part in the sender's parcel: its owner must not find it there.
            judged.from = None;
            return Ok(judged);
        }
        judged.to = self.end(tx, self.to, space, &envelope.receiver)?;
        let (Some(from), Some(to)) = (&judged.from, &judged.to) else {
            judged.outcome = no_receiver(tx, space, &envelope.receiver)?;
            return Ok(judged);
        };
        // VDA numbers mean something between two partners only (ruling 37).
        if space == NameSpace::Vda && self.to.is_none() && from.mailbox != to.mailbox {
            judged.outcome = Outcome::suspense("E232", format!("No route for receiver {}.", envelope.receiver));
            judged.to = None;
            return Ok(judged);
        }
        judged.outcome = match hinders_data(from, to, envelope.test) {
            Some(hindrance) => hindrance,
            None => connection(tx, from, to, envelope)?,
        };
        Ok(judged)
    }

    /// Whether both ends of a document are named, in the upload or in the document itself.
    fn addresses(&self, document: &Envelope) -> bool {
        (self.from.is_some() || !document.sender.id.is_empty())
            && (self.to.is_some() || !document.receiver.id.is_empty())
    }

    fn end(&self, tx: &mut Tx<'_>, given: Option<TradingId>, space: NameSpace, party: &Party) -> Result<Option<End>> {
        Ok(match given {
            Some(id) => store::trading_ids::end(tx, id)?,
            None if party.id.is_empty() => None,
            None => store::trading_ids::route(tx, space, &party.qualifier, &party.id)?,
        })
    }

    fn hinders_sender(&self, from: Option<&End>, envelope: &Envelope) -> Option<Outcome> {
        let Some(from) = from else {
            return Some(Outcome::suspense("E234", format!("Sender {} is not registered.", envelope.sender)));
        };
        let (mailbox, network) = (self.parcel.mailbox, self.parcel.network);
        let ours = if self.whole_network { from.network == network } else { from.mailbox == mailbox };
        if !ours {
            let why = format!("Sender {} does not belong to mailbox {mailbox}.", envelope.sender);
            return Some(Outcome::suspense("E235", why));
        }
        None
    }

    /// Lets interchanges of this parcel go on that were held until a partnership was complete. Whatever else has come to
    /// hinder them meanwhile is their new reason.
    pub fn release(&self, tx: &mut Tx<'_>, held: &[Releasable]) -> Result<()> {
        let mut inbound: Vec<Inbound> = Vec::new();
        for item in held {
            let ends = (store::trading_ids::end(tx, item.from)?, store::trading_ids::end(tx, item.to)?);
            let (Some(from), Some(to)) = ends else { continue };
            let (status, code, reason) = match hinders_data(&from, &to, item.test) {
                None => (Status::Active, "E3000", None),
                Some(Outcome::Held(code, why)) => (Status::Suspended, status_code(code), Some((code.to_owned(), why))),
                Some(Outcome::Suspense(code, why)) => (Status::Suspended, status_code(&code), Some((code, why))),
                Some(Outcome::Delivered) => continue,
            };
            let told = reason.as_ref().map(|(code, why)| (code.as_str(), why.as_str()));
            if store::interchanges::release(tx, item.id, status, code, told)? && status == Status::Active {
                Inbound::add(&mut inbound, from, to, item.id, item.range);
            }
        }
        inbound.iter().try_for_each(|inbound| self.deliver(tx, inbound))?;
        self.settle(tx).map(drop)
    }

    /// Keeps the interchange as it was judged.
    fn keep(&self, tx: &mut Tx<'_>, position: usize, judged: &Judged<'_>) -> Result<InterchangeId> {
        let number = self.numbers.next(self.now)?;
        let id = InterchangeId::new(number).ok_or_else(|| Error::internal("an interchange number is out of range"))?;
        let (status, code, reason_code, reason) = match &judged.outcome {
            Outcome::Delivered => (Status::Active, "E3000", None, None),
            Outcome::Held(code, why) => {
                (Status::Suspended, status_code(code), Some((*code).to_owned()), Some(why.clone()))
            }
            Outcome::Suspense(code, why) => {
                (Status::Suspended, status_code(code), Some(code.clone()), Some(why.clone()))
            }
        };
        let envelope = judged.envelope;
        let new = NewInterchange {
            id,
            parcel: self.parcel.id,
            position: i64::try_from(position).map_err(Error::internal)?,
            range: envelope.range,
            standard: envelope.standard,
            sender: envelope.sender.to_string(),
            receiver: envelope.receiver.to_string(),
            from: judged.from.as_ref().map(|e| e.id),
            to: judged.to.as_ref().map(|e| e.id),
            control_number: envelope.control_number.clone(),
            document_type: envelope.document_type.clone(),
            test: envelope.test,
            status,
            status_code: code,
            reason_code,
            reason,
        };
        store::interchanges::insert(tx, &new, self.now)?;
        Ok(id)
    }

    /// Puts an inbound parcel into the receiver's mailbox.
    fn deliver(&self, tx: &mut Tx<'_>, inbound: &Inbound) -> Result<()> {
        let parcel = Parcel {
            id: self.parcel_number()?,
            direction: Direction::InBox,
            network: inbound.to.network,
            mailbox: inbound.to.mailbox,
            file_name: self.parcel.file_name.clone(),
            bytes: inbound.items.iter().map(|(_, range)| range.end - range.start).sum(),
            status: ParcelStatus::InBoxReady,
            from: Some(inbound.from.id),
            to: Some(inbound.to.id),
            created: self.now,
            modified: self.now,
        };
        store::parcels::insert(tx, &parcel, self.blob, Some(self.parcel.id))?;
        for (position, (interchange, range)) in (0..).zip(&inbound.items) {
            store::parcels::insert_delivery(tx, parcel.id, position, *interchange, *range)?;
        }
        self.event(tx, parcel.id, "delivered", None, parcel.status)
    }

    /// The state of the sender's parcel once everything in it was routed (`states.md`).
    pub fn settle(&self, tx: &mut Tx<'_>) -> Result<ParcelStatus> {
        store::parcels::name_ends(tx, self.parcel.id)?;
        let status = match store::parcels::waits(tx, self.parcel.id)? {
            (true, _) => ParcelStatus::OutboxDeliveryError,
            (false, true) => ParcelStatus::OutboxPending,
            (false, false) => ParcelStatus::OutboxSent,
        };
        let from = self.parcel.status;
        if status != from && store::parcels::set_status(tx, self.parcel.id, from, status, self.now)? {
            self.event(tx, self.parcel.id, "routed", Some(from), status)?;
        }
        Ok(status)
    }

    /// Keeps a move of a parcel.
    pub fn event(
        &self,
        tx: &mut Tx<'_>,
        parcel: ParcelId,
        event: &'static str,
        from: Option<ParcelStatus>,
        to: ParcelStatus,
    ) -> Result<()> {
        let event = Event { id: self.numbers.next(self.now)?, parcel, event, from, to, user: self.user };
        Ok(store::parcels::insert_event(tx, &event, self.now)?)
    }

    fn parcel_number(&self) -> Result<ParcelId> {
        let number = self.numbers.next(self.now)?;
        ParcelId::new(number).ok_or_else(|| Error::internal("a parcel number is out of range"))
    }
}

/// What goes into one inbound parcel.
struct Inbound {
    from: End,
    to: End,
    items: Vec<(InterchangeId, Range)>,
}
impl Inbound {
    fn add(all: &mut Vec<Self>, from: End, to: End, interchange: InterchangeId, range: Range) {
        match all.iter_mut().find(|i| i.from.id == from.id && i.to.id == to.id) {
            Some(inbound) => inbound.items.push((interchange, range)),
            None => all.push(Self { from, to, items: vec![(interchange, range)] }),
        }
    }
}

/// Why there is no receiver, with a hint for whoever mistyped a qualifier.
fn no_receiver(tx: &mut Tx<'_>, space: NameSpace, receiver: &Party) -> Result<Outcome> {
    if receiver.id.is_empty() {
        return Ok(Outcome::suspense("E231", "Receiver id is empty."));
    }
    let other = store::trading_ids::other_qualifier(tx, space, &receiver.id)?;
    Ok(match other.filter(|q| *q != store::fold(&receiver.qualifier)) {
        Some(q) => {
            let (id, given) = (&receiver.id, &receiver.qualifier);
            Outcome::suspense("E233", format!("Receiver {id} is registered with qualifier {q}, not {given}."))
        }
        None => Outcome::suspense("E232", format!("No route for receiver {receiver}.")),
    })
}

/// What in the state of the two ends hinders this data.
fn hinders_data(from: &End, to: &End, test: bool) -> Option<Outcome> {
    let ended = |end: &End| [end.status, end.mailbox_status, end.network_status].contains(&Status::Terminated);
    if ended(from) {
        return Some(Outcome::suspense("E234", "The sender is terminated."));
    }
    if ended(to) {
        return Some(Outcome::suspense("E232", "The receiver is terminated."));
    }
    let suspended = |end: &End| [end.status, end.mailbox_status, end.network_status].contains(&Status::Suspended);
    if suspended(from) || suspended(to) {
        return Some(Outcome::held("E1110", "The sender or the receiver is suspended."));
    }
    let takes = |end: &End| {
        let trial = [end.status, end.mailbox_status, end.network_status]
            .iter()
            .any(|s| matches!(s, Status::Development | Status::Preproduction));
        match end.use_type {
            UseType::Test => test,
            UseType::TestAndProduction => test || !trial,
            UseType::Production | UseType::Undefined => !test || trial,
        }
    };
    let fits = takes(from) && takes(to);
    (!fits).then(|| {
        let kind = if test { "Test" } else { "Production" };
        Outcome::suspense("E238", format!("{kind} data for an id that does not take it."))
    })
}

/// Whether the two ends are connected (decision H1: the stricter policy wins).
fn connection(tx: &mut Tx<'_>, from: &End, to: &End, envelope: &Envelope) -> Result<Outcome> {
    let open = from.policy == RoutingPolicy::Open && to.policy == RoutingPolicy::Open;
    if from.id == to.id || open {
        return Ok(Outcome::Delivered);
    }
    Ok(match store::partners::find_pair(tx, from.id, to.id)? {
        Some(pair) if pair.status == Status::Suspended => Outcome::held("E1110", "The connection is suspended."),
        Some(pair) if pair.interconnect_status == InterconnectStatus::Completed => Outcome::Delivered,
        Some(_) => Outcome::held("E1111", "The connection waits for the other side."),
        None => {
            let (a, b) = (&envelope.sender, &envelope.receiver);
            Outcome::suspense("E237", format!("No active connection between {a} and {b}."))
        }
    })
}
