//! What runs beside the requests: each job by one node at a time, under a lease, and each safe to run again.

use crate::{Error, Hub, Result, audit};
use model::Time;
use std::{sync::Arc, time::Duration};
use store::Tx;

/// How long a node keeps a job without renewing.
const LEASE: Duration = Duration::from_secs(15);

/// Content files that nothing refers to are removed when they are older than this (ruling 13).
const STAGED_LIFE: Duration = Duration::from_secs(24 * 3600);

/// Sessions are forgotten so long after their end: until then a refresh that comes too late is still told why.
const OVER_LIFE: Duration = Duration::from_secs(24 * 3600);

/// Sessions that are forgotten in one unit of work.
const SESSIONS: i64 = 500;

impl Hub {
    /// Whether this node is the one that does a job now.
    async fn leads(&self, job: &'static str) -> Result<bool> {
        let (now, holder) = (self.clock.now(), self.numbers.holder().to_owned());
        let taken = self
            .db
            .write(move |tx| Ok::<_, Error>(store::leases::take(tx, job, &holder, now, now.plus(LEASE), 0)?.is_some()));
        taken.await
    }

    /// Chains the audit log; to be called at least once a second.
    pub async fn chain_audit(&self) -> Result<usize> {
        let waiting = self.db.scan(|tx| Ok::<_, Error>(store::audit::tail(tx)?)).await?;
        if waiting == 0 || !self.leads("chain the audit log").await? {
            return Ok(0);
        }
        audit::chain(&self.db).await
    }

    /// Routes what is left to the job; to be called at least once a second, and by several at once so that a long parcel
    /// does not hold up the others.
    pub async fn route(self: &Arc<Self>) -> Result<usize> {
        let waiting = |tx: &mut Tx<'_>| Ok::<_, Error>(!store::parcels::routings(tx, 0, 1)?.is_empty());
        if !self.db.scan(waiting).await? || !self.leads("route").await? {
            return Ok(0);
        }
        self.route_waiting().await
    }

    /// Lets go what was held and may now go on; to be called at least once a second.
    pub async fn release(self: &Arc<Self>) -> Result<usize> {
        let waiting = |tx: &mut Tx<'_>| Ok::<_, Error>(!store::interchanges::releasable(tx, 1)?.is_empty());
        if !self.db.scan(waiting).await? || !self.leads("release").await? {
            return Ok(0);
        }
        self.release_held().await
    }

    /// No job begins anything long any more: what is left is done after the next start.
    pub fn close_desk(&self) {
        self.desk.close();
    }

    /// Writes down when keys were last used; to be called once a minute and at the end.
    pub async fn flush_uses(&self) -> Result<()> {
        let uses = self.uses.take();
        if uses.is_empty() {
            return Ok(());
        }
        self.db.write(move |tx| Ok(store::keys::note_use(tx, &uses)?)).await
    }

    /// Keeps this node's part of the numbers; to be called every few seconds.
    pub async fn renew_numbers(&self) -> Result<()> {
        self.numbers.renew(&self.db, self.clock.now()).await
    }

    /// Removes content that was staged and never referred to; how many files. To be called now and then.
    pub async fn sweep_content(&self) -> Result<usize> {
        let mut removed = 0;
        for name in self.files.list_older_than(STAGED_LIFE).await? {
            let text = name.as_str().to_owned();
            if !self.db.read(move |tx| Ok::<_, Error>(store::blobs::file_known(tx, &text)?)).await? {
                self.files.remove(&name).await?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    /// Forgets sessions that have been over for a day; how many. To be called now and then.
    pub async fn sweep_sessions(&self) -> Result<usize> {
        let (before, mut forgotten) = (Time(self.clock.now().0 - OVER_LIFE.as_millis() as i64), 0);
        loop {
            let forget = move |tx: &mut Tx<'_>| Ok::<_, Error>(store::sessions::forget(tx, before, SESSIONS)?);
            let batch = self.db.write(forget).await?;
            forgotten += batch;
            if batch < SESSIONS as usize {
                return Ok(forgotten);
            }
        }
    }

    /// Does everything that waits to be done.
    pub async fn settle(self: &Arc<Self>) -> Result<()> {
        self.route().await?;
        self.release().await?;
        self.flush_uses().await?;
        self.chain_audit().await.map(drop)
    }

    /// The end: what is in memory only goes to the store, and the node's leases go back.
    pub async fn end(self: &Arc<Self>) -> Result<()> {
        self.flush_uses().await?;
        self.chain_audit().await?;
        self.numbers.give_back(&self.db).await?;
        self.db.close().await;
        Ok(())
    }
}
