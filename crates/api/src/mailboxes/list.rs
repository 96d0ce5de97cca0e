//! `POST /v2/mailboxes/list`

use super::MailboxInfo;
use crate::page::Paging;
use hub::{Beside, Context, Effect, Group, Home, Operation, Result, Spec, Totals, access::Policy, get, post};
use model::{NetworkId, OrZero, Status};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Lists mailboxes within reach, in id order. Terminated ones are listed only when `status` asks for them.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListMailboxes {
    /// Of this network; 0 for any.
    network_id: Option<OrZero<NetworkId>>,
    /// In this state.
    status: Option<Status>,
    /// Page, from 1.
    page_no: Option<i64>,
    /// Mailboxes on a page; 25 when absent, at most 500.
    records_per_page: Option<i64>,
    /// Page, from 0; another spelling of `pageNo`.
    page_index: Option<i64>,
}

/// A page of mailboxes.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MailboxPage {
    /// How many there are in all.
    total_records: i64,
    /// Which page this is.
    page_no: i64,
    /// How many a page holds.
    records_per_page: i64,
    /// The mailboxes.
    mailboxes: Vec<MailboxInfo>,
}

impl Operation for ListMailboxes {
    type Target = Home;
    type Output = MailboxPage;
    const SPEC: Spec = Spec {
        effect: Effect::Scans,
        also: &[get("/v2/mailboxes")],
        aliases: crate::page::ALIASES,
        beside: Beside::Nulls,
        ..Spec::new("listMailboxes", Group::Mailboxes, Policy::ReadTraffic, post("/v2/mailboxes/list"))
    };

    fn example() -> &'static str {
        r#"{"networkId":0,"pageNo":1,"recordsPerPage":25}"#
    }

    fn place(&self, cx: &mut Context<'_, '_>) -> Result<Home> {
        Ok(cx.home())
    }

    fn run(&self, cx: &mut Context<'_, '_>, _: Home) -> Result<MailboxPage> {
        let paging = Paging::read(self.page_no, self.records_per_page, self.page_index, 25, 500)?;
        let network = self.network_id.and_then(|id| id.0);
        let (mailboxes, total) = cx.list_mailboxes(network, self.status, paging.page())?;
        let Totals { total, page, per_page } = paging.totals(total);
        let mailboxes = mailboxes.into_iter().map(Into::into).collect();
        Ok(MailboxPage { total_records: total, page_no: page, records_per_page: per_page, mailboxes })
    }

    fn totals(output: &MailboxPage) -> Option<Totals> {
        Some(Totals { total: output.total_records, page: output.page_no, per_page: output.records_per_page })
    }
}
