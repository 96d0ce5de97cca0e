//! Mailboxes.

use crate::{
    db::{FromRow, Row, Tx},
    error::Result,
    scope::{Page, Scope},
    sql::{Only, fold, id, name, time},
};
use model::*;

pub(crate) const STATEMENTS: &[&str] = &[FIND, INSERT, LIST, COUNT];

const FIND: &str = "SELECT mailbox_id, network_id, unique_id, company_name, status, created_at, modified_at
    FROM mailboxes WHERE mailbox_id = $1";
const INSERT: &str = "INSERT INTO mailboxes
    (network_id, unique_id, unique_key, company_name, status, rev, created_at, modified_at)
    VALUES ($1, $2, $3, $4, $5, 0, $6, $6) ON CONFLICT (network_id, unique_key) DO NOTHING RETURNING mailbox_id";
const LIST: &str = "SELECT mailbox_id, network_id, unique_id, company_name, status, created_at, modified_at
    FROM mailboxes
    WHERE (CAST($1 AS BIGINT) IS NULL OR network_id = $1) AND (CAST($2 AS BIGINT) IS NULL OR mailbox_id = $2)
      AND (CAST($3 AS BIGINT) IS NULL OR network_id = $3)
      AND (CAST($4 AS TEXT) IS NULL AND status <> 'Terminated' OR status = $4)
    ORDER BY mailbox_id LIMIT $5 OFFSET $6";
const COUNT: &str = "SELECT count(*) FROM (SELECT 1 AS one FROM mailboxes
    WHERE (CAST($1 AS BIGINT) IS NULL OR network_id = $1) AND (CAST($2 AS BIGINT) IS NULL OR mailbox_id = $2)
      AND (CAST($3 AS BIGINT) IS NULL OR network_id = $3)
      AND (CAST($4 AS TEXT) IS NULL AND status <> 'Terminated' OR status = $4) LIMIT 10001) AS few";

impl FromRow for Mailbox {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: id(row, 0)?,
            network: id(row, 1)?,
            unique_id: row.get(2)?,
            company_name: row.get(3)?,
            status: name(row, 4)?,
            created: time(row, 5)?,
            modified: time(row, 6)?,
        })
    }
}

/// The mailbox.
pub fn find(tx: &mut Tx<'_>, mailbox: MailboxId) -> Result<Option<Mailbox>> {
    tx.one(FIND, &[&mailbox.get()])
}

/// A new mailbox; `None` when the network has one of that short name.
pub fn insert(
    tx: &mut Tx<'_>,
    network: NetworkId,
    unique_id: &UniqueId,
    company: &CompanyName,
    now: Time,
) -> Result<Option<MailboxId>> {
    let made = tx.one::<Only<MailboxId>>(
        INSERT,
        &[
            &network.get(),
            &unique_id.as_str(),
            &fold(unique_id.as_str()),
            &company.as_str(),
            &Status::Active.as_str(),
            &now.0,
        ],
    )?;
    Ok(made.map(|m| m.0))
}

/// What a list of mailboxes is narrowed by. Terminated ones are listed only when asked for (decision D7).
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Of this network.
    pub network: Option<NetworkId>,
    /// In this state.
    pub status: Option<Status>,
}

/// A page of mailboxes in id order, and how many there are in all.
pub fn list(tx: &mut Tx<'_>, scope: Scope, filter: Filter, page: Page) -> Result<(Vec<Mailbox>, i64)> {
    let (network, mailbox) = (scope.network(), scope.mailbox());
    let (of, status) = (filter.network.map(Id::get), filter.status.map(Status::as_str));
    let rows = tx.rows(LIST, &[&network, &mailbox, &of, &status, &page.limit, &page.skip])?;
    let total = tx.one::<i64>(COUNT, &[&network, &mailbox, &of, &status])?.unwrap_or(0);
    Ok((rows, total))
}
