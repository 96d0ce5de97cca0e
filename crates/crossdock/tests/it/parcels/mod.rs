mod backlog;
mod confirm;
mod download;
mod raw;
mod routing;
mod upload;

use crate::support::{B64, Tenants, User, World, b64};
use base64::Engine;
use model::AuthLevel::*;
use serde_json::{Value, json};

/// Two companies that trade: `ZZ:SENDER` of mailbox a1 and `ZZ:RECEIVER` of mailbox b1.
struct Trade {
    t: Tenants,
    sender: User,
    receiver: User,
    from: i64,
    to: i64,
}

const FROM: &str = "ZZ:SENDER";
const TO: &str = "ZZ:RECEIVER";

impl Trade {
    async fn begin(w: &World) -> Self {
        let trade = Self::unconnected(w).await;
        w.connect(trade.from, trade.to).await;
        trade
    }
    async fn unconnected(w: &World) -> Self {
        let t = w.tenants().await;
        let standards = json!({"ediStandards": ["EDIFACT"]});
        let from = w.trading_id_with(t.a1, FROM, standards.clone()).await;
        let to = w.trading_id_with(t.b1, TO, standards).await;
        let (sender, receiver) = (w.user(MailboxUser, t.a, t.a1).await, w.user(MailboxUser, t.b, t.b1).await);
        Self { t, sender, receiver, from, to }
    }
}

fn file(content: impl AsRef<[u8]>) -> Value {
    json!({"fileName": "orders.edi", "content": b64(content)})
}

/// The content of a parcel as a caller gets it.
async fn content(w: &World, key: &str, parcel: i64) -> Vec<u8> {
    let data = w.post("/v2/parcels/download").key(key).json(json!({"parcelId": parcel})).await.ok();
    let bytes = B64.decode(data["content"].as_str().unwrap()).unwrap();
    assert_eq!(data["bytes"].as_u64(), Some(bytes.len() as u64));
    bytes
}

/// What became of each interchange of a sender's parcel: state, public event number, our code.
async fn outcomes(w: &World, parcel: i64) -> Vec<(String, String, String)> {
    const SQL: &str = "SELECT status, status_code, COALESCE(reason_code, '') FROM interchanges WHERE parcel_id = $1
        ORDER BY position";
    w.db().scan(move |tx| tx.rows(SQL, &[&parcel])).await.unwrap()
}

fn outcome(status: &str, event: &str, code: &str) -> (String, String, String) {
    (status.to_owned(), event.to_owned(), code.to_owned())
}
