//! Parcels: taken in, listed, handed out, confirmed.

use crate::{
    Context, Error, Hub, Result,
    access::{Place, Reach},
    content::{Accepted, Outgoing},
    operation::{Home, Located, Staged},
    routing::{AT_ONCE, Sending},
    users::Seat,
};
use model::*;
use std::sync::{Arc, Mutex};
use store::Page;

impl Located for Parcel {
    const WHAT: &'static str = "parcel";
    fn places(&self) -> Vec<Place> {
        let trading_id = if self.direction == Direction::OutBox { self.from } else { self.to };
        vec![Place { network: self.network, mailbox: Some(self.mailbox), user: None, trading_id }]
    }
}

/// Where an upload goes out from. It may stand in the envelopes only, which are not read yet when the place is first looked at.
#[derive(Debug)]
pub enum Outbox {
    /// This mailbox.
    Of(Mailbox),
    /// That of the envelopes' senders.
    OfSender(Home),
}
impl Located for Outbox {
    const WHAT: &'static str = "mailbox or ECGrid ID";
    fn places(&self) -> Vec<Place> {
        match self {
            Self::Of(mailbox) => mailbox.places(),
            Self::OfSender(home) => home.places(),
        }
    }
}

/// The explicit parts of an upload.
#[derive(Clone, Copy, Debug, Default)]
pub struct Addressing {
    /// The mailbox it goes out from.
    pub mailbox: Option<MailboxId>,
    /// Sender, who must be the caller's.
    pub from: Option<TradingId>,
    /// Receiver, who may be anybody's (`contract/foreign.txt`).
    pub to: Option<TradingId>,
}

impl Context<'_, '_> {
    /// The parcel; missing is not found.
    pub fn parcel(&mut self, parcel: ParcelId) -> Result<Parcel> {
        store::parcels::find(self.tx, parcel)?.ok_or_else(|| Error::not_found("parcel"))
    }

    /// Where an upload goes out from (ruling 32): the mailbox named, the caller's, that of the explicit sender, that of
    /// the envelopes' senders.
    pub fn outbox(&mut self, addressing: Addressing) -> Result<Outbox> {
        let from = match addressing.from {
            Some(id) => {
                let from = self.live_trading_id(id)?;
                Some(self.within_reach(Some(from))?)
            }
            None => None,
        };
        if let Some(to) = addressing.to {
            self.live_trading_id(to)?;
        }
        let named = addressing.mailbox.or(self.caller()?.user.mailbox).or(from.map(|f| f.mailbox));
        match (named, self.staged()) {
            (Some(mailbox), _) => Ok(Outbox::Of(self.live_mailbox(mailbox)?)),
            (None, Staged::Content(accepted)) => self.outbox_of_senders(accepted),
            (None, _) => Ok(Outbox::OfSender(self.home())),
        }
    }

    fn outbox_of_senders(&mut self, accepted: &Accepted) -> Result<Outbox> {
        let mut found: Option<MailboxId> = None;
        let unclear = || Error::parameter("mailboxId", "name the mailbox: the senders in the file do not tell one");
        for envelope in accepted.envelopes.iter().take(AT_ONCE) {
            let (space, sender) = (NameSpace::from(envelope.standard), &envelope.sender);
            let end = store::trading_ids::route(self.tx, space, &sender.qualifier, &sender.id)?;
            let mailbox = self.within_reach_end(end).ok_or_else(unclear)?;
            if found.is_some_and(|other| other != mailbox) {
                return Err(unclear());
            }
            found = Some(mailbox);
        }
        Ok(Outbox::Of(self.live_mailbox(found.ok_or_else(unclear)?)?))
    }

    fn within_reach_end(&self, end: Option<store::trading_ids::End>) -> Option<MailboxId> {
        let end = end?;
        let place = Place { network: end.network, mailbox: Some(end.mailbox), user: None, trading_id: Some(end.id) };
        self.reach.covers(&self.caller?.home(), &place).then_some(end.mailbox)
    }

    /// Takes in what was uploaded and routes it, or leaves a long file to the job. Durable with this unit of work.
    pub fn upload(&mut self, outbox: Outbox, file_name: &FileName, addressing: Addressing) -> Result<Parcel> {
        let Staged::Content(accepted) = self.staged() else {
            return Err(Error::internal("an upload has no content"));
        };
        let Outbox::Of(mailbox) = outbox else {
            return Err(Error::parameter("mailboxId", "name the mailbox the file goes out from"));
        };
        let (hub, user) = (self.hub, Some(self.caller()?.user.id));
        let number = hub.numbers.next(self.now)?;
        let parcel = Parcel {
            id: ParcelId::new(number).ok_or_else(|| Error::internal("a parcel number is out of range"))?,
            direction: Direction::OutBox,
            network: mailbox.network,
            mailbox: mailbox.id,
            file_name: file_name.as_str().to_owned(),
            bytes: accepted.blob.bytes,
            status: ParcelStatus::OutboxPending,
            from: addressing.from,
            to: addressing.to,
            created: self.now,
            modified: self.now,
        };
        let blob = store::blobs::insert(self.tx, &accepted.blob)?;
        store::parcels::insert(self.tx, &parcel, blob, None)?;
        let whole_network = self.reach >= Reach::Network;
        let sending = Sending {
            parcel: &parcel,
            blob,
            from: addressing.from,
            to: addressing.to,
            whole_network,
            user,
            numbers: &hub.numbers,
            now: self.now,
        };
        sending.event(self.tx, parcel.id, "accepted", None, parcel.status)?;
        let envelopes = &accepted.envelopes;
        if envelopes.len() > AT_ONCE {
            store::parcels::insert_routing(self.tx, parcel.id, whole_network, user)?;
        } else {
            sending.route(self.tx, 0, envelopes)?;
            sending.settle(self.tx)?;
        }
        self.parcel(parcel.id)
    }

