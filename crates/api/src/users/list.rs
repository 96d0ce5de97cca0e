//! `POST /v2/users/list`

use super::UserInfo;
use crate::page::{Listing, Paging};
use hub::{Context, Effect, Group, Home, Operation, Result, Spec, Totals, access::Policy, get, post};
use model::{AuthLevel, MailboxId, NetworkId, OrZero, Status};
use schemars::JsonSchema;
use serde::Deserialize;
use store::users::Filter;

/// Lists users within reach, in id order. Terminated ones are listed only when `status` asks for them.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListUsers {
    /// Of this network; 0 for any.
    network_id: Option<OrZero<NetworkId>>,
    /// Of this mailbox; 0 for any.
    mailbox_id: Option<OrZero<MailboxId>>,
    /// Of this level.
    auth_level: Option<AuthLevel>,
    /// In this state.
    status: Option<Status>,
    /// Page, from 1.
    page_no: Option<i64>,
    /// Users on a page; 25 when absent, at most 1000.
    records_per_page: Option<i64>,
    /// Page, from 0; another spelling of `pageNo`.
    page_index: Option<i64>,
}

impl Operation for ListUsers {
    type Target = Home;
    type Output = Listing<UserInfo>;
    const SPEC: Spec = Spec {
        effect: Effect::Scans,
        also: &[get("/v2/users")],
        aliases: crate::page::ALIASES,
        ..Spec::new("listUsers", Group::Users, Policy::ReadUsers, post("/v2/users/list"))
    };

    fn example() -> &'static str {
        r#"{"status":"Active","pageNo":1,"recordsPerPage":25}"#
    }

    fn place(&self, cx: &mut Context<'_, '_>) -> Result<Home> {
        Ok(cx.home())
    }

    fn run(&self, cx: &mut Context<'_, '_>, _: Home) -> Result<Listing<UserInfo>> {
        let paging = Paging::read(self.page_no, self.records_per_page, self.page_index, 25, 1000)?;
        let filter = Filter {
            network: self.network_id.and_then(|id| id.0),
            mailbox: self.mailbox_id.and_then(|id| id.0),
            level: self.auth_level.filter(|level| *level != AuthLevel::NoChange),
            status: self.status,
        };
        let (users, total) = cx.list_users(filter, paging.page())?;
        Ok(Listing::new(users, total, paging))
    }

    fn totals(output: &Listing<UserInfo>) -> Option<Totals> {
        Some(output.totals())
    }
}
