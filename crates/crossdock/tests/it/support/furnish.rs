//! Furnishes a world through the API, as root; and what no operation makes yet, through the store.

use super::{PASSWORD, World, b64};
use model::{AuthLevel, Id, KeyKind, Time, UserId};
use serde_json::{Value, json};

/// A user with its primary key.
#[derive(Clone, Debug)]
pub struct User {
    pub id: i64,
    pub login: String,
    pub key: String,
    pub network: i64,
    pub mailbox: i64,
    pub level: AuthLevel,
}

/// Two networks: `a` with two mailboxes, `b` with one.
#[derive(Clone, Copy, Debug)]
pub struct Tenants {
    pub a: i64,
    pub a1: i64,
    pub a2: i64,
    pub b: i64,
    pub b1: i64,
}

pub fn int(value: &Value, member: &str) -> i64 {
    value[member].as_i64().unwrap_or_else(|| panic!("no number {member} in {value}"))
}

impl World {
    pub async fn network(&self) -> i64 {
        let name = format!("NET{}", self.number());
        let body = json!({"uniqueId": name, "companyName": format!("{name} Ltd")});
        int(&self.post("/v2/networks").key(&self.root).json(body).await.ok(), "networkId")
    }

    pub async fn mailbox(&self, network: i64) -> i64 {
        let name = format!("BOX{}", self.number());
        let body = json!({"networkId": network, "uniqueId": name, "companyName": format!("{name} Ltd")});
        int(&self.post("/v2/mailboxes/create").key(&self.root).json(body).await.ok(), "mailboxId")
    }

    pub async fn tenants(&self) -> Tenants {
        let (a, b) = (self.network().await, self.network().await);
        Tenants { a, a1: self.mailbox(a).await, a2: self.mailbox(a).await, b, b1: self.mailbox(b).await }
    }

    /// A user; `mailbox` 0 is none.
    pub async fn user(&self, level: AuthLevel, network: i64, mailbox: i64) -> User {
        self.user_with(level, network, mailbox, json!({})).await
    }

    /// A TPUser with its one id.
    pub async fn tp_user(&self, network: i64, mailbox: i64, id: i64) -> User {
        self.user_with(AuthLevel::TpUser, network, mailbox, json!({"ecGridId": id})).await
    }

    /// A user with more members in the request.
    pub async fn user_with(&self, level: AuthLevel, network: i64, mailbox: i64, more: Value) -> User {
        let login = format!("user{}", self.number());
        let mut body = json!({
            "login": login, "password": PASSWORD, "email": format!("{login}@example.com"),
            "networkId": network, "mailboxId": mailbox, "authLevel": level.as_str(),
        });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let made = self.post("/v2/users").key(&self.root).json(body.clone()).await.ok();
        let id = int(&made, "userId");
        let login = body["login"].as_str().unwrap().to_owned();
        User { id, login, key: self.reveal(id).await, network, mailbox, level }
    }

    /// A user's key, as root sees it.
    pub async fn reveal(&self, user: i64) -> String {
        self.get(format!("/v2/users/key/{user}")).key(&self.root).await.ok().as_str().unwrap().to_owned()
    }

    /// Registers `qualifier:id` in a mailbox.
    pub async fn trading_id(&self, mailbox: i64, address: &str) -> i64 {
        self.trading_id_with(mailbox, address, json!({})).await
    }

    pub async fn trading_id_with(&self, mailbox: i64, address: &str, more: Value) -> i64 {
        let (qualifier, id) = address.split_once(':').unwrap();
        let mut body = json!({"mailboxId": mailbox, "qualifier": qualifier, "id": id});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        int(&self.post("/v2/ids").key(&self.root).json(body).await.ok(), "ecGridId")
    }

    /// An id with an address of its own.
    pub async fn any_id(&self, mailbox: i64) -> i64 {
        let address = format!("ZZ:ANY{}", self.number());
        self.trading_id(mailbox, &address).await
    }

    /// Connects two ids; root completes it at once.
    pub async fn connect(&self, from: i64, to: i64) -> i64 {
        let body = json!({"ecGridIdFrom": from, "ecGridIdTo": to});
        int(&self.post("/v2/partners").key(&self.root).json(body).await.ok(), "interconnectId")
    }

    /// Uploads a file; the parcel's number.
    pub async fn upload(&self, key: &str, content: impl AsRef<[u8]>) -> i64 {
        let body = json!({"fileName": "file.edi", "content": b64(content)});
        self.post("/v2/parcels/upload").key(key).json(body).await.ok().as_i64().unwrap()
    }

    /// The parcel as root sees it.
    pub async fn parcel(&self, parcel: i64) -> Value {
        self.get(format!("/v2/parcels/{parcel}")).key(&self.root).await.ok()
    }

    /// What waits in a mailbox, as root sees it.
    pub async fn pending(&self, mailbox: i64) -> Vec<Value> {
        let body = json!({"mailboxId": mailbox});
        let list = self.post("/v2/parcels/pending-inbox-list").key(&self.root).json(body).await.ok();
        list.as_array().unwrap().clone()
    }

    /// Signs in with a password; the answer's data.
    pub async fn sign_in(&self, user: &User) -> Value {
        let body = json!({"login": user.login, "password": PASSWORD, "networkId": user.network});
        self.post("/v2/auth/login").json(body).await.ok()
    }

    /// A token from a password sign-in.
    pub async fn token(&self, user: &User) -> String {
        self.sign_in(user).await["token"].as_str().unwrap().to_owned()
    }

    /// A sign-in with an API key; token and session key.
    pub async fn key_session(&self, key: &str) -> (String, String) {
        let data = self.post("/v2/auth/login").json(json!({"apiKey": key})).await.ok();
        (data["token"].as_str().unwrap().to_owned(), data["sessionKey"].as_str().unwrap().to_owned())
    }

    /// A secondary key.
    pub async fn secondary(&self, user: &User, kind: KeyKind, scopes: Option<&'static str>) -> String {
        self.secondary_until(user, kind, scopes, None).await
    }

    pub async fn secondary_until(
        &self,
        user: &User,
        kind: KeyKind,
        scopes: Option<&'static str>,
        end: Option<Time>,
    ) -> String {
        let (hub, id) = (self.hub.clone(), UserId::new(user.id).unwrap());
        let made = self.db().write(move |tx| hub.mint_for_test(tx, id, kind, scopes, end)).await.unwrap();
        made.expose().to_owned()
    }
}