    /// Parcels that wait to be confirmed, oldest first.
    pub fn pending(&mut self, mailboxes: Mailboxes, page: Page) -> Result<(Vec<Parcel>, i64)> {
        let mailbox = match mailboxes {
            Mailboxes::Default => self.caller()?.user.mailbox,
            Mailboxes::All => None,
            Mailboxes::One(id) => {
                let mailbox = store::mailboxes::find(self.tx, id)?.ok_or_else(|| Error::not_found(Seat::WHAT))?;
                let place = Place { network: mailbox.network, mailbox: Some(id), user: None, trading_id: None };
                self.within_reach_of_filter(place)?;
                Some(id)
            }
        };
        Ok(store::parcels::pending(self.tx, self.scope()?, mailbox, page)?)
    }

    /// Hands out a parcel's content, which was read or opened before: notes that it was, and by whom.
    pub fn download(&mut self, parcel: &Parcel) -> Result<()> {
        if parcel.status == ParcelStatus::Cancelled {
            return Err(Error::parameter("parcelId", "the parcel is Cancelled"));
        }
        store::parcels::note_download(self.tx, parcel.id, self.now)?;
        self.parcel_event(parcel.id, "downloaded", Some(parcel.status), parcel.status)
    }

    /// Confirms an inbound parcel; once all that was cut from the sender's parcel is confirmed, that is acknowledged.
    /// Confirming again changes nothing.
    pub fn confirm(&mut self, parcel: &Parcel) -> Result<()> {
        let (from, to) = (ParcelStatus::InBoxReady, ParcelStatus::InBoxTransferred);
        match parcel.status {
            ParcelStatus::InBoxTransferred | ParcelStatus::InBoxArchived => return Ok(()),
            ParcelStatus::InBoxReady => {}
            other => {
                return Err(Error::parameter("parcelId", format!("only an inbox parcel is confirmed; it is {other}")));
            }
        }
        let source = store::parcels::source(self.tx, parcel.id)?;
        if let Some(source) = source {
            store::parcels::take(self.tx, source)?;
        }
        if !store::parcels::set_status(self.tx, parcel.id, from, to, self.now)? {
            return Ok(());
        }
        self.parcel_event(parcel.id, "confirmed", Some(from), to)?;
        let Some(source) = source else { return Ok(()) };
        let (sent, acknowledged) = (ParcelStatus::OutboxSent, ParcelStatus::OutboxAcknowledged);
        let all = store::parcels::unconfirmed(self.tx, source)? == 0;
        if all && store::parcels::set_status(self.tx, source, sent, acknowledged, self.now)? {
            self.parcel_event(source, "acknowledged", Some(sent), acknowledged)?;
        }
        Ok(())
    }

    fn parcel_event(
        &mut self,
        parcel: ParcelId,
        event: &'static str,
        from: Option<ParcelStatus>,
        to: ParcelStatus,
    ) -> Result<()> {
        let (id, user) = (self.hub.numbers.next(self.now)?, self.caller.map(|c| c.user.id));
        Ok(store::parcels::insert_event(
            self.tx,
            &store::parcels::Event { id, parcel, event, from, to, user },
            self.now,
        )?)
    }
}

impl Hub {
    /// Gets the content of a parcel ready to be handed out: as it is, or to be written into JSON.
    pub async fn stage_download(&self, parcel: ParcelId, raw: bool) -> Result<Staged> {
        let content = self.parcel_content(parcel).await?;
        let (bytes, most) = (content.bytes(), self.settings.content_in_json);
        if raw {
            return Ok(Staged::File(Arc::new(Mutex::new(Some(content)))));
        }
        if bytes > most {
            let why = format!("holds {bytes} bytes, and JSON takes {most}: ask with Accept: application/octet-stream");
            return Err(Error::parameter("parcelId", why));
        }
        Ok(Staged::Bytes(Arc::new(content.all().await?)))
    }

    /// The content of a parcel: all of the file for its sender, what is meant for it for a receiver.
    async fn parcel_content(&self, parcel: ParcelId) -> Result<Outgoing> {
        let (blob, ranges) = self
            .db
            .read(move |tx| {
                let blob = store::blobs::of_parcel(tx, parcel)?.ok_or_else(|| Error::not_found("parcel"))?;
                Ok::<_, Error>((blob, store::parcels::ranges(tx, parcel)?))
            })
            .await?;
        self.outgoing(blob, ranges).await
    }
}
