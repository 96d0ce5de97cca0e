//! The audit log: a record with every administrative write, every key that leaves and every refusal, and one job that
//! chains the records (ruling 15).
//!
//! `hash = BLAKE3(hash before ‖ canonical record)`; there is one chain for each network, and chain 0 for the hub.

use crate::{Caller, Error, Request, Result, context::Note, operation::Spec};
use model::{Id, NetworkId, Time};
use store::{
    Db, Tx,
    audit::{Head, Kept, Record},
};

/// Longest text kept of what a caller sends.
const LONGEST: usize = 200;

fn cut(text: &str) -> String {
    text.chars().take(LONGEST).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The path of a request as it may be kept: the words of the operation's own paths, and numbers. Whatever else somebody
/// put there, a key by mistake, is left out.
fn path(spec: &Spec, path: &str) -> String {
    let words = || spec.also.iter().chain([&spec.rest]).flat_map(|rest| rest.path.split('/'));
    let known = |segment: &str| {
        let number = segment.len() <= 16 && segment.bytes().all(|b| b.is_ascii_digit());
        number || words().any(|word| word.eq_ignore_ascii_case(segment))
    };
    let kept: Vec<&str> = path.split('/').map(|segment| if known(segment) { segment } else { "…" }).collect();
    cut(&kept.join("/"))
}

/// The record of what was done; none for what is no administrative write.
pub(crate) fn done(
    spec: &Spec,
    request: &Request,
    caller: Option<&Caller>,
    target: Option<NetworkId>,
    note: Note,
    now: Time,
) -> Option<Record> {
    let event = note.event.or(spec.event)?;
    let chain = note.chain.or(target).or(caller.map(|c| c.user.network));
    Some(Record {
        chain: chain.map_or(0, Id::get),
        at: now,
        event: event.into(),
        verdict: "done".into(),
        reason: String::new(),
        user: note.user.or(caller.map(|c| c.user.id)).map(Id::get),
        credential: caller.map(Caller::credential_text).unwrap_or_default(),
        subject: note.subject,
        fingerprint: note.fingerprint,
        address: request.address.to_string(),
        agent: cut(&request.agent),
        request: request.id.to_string(),
        path: path(spec, &request.path),
    })
}

/// The record of a refusal. It lies in the caller's own log: the target's is not the caller's business.
pub(crate) fn refused(spec: &Spec, request: &Request, caller: &Caller, error: &Error, now: Time) -> Record {
    let event = match spec.event {
        Some("key.reveal") => "key.reveal_denied",
        Some(event) => event,
        None => spec.name,
    };
    Record {
        chain: caller.user.network.get(),
        at: now,
        event: event.into(),
        verdict: "refused".into(),
        reason: error.message.to_string(),
        user: Some(caller.user.id.get()),
        credential: caller.credential_text(),
        subject: String::new(),
        fingerprint: None,
        address: request.address.to_string(),
        agent: cut(&request.agent),
        request: request.id.to_string(),
        path: path(spec, &request.path),
    }
}

/// What the hub itself did, such as making the first user.
pub(crate) fn by_the_hub(chain: i64, event: &str, subject: String, fingerprint: Option<Vec<u8>>, now: Time) -> Record {
    Record {
        chain,
        at: now,
        event: event.into(),
        verdict: "done".into(),
        reason: String::new(),
        user: None,
        credential: "operator".into(),
        subject,
        fingerprint,
        address: String::new(),
        agent: String::new(),
        request: String::new(),
        path: String::new(),
    }
}

/// The hash of a record at a position of a chain: each member with its length before it, so that no two records read alike.
fn link(before: &[u8], seq: i64, kept: &Kept) -> blake3::Hash {
    let r = &kept.record;
    let mut hasher = blake3::Hasher::new();
    let mut member = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_be_bytes());
        hasher.update(bytes);
    };
    member(before);
    for number in [seq, kept.id, r.chain, r.at.0, r.user.unwrap_or(0)] {
        member(&number.to_be_bytes());
    }
    let texts = [&r.event, &r.verdict, &r.reason, &r.credential, &r.subject, &r.address, &r.agent, &r.request, &r.path];
    for text in texts {
        member(text.as_bytes());
    }
    member(r.fingerprint.as_deref().unwrap_or_default());
    hasher.finalize()
}

/// Records chained in one unit of work.
const BATCH: i64 = 200;

/// Chains what is not chained yet; how many records that were. Called by the one holder of the lease.
pub async fn chain(db: &Db) -> Result<usize> {
    let mut all = 0;
    loop {
        let done = db.write(chain_batch).await?;
        all += done;
        if done < BATCH as usize {
            return Ok(all);
        }
    }
}

fn chain_batch(tx: &mut Tx<'_>) -> Result<usize> {
    let waiting = store::audit::unchained(tx, BATCH)?;
    let mut heads: Vec<Head> = Vec::new();
    for kept in &waiting {
        let chain = kept.record.chain;
        let at = match heads.iter().position(|h| h.chain == chain) {
            Some(at) => at,
            None => {
                let head = store::audit::head(tx, chain)?;
                heads.push(head.unwrap_or(Head { chain, seq: 0, hash: Vec::new() }));
                heads.len() - 1
            }
        };
        let Some(head) = heads.get_mut(at) else { continue };
        let hash = link(&head.hash, head.seq + 1, kept).as_bytes().to_vec();
        if !store::audit::chain(tx, kept.id, head.seq + 1, &hash)? {
            return Err(Error::internal("two jobs chain the audit log at once"));
        }
        *head = Head { chain, seq: head.seq + 1, hash };
    }
    for head in &heads {
        store::audit::set_head(tx, head)?;
    }
    Ok(waiting.len())
}

/// What a check of the log found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Records whose place in a chain is proved.
    pub chained: i64,
    /// Chains.
    pub chains: usize,
    /// Records that the job has not chained yet.
    pub unchained: i64,
    /// What is wrong; empty when nothing is.
    pub faults: Vec<String>,
}

/// Records read at once.
const READ: i64 = 1_000;

/// Recomputes every chain.
pub async fn verify(db: &Db) -> Result<Report> {
    db.scan(|tx| {
        let heads = store::audit::heads(tx)?;
        let mut report = Report { chains: heads.len(), unchained: store::audit::tail(tx)?, ..Report::default() };
        for head in &heads {
            verify_chain(tx, head, &mut report)?;
        }
        let strays = store::audit::strays(tx)?;
        if strays > 0 {
            report.faults.push(format!("{strays} records lie beyond the end of their chain"));
        }
        Ok(report)
    })
    .await
}

fn verify_chain(tx: &mut Tx<'_>, head: &Head, report: &mut Report) -> Result<()> {
    let (mut seq, mut hash) = (0, Vec::new());
    loop {
        let records = store::audit::records(tx, head.chain, seq, READ)?;
        for kept in &records {
            let expected = link(&hash, seq + 1, kept);
            if kept.seq != Some(seq + 1) || kept.hash.as_deref() != Some(expected.as_bytes().as_slice()) {
                let fault =
                    format!("chain {}: record {} at position {} is not what was written", head.chain, kept.id, seq + 1);
                report.faults.push(fault);
                return Ok(());
            }
            seq += 1;
            report.chained += 1;
            hash = expected.as_bytes().to_vec();
        }
        if records.is_empty() {
            break;
        }
    }
    if (seq, &hash) != (head.seq, &head.hash) {
        report.faults.push(format!("chain {}: ends at position {seq}, was written up to {}", head.chain, head.seq));
    }
    Ok(())
}
