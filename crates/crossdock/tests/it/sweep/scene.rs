//! What the sweep acts upon: callers of every level in one mailbox, and targets at every distance.

use super::table::Distance::{self, *};
use crate::support::{Answer, Call, PASSWORD, User, World, b64, x12};
use axum::Router;
use model::AuthLevel;
use serde_json::{Value, json};

/// An id that nothing has.
const MISSING: i64 = 2_000_000_000;
/// A parcel number that nothing has.
const NO_PARCEL: i64 = 9_000_000_000_000_000;

/// The stage. Targets are indexed by distance: own, mailbox, network, other.
pub struct Scene<'w> {
    pub w: &'w World,
    /// One caller of each level, lowest first, in mailbox `a1` of network `a`.
    pub callers: Vec<User>,
    networks: [i64; 2],
    mailboxes: [i64; 4],
    users: [i64; 4],
    ids: [i64; 4],
    addresses: [String; 4],
    parcels: [i64; 4],
    partners: [i64; 4],
    far: i64,
}

/// A request that is ready to be sent.
pub struct Ask {
    method: &'static str,
    path: String,
    body: Option<Value>,
}

/// A credential, and how it is presented.
#[derive(Clone, Debug)]
pub enum With {
    Key(String),
    Bearer(String),
    Nothing,
}

fn get(path: impl Into<String>) -> Option<Ask> {
    Some(Ask { method: "GET", path: path.into(), body: None })
}
fn post(path: impl Into<String>, body: Value) -> Option<Ask> {
    Some(Ask { method: "POST", path: path.into(), body: Some(body) })
}

impl Ask {
    fn call<'w>(&self, w: &'w World, with: &With) -> Call<'w> {
        let call = w.call(self.method, &self.path);
        let call = match with {
            With::Key(text) => call.key(text),
            With::Bearer(text) => call.bearer(text),
            With::Nothing => call,
        };
        match &self.body {
            Some(body) => call.json(body.clone()),
            None => call,
        }
    }
    pub async fn send(&self, w: &World, with: &With) -> Answer {
        self.call(w, with).await
    }
    /// Sends it to another hub on the same store.
    pub async fn send_through(&self, w: &World, router: &Router, with: &With) -> Answer {
        self.call(w, with).through(router).await
    }
}

impl<'w> Scene<'w> {
    pub async fn set(w: &'w World) -> Self {
        let t = w.tenants().await;
        let c = w.network().await;
        let c1 = w.mailbox(c).await;
        let mailboxes = [t.a1, t.a1, t.a2, t.b1];
        let (mut users, mut ids, mut parcels, mut partners) = ([0; 4], [0; 4], [0; 4], [0; 4]);
        let mut addresses = [const { String::new() }; 4];
        let sender = format!("ZZ:FAR{}", w.number());
        let far = w.trading_id(c1, &sender).await;
        for at in 0..4 {
            let network = if at == 3 { t.b } else { t.a };
            addresses[at] = format!("ZZ:NEAR{}", w.number());
            ids[at] = w.trading_id(mailboxes[at], &addresses[at]).await;
            partners[at] = w.connect(far, ids[at]).await;
            users[at] = w.user(AuthLevel::General, network, mailboxes[at]).await.id;
            let content = b64(x12(&sender, &addresses[at], 1));
            let body = json!({"fileName": "a.x12", "content": content, "mailboxId": c1});
            let sent = w.post("/v2/parcels/upload").key(&w.root).json(body).await.ok();
            assert_eq!(w.parcel(sent.as_i64().unwrap()).await["status"], "outboxSent");
            parcels[at] = w.pending(mailboxes[at]).await.last().unwrap()["parcelId"].as_i64().unwrap();
        }
        let mut callers = Vec::new();
        for level in AuthLevel::LADDER {
            callers.push(match level {
                AuthLevel::TpUser => w.tp_user(t.a, t.a1, ids[0]).await,
                level => w.user(level, t.a, t.a1).await,
            });
        }
        let networks = [t.a, t.b];
        Self { w, callers, networks, mailboxes, users, ids, addresses, parcels, partners, far }
    }

    pub fn caller(&self, level: AuthLevel) -> &User {
        self.callers.iter().find(|c| c.level == level).unwrap()
    }

    /// A user that may be ended, in the seat of a distance.
    async fn fresh_user(&self, distance: Distance) -> i64 {
        let (network, mailbox) = match distance {
            Own | Mailbox => (self.networks[0], self.mailboxes[1]),
            Network => (self.networks[0], self.mailboxes[2]),
            Other => (self.networks[1], self.mailboxes[3]),
            Missing => return MISSING,
        };
        self.w.user(AuthLevel::General, network, mailbox).await.id
    }

