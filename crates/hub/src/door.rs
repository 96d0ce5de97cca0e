//! The one door: every surface runs every operation through [`Hub::call`], in the order of ruling 1.
//!
//! address limit → sign-in (401) → credential limit (429) → level and kind of credential (403) → decode (400) → place
//! (404) → rules (403) → run → audit record → durable commit → finish.

use crate::{
    Caller, Context, Credential, Error, Hub, Intake, Kind, Request, Result,
    access::{Policy, Reach},
    audit,
    context::Note,
    operation::{Effect, Located, Operation, Spec, Stage, Staged},
};
use model::UserId;
use std::{net::IpAddr, sync::Arc, time::Duration};
use store::Tx;

/// The proof that a unit of work, its audit record included, is durable. Only the door makes one.
#[derive(Debug)]
pub struct Committed(());

/// What an operation answered.
pub struct Answer<T> {
    /// Its output.
    pub output: T,
    /// The audit record of a key that leaves with it (ruling 43).
    pub audit_record: Option<i64>,
}

/// What an operation is called with: its input, and content that came as it is beside it.
pub type Input<O> = (O, Option<Intake>);

/// What a unit of work gave: the output, and its audit record.
type Ran<T> = (T, Option<i64>);

impl Hub {
    /// Runs an operation for whoever asks. `input` reads and decodes the request; it is not touched for someone who may
    /// not ask.
    pub async fn call<O: Operation>(
        self: &Arc<Self>,
        request: &Arc<Request>,
        input: impl Future<Output = Result<Input<O>>>,
    ) -> Result<Answer<O::Output>> {
        let caller = self.enter(&O::SPEC, request).await?;
        let answered = self.admitted(request, caller.clone(), input).await;
        match (&caller, &answered) {
            (Some(caller), Err(error)) => self.record_refusal(&O::SPEC, request, caller, error).await,
            (None, Err(error)) => self.count_failure(request, error),
            (_, Ok(_)) => {}
        }
        answered
    }

    /// Address limit, sign-in, credential limit.
    async fn enter(self: &Arc<Self>, spec: &Spec, request: &Arc<Request>) -> Result<Option<Arc<Caller>>> {
        let now = self.clock.now();
        let address = net(request.address);
        self.addresses
            .check(address, now)
            .map_err(|wait| slow_down(wait, "Too many failed sign-ins from this address."))?;
        if spec.policy == Policy::Open {
            return Ok(None);
        }
        let (hub, asked) = (self.clone(), request.clone());
        let signed_in = self.db.read(move |tx| hub.sign_in(tx, &asked, now)).await;
        let caller = signed_in.inspect_err(|error| self.count_failure(request, error))?;
        // Sessions share one bucket of their user: signing in again is no way around the limit.
        let credential = match caller.credential {
            Credential::Session | Credential::Token => (true, model::Id::get(caller.user.id)),
            _ => (false, caller.credential_id),
        };
        let limited = self.credentials.take(credential, now);
        limited.map_err(|wait| slow_down(wait, "Too many requests with this credential."))?;
        if spec.effect == Effect::Reveals {
            let limited = self.reveals.take(caller.user.id, now);
            limited.map_err(|wait| slow_down(wait, "Too many keys asked for."))?;
        }
        Ok(Some(Arc::new(caller)))
    }

    /// A sign-in that failed counts against its address. Nothing of it is stored.
    fn count_failure(&self, request: &Request, error: &Error) {
        if matches!(error.kind, Kind::InvalidApiKey | Kind::InvalidSession) {
            let _ = self.addresses.take(net(request.address), self.clock.now());
        }
    }

    /// Everything after sign-in.
    async fn admitted<O: Operation>(
        self: &Arc<Self>,
        request: &Arc<Request>,
        caller: Option<Arc<Caller>>,
        input: impl Future<Output = Result<Input<O>>>,
    ) -> Result<Answer<O::Output>> {
        let reach = match &caller {
            Some(caller) => self.admit(&O::SPEC, caller)?,
            None => Reach::All,
        };
        let (op, content) = input.await?;
        let op = Arc::new(op);
        let effect = op.effect(caller.as_deref());
        if !effect.writes() {
            return self.look(request, caller, reach, op, effect).await;
        }
        let staged = self.staged(request, &caller, reach, &op, content).await?;
        let changed = self.change(request, &op, caller.map(|c| c.user.id), staged.clone()).await;
        if let (Err(error), Staged::Content(content)) = (&changed, &staged)
            && error.is_verdict()
        {
            self.discard(content).await;
        }
        let (mut output, audit_record) = changed?;
        // The unit is durable: what needs the proof of that happens now.
        op.finish(self, &mut output, &Committed(()))?;
        Ok(Answer { output, audit_record: audit_record.filter(|_| effect == Effect::Reveals) })
    }

