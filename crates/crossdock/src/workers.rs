//! What runs beside the requests. The only place that starts tasks that nobody waits for.

use hub::{Error, Hub};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{MissedTickBehavior, interval},
};

/// Parcels of very many interchanges that are routed at once.
const ROUTERS: usize = 4;

/// The jobs at work.
pub struct Workers {
    hub: Arc<Hub>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Workers {
    /// Starts them.
    pub fn start(hub: &Arc<Hub>) -> Self {
        let mut workers = Self { hub: hub.clone(), stop: watch::Sender::new(false), tasks: JoinSet::new() };
        let every = Duration::from_millis;
        workers.each(hub, every(500), "chain the audit log", |hub| async move { hub.chain_audit().await.map(drop) });
        for _ in 0..ROUTERS {
            workers.each(hub, every(500), "route", |hub| async move { hub.route().await.map(drop) });
        }
        workers.each(hub, every(500), "release", |hub| async move { hub.release().await.map(drop) });
        workers.each(hub, every(10_000), "renew numbers", |hub| async move { hub.renew_numbers().await });
        workers.each(hub, every(60_000), "write down uses", |hub| async move { hub.flush_uses().await });
        let hourly = every(3_600_000);
        workers.each(hub, hourly, "sweep content", |hub| async move { hub.sweep_content().await.map(drop) });
        workers.each(hub, hourly, "sweep sessions", |hub| async move { hub.sweep_sessions().await.map(drop) });
        workers
    }

    /// Does a job again and again. What fails is logged, and done again at the next turn.
    #[expect(clippy::disallowed_methods, reason = "the place where tasks start")]
    fn each<F>(&mut self, hub: &Arc<Hub>, every: Duration, job: &'static str, work: fn(Arc<Hub>) -> F)
    where
        F: Future<Output = Result<(), Error>> + Send + 'static,
    {
        let (hub, mut stop) = (hub.clone(), self.stop.subscribe());
        self.tasks.spawn(async move {
            let mut turns = interval(every);
            turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                tokio::select! {
                    _ = turns.tick() => {}
                    _ = stop.wait_for(|stop| *stop) => break,
                }
                // A task of its own, so that a panic ends one turn and not the job.
                match tokio::spawn(work(hub.clone())).await {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => {
                        tracing::warn!(job, source = ?error.source, "a job failed, and will be done again");
                    }
                    Err(_) => tracing::error!(job, "a job panicked, and will be done again"),
                }
            }
        });
    }

    /// Lets each finish what it is doing, and do no more.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        self.hub.close_desk();
        while self.tasks.join_next().await.is_some() {}
    }
}