    /// A fresh id in the mailbox of a distance.
    async fn fresh_id(&self, distance: Distance) -> i64 {
        match self.at(&self.mailboxes, distance) {
            MISSING => MISSING,
            mailbox => self.w.any_id(mailbox).await,
        }
    }

    fn at(&self, things: &[i64; 4], distance: Distance) -> i64 {
        things.get(distance as usize).copied().unwrap_or(MISSING)
    }

    fn user(&self, subject: &User, distance: Distance) -> i64 {
        if distance == Own { subject.id } else { self.at(&self.users, distance) }
    }

    /// The network of a distance; none where it is not named.
    fn network(&self, distance: Distance) -> Option<i64> {
        match distance {
            Own | Mailbox => None,
            Network => Some(self.networks[0]),
            Other => Some(self.networks[1]),
            Missing => Some(MISSING),
        }
    }

    /// A request for a row of the table; none where the distance makes no sense. `subject` is who asks.
    pub async fn ask(&self, row: &str, subject: &User, distance: Distance) -> Option<Ask> {
        let (operation, _) = row.split_once('.').unwrap_or((row, ""));
        match operation {
            "login" | "logout" | "refresh" | "session" | "version" => self.ask_auth(operation, subject, distance).await,
            "createUser" | "setRole" => self.ask_seat(row, subject, distance).await,
            "createPartner" | "uploadParcel" => self.ask_traffic(row, distance).await,
            _ => self.ask_rest(row, subject, distance).await,
        }
    }

    async fn ask_auth(&self, operation: &str, subject: &User, distance: Distance) -> Option<Ask> {
        let login = json!({"login": subject.login, "password": PASSWORD, "networkId": subject.network});
        match (operation, distance) {
            ("login", Own) => post("/v2/auth/login", login),
            ("login", Missing) => post("/v2/auth/login", json!({"login": "nobody", "password": PASSWORD})),
            ("refresh", Own) => {
                let signed_in = self.w.sign_in(subject).await;
                post("/v2/auth/refresh", json!({"refreshToken": signed_in["refreshToken"]}))
            }
            ("refresh", Missing) => post("/v2/auth/refresh", json!({"refreshToken": "A".repeat(43)})),
            ("logout", Own) => post("/v2/auth/logout", json!({})),
            ("session", Own) => post("/v2/auth/session", json!({})),
            ("version", Own) => get("/v2/auth/version"),
            _ => None,
        }
    }

    /// Operations that put a user somewhere.
    async fn ask_seat(&self, row: &str, subject: &User, distance: Distance) -> Option<Ask> {
        let mailbox = self.at(&self.mailboxes, distance);
        let mut body = match (row, distance) {
            (_, Own) if row != "createUser.mailboxId" && row != "setRole.userId" => return None,
            ("createUser.networkId" | "setRole.networkId", Mailbox) => return None,
            ("createUser.mailboxId", Own) | ("setRole.userId", _) => json!({}),
            ("createUser.mailboxId" | "setRole.mailboxId", Other) => {
                json!({"networkId": self.networks[1], "mailboxId": mailbox})
            }
            ("createUser.mailboxId" | "setRole.mailboxId", _) => json!({"mailboxId": mailbox}),
            ("createUser.networkId", _) => json!({"networkId": self.network(distance), "mailboxId": 0}),
            ("setRole.networkId", _) => json!({"networkId": self.network(distance)}),
            _ => panic!("the sweep does not know {row}"),
        };
        let network_level = row.ends_with(".networkId")
            && (row.starts_with("createUser") || subject.level.rank() >= AuthLevel::NetworkUser.rank());
        body["authLevel"] = json!(if network_level { AuthLevel::NetworkUser } else { AuthLevel::General }.as_str());
        if row.starts_with("createUser") {
            let login = format!("fresh{}", self.w.number());
            body["email"] = json!(format!("{login}@example.com"));
            body["login"] = json!(login);
            body["password"] = json!(PASSWORD);
            return post("/v2/users", body);
        }
        body["userId"] = json!(match row {
            "setRole.userId" => self.user(subject, distance),
            _ => self.fresh_user(Mailbox).await,
        });
        post("/v2/users/role", body)
    }

