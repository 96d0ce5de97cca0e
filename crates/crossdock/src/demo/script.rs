//! What happens in the demo, step by step.

use super::stage::{Body, ROOT, Stage};
use crate::Failed;
use base64::{Engine, prelude::BASE64_STANDARD};
use edi::{
    Standard,
    generate::{Addressed, Plan, parcel},
};
use hub::Chance;
use serde_json::{Value, json};
use std::time::Duration;

/// A purchase order of two lines, in X12.
fn order(from: &Company, to: &Company) -> Vec<u8> {
    let addressed = Addressed { sender: ("ZZ", from.edi_id), receiver: ("ZZ", to.edi_id), test: false };
    let (usual_delimiters, line_ends) = (true, true);
    let plan =
        Plan { sets: 1, lines: 2, usual_delimiters, line_ends, addressed: Some(addressed), ..Plan::new(Standard::X12) };
    parcel(&plan, 4711)
}

/// A company of the demo.
struct Company {
    /// Lower case, for file names and logins.
    short: &'static str,
    name: &'static str,
    edi_id: &'static str,
    /// Its trading id, once it has one.
    trading_id: i64,
    /// Its mailbox user.
    clerk: i64,
}

impl Company {
    fn new(short: &'static str, name: &'static str, edi_id: &'static str) -> Self {
        Self { short, name, edi_id, trading_id: 0, clerk: 0 }
    }
    fn admin_key(&self) -> String {
        format!("{}-admin.key", self.short)
    }
    fn clerk_key(&self) -> String {
        format!("{}-clerk.key", self.short)
    }
}

/// Plays it all.
pub async fn play(stage: &mut Stage) -> Result<(), Failed> {
    let mut acme = Company::new("acme", "Acme Corporation", "ACMECORP");
    let mut bolt = Company::new("bolt", "Bolt Supplies", "BOLTSUPPLIES");
    settle(stage, &mut acme).await?;
    settle(stage, &mut bolt).await?;
    connect(stage, &acme, &bolt).await?;
    trade(stage, &acme, &bolt).await?;
    keys(stage, &acme, &bolt).await
}

/// A network, a mailbox, two users and an EDI address.
async fn settle(stage: &mut Stage, company: &mut Company) -> Result<(), Failed> {
    let (short, unique) = (company.short, company.short.to_uppercase());
    stage.step(&format!("{} gets a network of its own, and a mailbox in it", company.name));
    let body = Body::Shown(json!({ "uniqueId": unique, "companyName": company.name }));
    let made = stage.call(ROOT, "POST", "/v2/networks", &body).await?;
    let network = number(stage, &made, "networkId")?;
    let body =
        Body::Shown(json!({ "networkId": network, "uniqueId": format!("{unique}01"), "companyName": company.name }));
    let made = stage.call(ROOT, "POST", "/v2/mailboxes/create", &body).await?;
    let mailbox = number(stage, &made, "mailboxId")?;
    stage.shows(format_args!("networkId {network}, mailboxId {mailbox}"));

    stage.step(&format!("{} gets an administrator; the key goes into a file", company.name));
    let (admin_key, clerk_key) = (company.admin_key(), company.clerk_key());
    let admin = user(stage, ROOT, &format!("{short}-admin"), "NetworkAdmin", network, 0).await?;
    stage.fetch_key(ROOT, "GET", &format!("/v2/users/key/{admin}"), &admin_key).await?;
    stage.shows(format_args!("userId {admin}, NetworkAdmin; its key is in {admin_key}"));

    stage.step("The administrator makes a user for the mailbox, and an EDI address");
    company.clerk = user(stage, &admin_key, &format!("{short}-clerk"), "MailboxUser", network, mailbox).await?;
    stage.fetch_key(&admin_key, "GET", &format!("/v2/users/key/{}", company.clerk), &clerk_key).await?;
    let body = Body::Shown(json!({ "mailboxId": mailbox, "qualifier": "ZZ", "id": company.edi_id }));
    let made = stage.call(&admin_key, "POST", "/v2/ids", &body).await?;
    company.trading_id = number(stage, &made, "ecGridId")?;
    stage.shows(format_args!(
        "userId {}, MailboxUser; ecGridId {} is ZZ:{}",
        company.clerk, company.trading_id, company.edi_id
    ));
    Ok(())
}

async fn user(stage: &Stage, key: &str, login: &str, level: &str, network: i64, mailbox: i64) -> Result<i64, Failed> {
    let body = json!({
        "login": login, "password": password()?, "email": format!("{login}@example.com"),
        "networkId": network, "mailboxId": mailbox, "authLevel": level,
    });
    let body = Body::Kept("holds the password", format!("{login}.json"), body);
    let made = stage.call(key, "POST", "/v2/users", &body).await?;
    number(stage, &made, "userId")
}

/// A password with all four classes of characters.
fn password() -> Result<String, Failed> {
    Ok(format!("{}-aA1", BASE64_STANDARD.encode(Chance::default().bytes::<18>()?)))
}

/// Both sides want to trade.
async fn connect(stage: &mut Stage, acme: &Company, bolt: &Company) -> Result<(), Failed> {
    stage.step("Acme asks to trade with Bolt, and Bolt agrees by asking the same");
    let body = |from: &Company, to: &Company| {
        Body::Shown(json!({ "ecGridIdFrom": from.trading_id, "ecGridIdTo": to.trading_id }))
    };
    stage.call(&acme.admin_key(), "POST", "/v2/partners", &body(acme, bolt)).await?;
    let made = stage.call(&bolt.admin_key(), "POST", "/v2/partners", &body(bolt, acme)).await?;
    let interconnect = number(stage, &made, "interconnectId")?;
    let status = made.get("status").and_then(Value::as_str).unwrap_or_default();
    if status != "Active" {
        return Err(stage.wrong("the partnership is not active"));
    }
    stage.shows(format_args!("interconnectId {interconnect}, {status}"));
    Ok(())
}

