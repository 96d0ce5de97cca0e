//! `/v2/mailboxes`

mod create;
mod get;
mod list;

pub use create::CreateMailbox;
pub use get::GetMailbox;
pub use list::ListMailboxes;

use model::{Mailbox, MailboxId, NetworkId, Status, Time};
use schemars::JsonSchema;
use serde::Serialize;

/// A mailbox as the API shows it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MailboxInfo {
    /// Its id.
    mailbox_id: MailboxId,
    /// The network that owns it.
    network_id: NetworkId,
    /// Short name, unique within the network.
    unique_id: String,
    /// Company name.
    company_name: String,
    /// Life.
    status: Status,
    /// When it was made.
    created: Time,
    /// When it last changed.
    modified: Time,
}

impl From<Mailbox> for MailboxInfo {
    fn from(mailbox: Mailbox) -> Self {
        Self {
            mailbox_id: mailbox.id,
            network_id: mailbox.network,
            unique_id: mailbox.unique_id,
            company_name: mailbox.company_name,
            status: mailbox.status,
            created: mailbox.created,
            modified: mailbox.modified,
        }
    }
}
