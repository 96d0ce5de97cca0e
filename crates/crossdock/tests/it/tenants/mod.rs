//! `/v2/networks`, `/v2/mailboxes`, `/v2/ids`, `/v2/partners`.

mod ids;
mod mailboxes;
mod networks;
mod partners;