    /// A read: place and run in one look at the store.
    async fn look<O: Operation>(
        self: &Arc<Self>,
        request: &Arc<Request>,
        caller: Option<Arc<Caller>>,
        reach: Reach,
        op: Arc<O>,
        effect: Effect,
    ) -> Result<Answer<O::Output>> {
        let (hub, request) = (self.clone(), request.clone());
        let unit = move |tx: &mut Tx<'_>| {
            let mut cx = hub.context(tx, &request, caller.as_deref(), reach, &Staged::Nothing);
            let target = placed(&*op, &mut cx)?;
            op.run(&mut cx, target)
        };
        let output = match effect {
            Effect::Reads => self.db.read(unit).await?,
            _ => self.db.scan(unit).await?,
        };
        Ok(Answer { output, audit_record: None })
    }

    /// What is done outside the store before a write begins, once it is sure that the caller may.
    async fn staged<O: Operation>(
        self: &Arc<Self>,
        request: &Arc<Request>,
        caller: &Option<Arc<Caller>>,
        reach: Reach,
        op: &Arc<O>,
        content: Option<Intake>,
    ) -> Result<Staged> {
        if !O::SPEC.stages {
            return Ok(Staged::Nothing);
        }
        let (hub, asked, op_, who) = (self.clone(), request.clone(), op.clone(), caller.clone());
        let look = move |tx: &mut Tx<'_>| {
            let mut cx = hub.context(tx, &asked, who.as_deref(), reach, &Staged::Nothing);
            placed(&*op_, &mut cx).map(drop)
        };
        self.db.read(look).await?;
        op.stage(Stage { hub: self, caller: caller.as_deref(), request, content }).await
    }

    /// A write: the caller's state and the place are read again inside the unit (ruling 3), and the record of what was
    /// done commits with it.
    async fn change<O: Operation>(
        self: &Arc<Self>,
        request: &Arc<Request>,
        op: &Arc<O>,
        user: Option<UserId>,
        staged: Staged,
    ) -> Result<Ran<O::Output>> {
        let (hub, request, op) = (self.clone(), request.clone(), op.clone());
        self.db
            .write(move |tx| {
                let now = hub.clock.now();
                let caller = user.map(|user| hub.sign_in_to_write(tx, &O::SPEC, &request, user, now)).transpose()?;
                let reach = caller.as_ref().map_or(Ok(Reach::All), |c| hub.admit(&O::SPEC, c))?;
                let mut cx = hub.context(tx, &request, caller.as_ref(), reach, &staged);
                let target = placed(&*op, &mut cx)?;
                let chain = target.places().first().map(|place| place.network);
                let output = op.run(&mut cx, target)?;
                let note = std::mem::take(&mut cx.note);
                let record = audit::done(&O::SPEC, &request, caller.as_ref(), chain, note, now);
                let audit_record = record.map(|record| store::audit::insert(tx, &record)).transpose()?;
                Ok((output, audit_record))
            })
            .await
    }

    fn context<'a, 't>(
        &'a self,
        tx: &'a mut Tx<'t>,
        request: &'a Request,
        caller: Option<&'a Caller>,
        reach: Reach,
        staged: &'a Staged,
    ) -> Context<'a, 't> {
        Context { tx, hub: self, request, caller, reach, staged, now: self.clock.now(), note: Note::default() }
    }

    /// A signed-in caller that was refused is recorded, outside the unit that was rolled back.
    async fn record_refusal(&self, spec: &'static Spec, request: &Arc<Request>, caller: &Arc<Caller>, error: &Error) {
        if !error.is_refusal() {
            return;
        }
        let record = audit::refused(spec, request, caller, error, self.clock.now());
        let written = self.db.write(move |tx| store::audit::insert(tx, &record).map_err(Error::from)).await;
        if let Err(error) = written {
            tracing::error!(request = %request.id, source = ?error.source, "a refusal could not be recorded");
        }
    }
}

/// Loads the target and sees that the caller's reach covers it: missing and foreign are one answer.
fn placed<O: Operation>(op: &O, cx: &mut Context<'_, '_>) -> Result<O::Target> {
    let target = op.place(cx).map_err(|error| match error.kind {
        Kind::ObjectNotFound => Error::not_found(O::Target::WHAT),
        _ => error,
    })?;
    cx.within_reach(Some(target))
}

/// An IPv6 network of 64 bits is one address: a household has as many of them as it likes.
fn net(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) >> 64 << 64).into()),
        v4 => v4,
    }
}

fn slow_down(wait: Duration, why: &'static str) -> Error {
    Error::too_many(wait, why)
}
