//! What jobs do with parcels: routing those of very many interchanges, letting go what was held.

use crate::{
    Error, Hub, Result,
    envelopes::{Envelope, Envelopes, read_envelopes},
    off_the_runtime,
    routing::{BATCH, Sending},
};
use model::{Id, MailboxId, ParcelId, Time};
use std::{
    collections::{HashMap, HashSet},
    io::{self, Read, Seek},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use store::{Tx, parcels::Routing};
use tokio::sync::mpsc;

/// How long a parcel that could not be routed is left alone.
const REST: Duration = Duration::from_secs(60);

/// What this node is routing now, or leaves alone for a while.
#[derive(Default)]
pub(crate) struct Desk {
    places: Mutex<Places>,
    closed: AtomicBool,
}
#[derive(Default)]
struct Places {
    /// Mailboxes of which a parcel is being routed: what goes out from one of them goes in the order it came.
    busy: HashSet<MailboxId>,
    /// Parcels that could not be routed, and until when they rest.
    resting: HashMap<ParcelId, Time>,
}

impl Desk {
    /// Takes a parcel, unless somebody has another of its mailbox or it rests.
    fn take(&self, routing: &Routing, now: Time) -> Option<Taken<'_>> {
        let mut places = self.places();
        if self.closed() || places.resting.get(&routing.parcel).is_some_and(|until| now < *until) {
            return None;
        }
        places.resting.remove(&routing.parcel);
        // Not then_some: what is made and dropped at once would free the mailbox, under this lock.
        places.busy.insert(routing.mailbox).then(|| Taken { desk: self, mailbox: routing.mailbox })
    }

    fn places(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// Nothing more is begun, and what is being done ends with its batch.
    pub fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }
}

/// A mailbox of which a parcel is being routed; dropped, it is free again.
struct Taken<'a> {
    desk: &'a Desk,
    mailbox: MailboxId,
}
impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.desk.places().busy.remove(&self.mailbox);
    }
}

impl Hub {
    /// Routes parcels of very many interchanges, a batch for each unit of work; how many batches that were.
    ///
    /// It may run several times at once: each takes parcels of mailboxes that no other has. One that cannot be routed is left alone
    /// for a while and does not hold up the others.
    pub async fn route_waiting(self: &Arc<Self>) -> Result<usize> {
        let (mut after, mut batches, mut failed) = (0, 0, None);
        loop {
            let waiting = self.db.scan(move |tx| Ok::<_, Error>(store::parcels::routings(tx, after, 10)?)).await?;
            let Some(last) = waiting.last() else { return failed.map_or(Ok(batches), Err) };
            after = last.parcel.get();
            for routing in waiting {
                let parcel = routing.parcel;
                let Some(_taken) = self.desk.take(&routing, self.clock.now()) else { continue };
                match self.route_one(routing).await {
                    Ok(done) => batches += done,
                    Err(error) => {
                        self.desk.places().resting.insert(parcel, self.clock.now().plus(REST));
                        tracing::error!(%parcel, source = ?error.source, "a parcel cannot be routed; it is tried again later");
                        failed = Some(error);
                    }
                }
            }
        }
    }

    /// Lets go what was held for a partnership that is complete now, in the order it came; how many interchanges.
    pub async fn release_held(self: &Arc<Self>) -> Result<usize> {
        let mut released = 0;
        loop {
            let hub = self.clone();
            let done = self.db.write(move |tx| hub.release_batch(tx)).await?;
            released += done;
            if done < BATCH {
                return Ok(released);
            }
        }
    }

    fn release_batch(&self, tx: &mut Tx<'_>) -> Result<usize> {
        let held = store::interchanges::releasable(tx, i64::try_from(BATCH).map_err(Error::internal)?)?;
        for of_one in held.chunk_by(|a, b| a.parcel == b.parcel) {
            let Some(number) = of_one.first().map(|item| item.parcel) else { continue };
            let parcel = store::parcels::find(tx, number)?.ok_or_else(|| Error::not_found("parcel"))?;
            let sending = Sending {
                blob: store::blobs::number_of_parcel(tx, parcel.id)?,
                from: None,
                to: None,
                parcel: &parcel,
                whole_network: false,
                user: None,
                numbers: &self.numbers,
                now: self.clock.now(),
            };
            sending.release(tx, of_one)?;
        }
        Ok(held.len())
    }