    async fn ask_traffic(&self, row: &str, distance: Distance) -> Option<Ask> {
        let id = self.at(&self.ids, distance);
        if row.starts_with("createPartner") {
            let (from, to) = match row {
                "createPartner.ecGridIdFrom" => (self.fresh_id(distance).await, self.far),
                "createPartner.ecGridIdTo" => (self.fresh_id(Mailbox).await, self.fresh_id(distance).await),
                _ => panic!("the sweep does not know {row}"),
            };
            return post("/v2/partners", json!({"ecGridIdFrom": from, "ecGridIdTo": to}));
        }
        let mut body = json!({"fileName": "sweep.x12", "content": b64(x12(&self.addresses[1], &self.addresses[0], 7))});
        match (row, distance) {
            ("uploadParcel.mailboxId", Own) => {}
            ("uploadParcel.mailboxId", _) => body["mailboxId"] = json!(self.at(&self.mailboxes, distance)),
            ("uploadParcel.ecGridIdFrom", _) => body["ecGridIdFrom"] = json!(id),
            ("uploadParcel.ecGridIdTo", _) => body["ecGridIdTo"] = json!(id),
            _ => panic!("the sweep does not know {row}"),
        }
        post("/v2/parcels/upload", body)
    }

    async fn ask_rest(&self, row: &str, subject: &User, distance: Distance) -> Option<Ask> {
        let name = format!("SWEEP{}", self.w.number());
        let new = json!({"uniqueId": name, "companyName": "Sweep Ltd"});
        let mailbox = self.at(&self.mailboxes, distance);
        let user = self.user(subject, distance);
        let id = self.at(&self.ids, distance);
        let parcel = self.parcels.get(distance as usize).copied().unwrap_or(NO_PARCEL);
        // One's own mailbox or network is `self`: nothing else is in the same mailbox.
        let contained = if distance == Mailbox { None } else { Some(mailbox) };
        let network = match distance {
            Own => Some(self.networks[0]),
            Mailbox | Network => None,
            _ => self.network(distance),
        };
        match row {
            "createId.mailboxId" => post("/v2/ids", json!({"mailboxId": contained?, "qualifier": "ZZ", "id": name})),
            "findId.id" => {
                let address = self.addresses.get(distance as usize).map_or("ZZ:NOBODY", |a| a);
                let (qualifier, id) = address.split_once(':').unwrap();
                post("/v2/ids/find", json!({"qualifier": qualifier, "id": id}))
            }
            "getId.id" => get(format!("/v2/ids/{id}")),
            "createMailbox.networkId" => {
                let mut body = new;
                body["networkId"] = json!(network?);
                post("/v2/mailboxes/create", body)
            }
            "getMailbox.id" => get(format!("/v2/mailboxes/{}", contained?)),
            "listMailboxes.networkId" if distance == Mailbox => None,
            "listMailboxes.networkId" => post("/v2/mailboxes/list", json!({"networkId": self.network(distance)})),
            "createNetwork" if distance == Own => post("/v2/networks", new),
            "getNetwork.id" => get(format!("/v2/networks/{}", network?)),
            "confirmDownload.parcelId" => post("/v2/parcels/confirm", json!({"parcelId": parcel})),
            "downloadParcel.parcelId" => post("/v2/parcels/download", json!({"parcelId": parcel})),
            "getParcel.id" => get(format!("/v2/parcels/{parcel}")),
            "pendingInboxList.mailboxId" if distance == Own => post("/v2/parcels/pending-inbox-list", json!({})),
            "pendingInboxList.mailboxId" => post("/v2/parcels/pending-inbox-list", json!({"mailboxId": mailbox})),
            "getPartner.id" => get(format!("/v2/partners/{}", self.at(&self.partners, distance))),
            "generateApiKey.id" => post(format!("/v2/users/key-generate/{user}"), json!({})),
            "getApiKey.id" => get(format!("/v2/users/key/{user}")),
            "getMe" if distance == Own => get("/v2/users/me"),
            "getUser.id" => get(format!("/v2/users/{user}")),
            "listUsers.mailboxId" if distance == Own => post("/v2/users/list", json!({})),
            "listUsers.mailboxId" => post("/v2/users/list", json!({"mailboxId": mailbox})),
            "listUsers.networkId" if distance == Mailbox => None,
            "listUsers.networkId" => post("/v2/users/list", json!({"networkId": self.network(distance)})),
            "terminateUser.id" => {
                let user = if distance == Own { subject.id } else { self.fresh_user(distance).await };
                Some(Ask { method: "DELETE", path: format!("/v2/users/{user}"), body: None })
            }
            "updateUser.userId" => {
                let body = json!({"userId": user, "firstName": name});
                Some(Ask { method: "PUT", path: "/v2/users".into(), body: Some(body) })
            }
            "createNetwork" | "getMe" => None,
            _ => panic!("the sweep does not know {row}"),
        }
    }
}
