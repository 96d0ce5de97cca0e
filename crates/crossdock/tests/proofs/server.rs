//! The real binary, started, killed and started again; and the companies the proofs work with.

use crate::http::{Answer, Client};
use serde_json::{Value, json};
use std::{
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

pub struct Server {
    child: Child,
    pub address: SocketAddr,
}

impl Server {
    /// Starts `crossdock serve` on a free port and waits until it answers.
    pub fn start(folder: &Path, extra: &[&str]) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_crossdock"));
        command.args(["serve", "--data"]).arg(folder).arg("--listen").arg(address.to_string()).args(extra);
        command.env("CROSSDOCK_RATE_LIMIT", "0").env("RUST_LOG", "error");
        let log = std::fs::File::options().create(true).append(true).open(folder.with_extension("log")).unwrap();
        let child = command.stdout(Stdio::null()).stderr(log).spawn().unwrap();
        let server = Self { child, address };
        let deadline = Instant::now() + Duration::from_secs(60);
        let ready =
            || Client::new(address).send("GET", "/health/ready", "", "").is_ok_and(|answer| answer.status == 200);
        while !ready() {
            assert!(Instant::now() < deadline, "the server did not start: see {:?}", folder.with_extension("log"));
            std::thread::sleep(Duration::from_millis(2));
        }
        server
    }

    pub fn client(&self) -> Client {
        Client::new(self.address)
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}
impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A folder for a hub, gone at the end.
pub struct Home(tempfile::TempDir);
impl Home {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
    pub fn folder(&self) -> PathBuf {
        self.0.path().join("data")
    }
    pub fn second_folder(&self) -> PathBuf {
        self.0.path().join("second")
    }
    pub fn root_key(&self) -> String {
        std::fs::read_to_string(self.folder().join("root-api-key")).unwrap().trim().to_owned()
    }
}

/// A call that must succeed; its data.
pub fn must(client: &mut Client, method: &str, path: &str, key: &str, body: Value) -> Value {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let Answer { status, json, .. } = client.send(method, path, key, &body).unwrap();
    assert_eq!(status, 200, "{method} {path}: {json}");
    json["data"].clone()
}

/// A company with a mailbox, an administrator and an EDI address.
pub struct Company {
    pub admin: i64,
    pub admin_key: String,
    pub trading_id: i64,
    pub edi_id: String,
}

impl Company {
    pub fn create(client: &mut Client, root: &str, name: &str) -> Self {
        let network = must(client, "POST", "/v2/networks", root, json!({"uniqueId": name, "companyName": name}));
        let network = network["networkId"].as_i64().unwrap();
        let mailbox = json!({"networkId": network, "uniqueId": name, "companyName": name});
        let mailbox = must(client, "POST", "/v2/mailboxes/create", root, mailbox)["mailboxId"].as_i64().unwrap();
        let user = json!({
            "login": "admin", "password": "Secret-Word-1", "email": "admin@example.com", "networkId": network,
            "mailboxId": mailbox, "authLevel": "NetworkAdmin",
        });
        let admin = must(client, "POST", "/v2/users", root, user)["userId"].as_i64().unwrap();
        let key = must(client, "GET", &format!("/v2/users/key/{admin}"), root, Value::Null);
        let id = json!({"mailboxId": mailbox, "qualifier": "ZZ", "id": name});
        let trading_id = must(client, "POST", "/v2/ids", root, id)["ecGridId"].as_i64().unwrap();
        Self { admin, admin_key: key.as_str().unwrap().to_owned(), trading_id, edi_id: name.to_owned() }
    }
}

/// Lets two companies trade.
pub fn connect(client: &mut Client, root: &str, a: &Company, b: &Company) {
    must(client, "POST", "/v2/partners", root, json!({"ecGridIdFrom": a.trading_id, "ecGridIdTo": b.trading_id}));
}