    /// Reads a parcel in one thread and routes what comes out of it in another, a batch for each unit of work.
    async fn route_one(self: &Arc<Self>, routing: Routing) -> Result<usize> {
        let find = move |tx: &mut Tx<'_>| {
            store::blobs::of_parcel(tx, routing.parcel)?.ok_or_else(|| Error::not_found("parcel"))
        };
        let blob = self.db.read(find).await?;
        let mut next = usize::try_from(routing.next).map_err(Error::internal)?;
        let (tell, mut told) = mpsc::channel(1);
        let mut content = self.outgoing(blob, Vec::new()).await?;
        let reading = off_the_runtime(move || batches(content.source(), next, &tell));
        let writing = async {
            let mut done = 0;
            while let Some(batch) = told.recv().await.filter(|_| !self.desk.closed()) {
                let further = next + batch.envelopes.len();
                let (hub, routing) = (self.clone(), routing.clone());
                let unit = move |tx: &mut Tx<'_>| hub.route_batch(tx, &routing, &batch, next);
                // Another node was faster: it goes on.
                if !self.db.write(unit).await? {
                    break;
                }
                (next, done) = (further, done + 1);
            }
            drop(told);
            Ok(done)
        };
        let (read, done) = tokio::join!(reading, writing);
        read?.and(done)
    }

    /// Routes the next batch of a parcel, unless that was done before.
    fn route_batch(&self, tx: &mut Tx<'_>, routing: &Routing, batch: &Batch, first: usize) -> Result<bool> {
        let number = |n: usize| i64::try_from(n).map_err(Error::internal);
        let parcel = store::parcels::find(tx, routing.parcel)?.ok_or_else(|| Error::not_found("parcel"))?;
        let (next, further) = (number(first)?, number(first + batch.envelopes.len())?);
        if !store::parcels::advance_routing(tx, parcel.id, next, further)? {
            return Ok(false);
        }
        let sending = Sending {
            blob: store::blobs::number_of_parcel(tx, parcel.id)?,
            from: parcel.from,
            to: parcel.to,
            parcel: &parcel,
            whole_network: routing.whole_network,
            user: routing.user,
            numbers: &self.numbers,
            now: self.clock.now(),
        };
        sending.route(tx, first, &batch.envelopes)?;
        if batch.last {
            sending.settle(tx)?;
            store::parcels::end_routing(tx, parcel.id)?;
        }
        Ok(true)
    }
}

/// Envelopes that are routed in one unit of work.
#[derive(Debug)]
struct Batch {
    envelopes: Vec<Envelope>,
    /// Whether the parcel holds no more.
    last: bool,
}

/// Reads content and tells its envelopes batch by batch, but for those of earlier batches. Nobody listening ends it.
fn batches(content: &mut (impl Read + Seek), skip: usize, tell: &mpsc::Sender<Batch>) -> Result<()> {
    let mut envelopes = Envelopes { found: Vec::new(), skip, most: usize::MAX };
    let send = |envelopes, last| tell.blocking_send(Batch { envelopes, last }).map_err(io::Error::other);
    let told = read_envelopes(content, &mut envelopes, |envelopes, _| {
        while envelopes.found.len() > BATCH {
            let rest = envelopes.found.split_off(BATCH);
            send(std::mem::replace(&mut envelopes.found, rest), false)?;
        }
        Ok(())
    });
    match told {
        _ if tell.is_closed() => Ok(()),
        Ok(_) => send(envelopes.found, true).or(Ok(())),
        Err(error) => Err(Error::internal(error)),
    }
}