/// A purchase order travels.
async fn trade(stage: &mut Stage, acme: &Company, bolt: &Company) -> Result<(), Failed> {
    stage.step("Acme sends a purchase order: an X12 850, which names its receiver itself");
    let order = order(acme, bolt);
    stage.keep("order.x12", &order)?;
    let body = json!({ "fileName": "order.x12", "content": BASE64_STANDARD.encode(&order), "bytes": order.len() });
    let body = Body::Kept("order.x12 in base64", "upload.json".into(), body);
    let sent = stage.call(&acme.clerk_key(), "POST", "/v2/parcels/upload", &body).await?;
    let sent = sent.as_i64().ok_or_else(|| stage.wrong("the answer is no number of a parcel"))?;
    stage.shows(format_args!("parcel {sent}, {} bytes, durable", order.len()));

    stage.step("Bolt finds it in its inbox");
    let parcel = pending(stage, bolt).await?;
    let (id, name) = (number(stage, &parcel, "parcelId")?, parcel.get("fileName").and_then(Value::as_str));
    stage.shows(format_args!("parcel {id}, {}", name.unwrap_or_default()));

    stage.step("Bolt downloads it");
    let body = Body::Shown(json!({ "parcelId": id }));
    let got = stage.call(&bolt.clerk_key(), "POST", "/v2/parcels/download", &body).await?;
    let content = got.get("content").and_then(Value::as_str).unwrap_or_default();
    let content = BASE64_STANDARD.decode(content).map_err(|_| stage.wrong("the content is no base64"))?;
    stage.keep("received.x12", &content)?;
    if content != order {
        return Err(stage.wrong("what was received (received.x12) is not what was sent (order.x12)"));
    }
    stage.shows(format_args!("{} bytes, the very bytes that Acme sent (received.x12 = order.x12)", content.len()));

    stage.step("Bolt confirms, and the inbox is empty");
    let confirmed = stage.call(&bolt.clerk_key(), "POST", "/v2/parcels/confirm", &body).await?;
    let left = stage.send(&bolt.clerk_key(), "POST", LIST, &Body::Shown(json!({}))).await?;
    if confirmed != json!(true) || left.list().is_none_or(|list| !list.is_empty()) {
        return Err(stage.wrong("the parcel is still pending"));
    }
    stage.shows("true; nothing is pending");
    Ok(())
}

const LIST: &str = "/v2/parcels/pending-inbox-list";

/// How often a parcel is looked for, and how long we wait in between.
const LOOKS: u32 = 100;
const BETWEEN: Duration = Duration::from_millis(100);

/// The first parcel in an inbox, when it has come.
async fn pending(stage: &Stage, company: &Company) -> Result<Value, Failed> {
    let (key, body) = (company.clerk_key(), Body::Shown(json!({})));
    let mut answer = stage.ask(&key, "POST", LIST, &body).await?;
    for _ in 0..LOOKS {
        if let Some(parcel) = answer.list().and_then(|list| list.first()) {
            return Ok(parcel.clone());
        }
        tokio::time::sleep(BETWEEN).await;
        answer = stage.send(&key, "POST", LIST, &body).await?;
    }
    Err(stage.wrong("no parcel came"))
}

/// An administrator reads and replaces a key.
async fn keys(stage: &mut Stage, acme: &Company, bolt: &Company) -> Result<(), Failed> {
    let path = format!("/v2/users/key/{}", bolt.clerk);
    stage.step("Bolt's administrator reads the key of Bolt's user again");
    stage.fetch_key(&bolt.admin_key(), "GET", &path, "bolt-clerk-again.key").await?;
    if stage.kept("bolt-clerk-again.key")? != stage.kept(&bolt.clerk_key())? {
        return Err(stage.wrong("it is another key"));
    }
    stage.shows("the same key as in bolt-clerk.key");

    stage.step("Acme's administrator may not: what belongs to another company does not exist");
    let refused = stage.ask(&acme.admin_key(), "GET", &path, &Body::Nothing).await?;
    if (refused.status, refused.text("errorCode")) != (404, "ObjectNotFound") {
        return Err(stage.wrong("it was not refused"));
    }
    stage.shows("404 ObjectNotFound");

    stage.step("Bolt's administrator replaces the key");
    let path = format!("/v2/users/key-generate/{}", bolt.clerk);
    stage.fetch_key(&bolt.admin_key(), "POST", &path, "bolt-clerk-new.key").await?;
    stage.shows("the new key is in bolt-clerk-new.key");

    stage.step("The old key is refused at once, the new one signs in");
    let old = stage.ask(&bolt.clerk_key(), "GET", "/v2/users/me", &Body::Nothing).await?;
    let new = stage.send("bolt-clerk-new.key", "GET", "/v2/users/me", &Body::Nothing).await?;
    if (old.status, old.text("errorCode"), new.status) != (401, "InvalidAPIKey", 200) {
        return Err(stage.wrong(&format!("the old key got {}, the new one {}", old.status, new.status)));
    }
    stage.shows("401 InvalidAPIKey; with bolt-clerk-new.key: 200");
    Ok(())
}

fn number(stage: &Stage, data: &Value, member: &str) -> Result<i64, Failed> {
    let number = data.get(member).and_then(Value::as_i64);
    number.ok_or_else(|| stage.wrong(&format!("the answer holds no {member}")))
}
