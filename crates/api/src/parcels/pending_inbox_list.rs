//! `POST /v2/parcels/pending-inbox-list`

use super::number;
use crate::page::{Listing, Paging};
use hub::{Context, Effect, Group, Home, Operation, Result, Spec, Totals, access::Policy, post};
use model::{MailboxId, Mailboxes, NetworkId, Parcel, ParcelId, Time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Lists the parcels that wait to be confirmed, oldest first: the work to do.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PendingInboxList {
    /// The mailbox; the caller's when absent or 0, all within reach when -1.
    mailbox_id: Option<Mailboxes>,
    /// Page, from 1.
    page_no: Option<i64>,
    /// Parcels on a page; all up to 1000 when absent.
    records_per_page: Option<i64>,
    /// Page, from 0; another spelling of `pageNo`.
    page_index: Option<i64>,
}

/// A waiting parcel, in the spellings of the reference and of the guides.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PendingInfo {
    /// Its number.
    parcel_id: ParcelId,
    /// Its mailbox.
    mailbox_id: MailboxId,
    /// The network of its mailbox.
    network_id: NetworkId,
    /// Name of the uploaded file.
    file_name: String,
    /// Size in bytes.
    bytes: i64,
    /// Sender.
    ec_grid_id_from: i64,
    /// Receiver.
    ec_grid_id_to: i64,
    /// When it arrived.
    created: Time,
    /// When it last changed.
    modified: Time,
    /// Sender, as the guides spell it.
    #[serde(rename = "fromECGridId")]
    from_ecgrid_id: i64,
    /// Receiver, as the guides spell it.
    #[serde(rename = "toECGridId")]
    to_ecgrid_id: i64,
    /// When it arrived, as the guides spell it.
    received_date: Time,
    /// Size in bytes, as the guides spell it.
    size: i64,
}

impl From<Parcel> for PendingInfo {
    fn from(parcel: Parcel) -> Self {
        let (from, to) = (number(parcel.from), number(parcel.to));
        Self {
            parcel_id: parcel.id,
            mailbox_id: parcel.mailbox,
            network_id: parcel.network,
            file_name: parcel.file_name,
            bytes: parcel.bytes,
            ec_grid_id_from: from,
            ec_grid_id_to: to,
            created: parcel.created,
            modified: parcel.modified,
            from_ecgrid_id: from,
            to_ecgrid_id: to,
            received_date: parcel.created,
            size: parcel.bytes,
        }
    }
}

impl Operation for PendingInboxList {
    type Target = Home;
    type Output = Listing<PendingInfo>;
    const SPEC: Spec = Spec {
        effect: Effect::Scans,
        aliases: crate::page::ALIASES,
        ..Spec::new("pendingInboxList", Group::Parcels, Policy::ReadTraffic, post("/v2/parcels/pending-inbox-list"))
    };

    fn example() -> &'static str {
        r#"{"mailboxId":0}"#
    }

    fn place(&self, cx: &mut Context<'_, '_>) -> Result<Home> {
        Ok(cx.home())
    }

    fn run(&self, cx: &mut Context<'_, '_>, _: Home) -> Result<Listing<PendingInfo>> {
        let paging = Paging::read(self.page_no, self.records_per_page, self.page_index, 1000, 1000)?;
        let (parcels, total) = cx.pending(self.mailbox_id.unwrap_or_default(), paging.page())?;
        Ok(Listing::new(parcels, total, paging))
    }

    fn totals(output: &Listing<PendingInfo>) -> Option<Totals> {
        Some(output.totals())
    }
}
