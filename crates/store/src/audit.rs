//! The audit log: rows written with the operation, chained by one job afterwards (ruling 15).

use crate::{
    db::{FromRow, Row, Tx},
    error::Result,
    sql::made,
};
use model::Time;

pub(crate) const STATEMENTS: &[&str] = &[INSERT, FIND, UNCHAINED, CHAIN, HEAD, SET_HEAD, HEADS, RECORDS, TAIL, STRAYS];

const INSERT: &str = "INSERT INTO audit (chain, at, event, verdict, reason, user_id, credential, subject, fingerprint,
    address, agent, request, path) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING audit_id";
const FIND: &str = "SELECT audit_id, chain, at, event, verdict, reason, user_id, credential, subject, fingerprint,
    address, agent, request, path, seq, hash FROM audit WHERE audit_id = $1";
const UNCHAINED: &str = "SELECT audit_id, chain, at, event, verdict, reason, user_id, credential, subject,
    fingerprint, address, agent, request, path, seq, hash FROM audit WHERE seq IS NULL ORDER BY audit_id LIMIT $1";
const RECORDS: &str = "SELECT audit_id, chain, at, event, verdict, reason, user_id, credential, subject, fingerprint,
    address, agent, request, path, seq, hash FROM audit WHERE chain = $1 AND seq > $2 ORDER BY seq LIMIT $3";
const CHAIN: &str = "UPDATE audit SET seq = $2, hash = $3 WHERE audit_id = $1 AND seq IS NULL";
const HEAD: &str = "SELECT chain, seq, hash FROM audit_heads WHERE chain = $1";
const HEADS: &str = "SELECT chain, seq, hash FROM audit_heads ORDER BY chain";
const SET_HEAD: &str = "INSERT INTO audit_heads (chain, seq, hash) VALUES ($1, $2, $3)
    ON CONFLICT (chain) DO UPDATE SET seq = excluded.seq, hash = excluded.hash";
const TAIL: &str = "SELECT count(*) FROM audit WHERE seq IS NULL";
const STRAYS: &str = "SELECT count(*) FROM audit a LEFT JOIN audit_heads h ON h.chain = a.chain
    WHERE a.seq IS NOT NULL AND (h.seq IS NULL OR a.seq > h.seq)";

/// Who did or tried what.
#[derive(Clone, Debug)]
pub struct Record {
    /// The network whose log this belongs to; 0 for the hub's.
    pub chain: i64,
    /// When.
    pub at: Time,
    /// What, such as `key.reveal`.
    pub event: String,
    /// `done` or `refused`.
    pub verdict: String,
    /// Why it was refused; empty when done.
    pub reason: String,
    /// Who.
    pub user: Option<i64>,
    /// With what: kind and number of the credential, never the credential.
    pub credential: String,
    /// Upon what, such as `user 1005`.
    pub subject: String,
    /// The first 8 bytes of the keyed hash of a key that was shown or made.
    pub fingerprint: Option<Vec<u8>>,
    /// From where.
    pub address: String,
    /// With what program.
    pub agent: String,
    /// Id of the request.
    pub request: String,
    /// Path of the request.
    pub path: String,
}

/// A record as it lies in the log.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Its number.
    pub id: i64,
    /// What it says.
    pub record: Record,
    /// Its position in its chain.
    pub seq: Option<i64>,
    /// Hash over the record and the hash before it.
    pub hash: Option<Vec<u8>>,
}
impl FromRow for Kept {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            record: Record {
                chain: row.get(1)?,
                at: Time(row.get(2)?),
                event: row.get(3)?,
                verdict: row.get(4)?,
                reason: row.get(5)?,
                user: row.get(6)?,
                credential: row.get(7)?,
                subject: row.get(8)?,
                fingerprint: row.get(9)?,
                address: row.get(10)?,
                agent: row.get(11)?,
                request: row.get(12)?,
                path: row.get(13)?,
            },
            seq: row.get(14)?,
            hash: row.get(15)?,
        })
    }
}

/// Writes a record; its number.
pub fn insert(tx: &mut Tx<'_>, record: &Record) -> Result<i64> {
    let number = tx.one::<i64>(
        INSERT,
        &[
            &record.chain,
            &record.at.0,
            &record.event,
            &record.verdict,
            &record.reason,
            &record.user,
            &record.credential,
            &record.subject,
            &record.fingerprint,
            &record.address,
            &record.agent,
            &record.request,
            &record.path,
        ],
    )?;
    made(number)
}

/// The record of a number.
pub fn find(tx: &mut Tx<'_>, id: i64) -> Result<Option<Kept>> {
    tx.one(FIND, &[&id])
}

/// Where a chain ends.
#[derive(Clone, Debug)]
pub struct Head {
    /// The chain.
    pub chain: i64,
    /// Position of its last record.
    pub seq: i64,
    /// Hash of its last record.
    pub hash: Vec<u8>,
}
impl FromRow for Head {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self { chain: row.get(0)?, seq: row.get(1)?, hash: row.get(2)? })
    }
}

/// Records that are in no chain yet, oldest first.
pub fn unchained(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<Kept>> {
    tx.rows(UNCHAINED, &[&limit])
}

/// Puts a record into its chain.
pub fn chain(tx: &mut Tx<'_>, id: i64, seq: i64, hash: &[u8]) -> Result<bool> {
    Ok(tx.run(CHAIN, &[&id, &seq, &hash])? == 1)
}

/// The end of a chain.
pub fn head(tx: &mut Tx<'_>, chain: i64) -> Result<Option<Head>> {
    tx.one(HEAD, &[&chain])
}

/// The ends of all chains.
pub fn heads(tx: &mut Tx<'_>) -> Result<Vec<Head>> {
    tx.rows(HEADS, &[])
}

/// Moves the end of a chain.
pub fn set_head(tx: &mut Tx<'_>, head: &Head) -> Result<()> {
    tx.run(SET_HEAD, &[&head.chain, &head.seq, &head.hash]).map(drop)
}

/// Records of a chain after a position, in order.
pub fn records(tx: &mut Tx<'_>, chain: i64, after: i64, limit: i64) -> Result<Vec<Kept>> {
    tx.rows(RECORDS, &[&chain, &after, &limit])
}

/// How many records are in no chain yet.
pub fn tail(tx: &mut Tx<'_>) -> Result<i64> {
    Ok(tx.one::<i64>(TAIL, &[])?.unwrap_or(0))
}

/// How many records claim a position that their chain does not reach.
pub fn strays(tx: &mut Tx<'_>) -> Result<i64> {
    Ok(tx.one::<i64>(STRAYS, &[])?.unwrap_or(0))
}
