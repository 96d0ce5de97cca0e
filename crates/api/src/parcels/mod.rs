//! `/v2/parcels`: files on their way out and in.

mod confirm;
mod download;
mod get;
mod pending_inbox_list;
mod upload;

pub use confirm::ConfirmDownload;
pub use download::DownloadParcel;
pub use get::GetParcel;
pub use pending_inbox_list::PendingInboxList;
pub use upload::UploadParcel;

use model::{Id, MailboxId, NetworkId, Parcel, ParcelId, ParcelStatus, Time, TradingId};
use schemars::JsonSchema;
use serde::Serialize;

/// Documented other spelling of a parcel's number.
const ALIASES: &[(&str, &str)] = &[("parcelID", "parcelId")];

/// A parcel as the API shows it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ParcelInfo {
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
    /// Life.
    status: ParcelStatus,
    /// Sender, when it is the same for all that the parcel holds; else 0.
    ec_grid_id_from: i64,
    /// Receiver, when it is the same for all that the parcel holds; else 0.
    ec_grid_id_to: i64,
    /// When it was made.
    created: Time,
    /// When it last changed.
    modified: Time,
}

fn number(id: Option<TradingId>) -> i64 {
    id.map_or(0, Id::get)
}

impl From<Parcel> for ParcelInfo {
    fn from(parcel: Parcel) -> Self {
        Self {
            parcel_id: parcel.id,
            mailbox_id: parcel.mailbox,
            network_id: parcel.network,
            file_name: parcel.file_name,
            bytes: parcel.bytes,
            status: parcel.status,
            ec_grid_id_from: number(parcel.from),
            ec_grid_id_to: number(parcel.to),
            created: parcel.created,
            modified: parcel.modified,
        }
    }
}
