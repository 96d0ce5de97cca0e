//! `GET /v2/mailboxes/{id}`

use super::MailboxInfo;
use hub::{Beside, Context, Group, Operation, Result, Spec, access::Policy, get};
use model::{Mailbox, MailboxId};
use schemars::JsonSchema;
use serde::Deserialize;

/// Shows a mailbox.
#[derive(Deserialize, JsonSchema)]
pub struct GetMailbox {
    /// The mailbox.
    id: MailboxId,
}

impl Operation for GetMailbox {
    type Target = Mailbox;
    type Output = MailboxInfo;
    const SPEC: Spec = Spec {
        also: &[get("/v2/mailbox/{id}")],
        beside: Beside::Nulls,
        ..Spec::new("getMailbox", Group::Mailboxes, Policy::ReadTraffic, get("/v2/mailboxes/{id}"))
    };

    fn example() -> &'static str {
        r#"{"id":1001}"#
    }

    fn place(&self, cx: &mut Context<'_, '_>) -> Result<Mailbox> {
        cx.mailbox(self.id)
    }

    fn run(&self, _: &mut Context<'_, '_>, mailbox: Mailbox) -> Result<MailboxInfo> {
        Ok(mailbox.into())
    }
}
