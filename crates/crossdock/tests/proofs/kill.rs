//! `kill -9` during generate, reveal and upload. What a client was told is there afterwards: every key it saw has its
//! audit record, every parcel it got a number for is whole and was delivered once, and the store opens by itself.

use crate::{
    http::Client,
    server::{Company, Home, Server, connect, must},
    size,
};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

/// What clients were told.
#[derive(Default)]
struct Told {
    /// Audit records of keys they saw.
    records: Mutex<Vec<i64>>,
    /// Parcels they got a number for: number, and content.
    parcels: Mutex<Vec<(i64, String)>>,
    /// For unique file names and control numbers.
    next: AtomicU64,
}

fn purchase_order(from: &Company, to: &Company, number: u64, padding: usize) -> String {
    let (a, b) = (&from.edi_id, &to.edi_id);
    let control = format!("{number:09}");
    let note = "N".repeat(60);
    let notes: String = (0..padding).map(|_| format!("MSG*{note}~\n")).collect();
    let segments = 4 + padding;
    format!(
        "ISA*00*          *00*          *ZZ*{a:<15}*ZZ*{b:<15}*261123*1200*U*00401*{control}*0*P*>~\nGS*PO*{a}*{b}*20261123*1200*1*X*004010~\n\
         ST*850*0001~\nBEG*00*NE*{number}**20261123~\n{notes}CTT*0~\nSE*{segments}*0001~\nGE*1*1~\nIEA*1*{control}~\n"
    )
}

fn upload(client: &mut Client, told: &Told, from: &Company, to: &Company) -> std::io::Result<()> {
    use base64::{Engine, prelude::BASE64_STANDARD};
    let number = told.next.fetch_add(1, SeqCst) + 1;
    // Every eighth is too large for its row and goes through a content file.
    let content = purchase_order(from, to, number, if number.is_multiple_of(8) { 1200 } else { 2 });
    let body = json!({"fileName": format!("po-{number}.x12"), "content": BASE64_STANDARD.encode(&content)});
    let answer = client.send("POST", "/v2/parcels/upload", &from.admin_key, &body.to_string())?;
    assert_eq!(answer.status, 200, "{}", answer.json);
    told.parcels.lock().unwrap().push((answer.data().as_i64().unwrap(), content));
    Ok(())
}

fn see_key(client: &mut Client, told: &Told, root: &str, method: &str, path: &str) -> std::io::Result<()> {
    let answer = client.send(method, path, root, "")?;
    assert_eq!(answer.status, 200, "{}", answer.json);
    let record = answer.header("x-crossdock-audit-record").expect("a key left without a record").parse().unwrap();
    told.records.lock().unwrap().push(record);
    Ok(())
}

/// Works until the server dies.
fn work(address: SocketAddr, told: &Told, root: &str, companies: &[Company; 3], nth: usize) {
    let [from, to, changing] = companies;
    let mut client = Client::new(address);
    loop {
        let done = match nth % 4 {
            0 => see_key(&mut client, told, root, "POST", &format!("/v2/users/key-generate/{}", changing.admin)),
            1 => see_key(&mut client, told, root, "GET", &format!("/v2/users/key/{}", changing.admin)),
            _ => upload(&mut client, told, from, to),
        };
        if done.is_err() {
            return;
        }
    }
}

fn check_parcels(client: &mut Client, told: &Told, from: &Company, to: &Company) {
    use base64::{Engine, prelude::BASE64_STANDARD};
    // What lies in the receiver's inbox, by file name; paged, confirming as we go.
    let mut inbound: HashMap<String, Vec<i64>> = HashMap::new();
    loop {
        let page =
            must(client, "POST", "/v2/parcels/pending-inbox-list", &to.admin_key, json!({"recordsPerPage": 1000}));
        let page = page.as_array().unwrap().clone();
        if page.is_empty() {
            break;
        }
        for parcel in page {
            let id = parcel["parcelId"].as_i64().unwrap();
            inbound.entry(parcel["fileName"].as_str().unwrap().to_owned()).or_default().push(id);
            must(client, "POST", "/v2/parcels/confirm", &to.admin_key, json!({"parcelId": id}));
        }
    }
    let doubled = inbound.values().filter(|ids| ids.len() > 1).count();
    assert_eq!(doubled, 0, "parcels delivered twice");
    for (id, content) in told.parcels.lock().unwrap().iter() {
        let sent = must(client, "GET", &format!("/v2/parcels/{id}"), &from.admin_key, Value::Null);
        assert_eq!(sent["status"], "outboxAcknowledged", "{sent}");
        let received = &inbound[sent["fileName"].as_str().unwrap()];
        let got = must(client, "POST", "/v2/parcels/download", &to.admin_key, json!({"parcelId": received[0]}));
        let got = BASE64_STANDARD.decode(got["content"].as_str().unwrap()).unwrap();
        assert!(got == content.as_bytes(), "parcel {id} came out changed");
    }
}

fn check_records(folder: &std::path::Path, told: &Told) {
    let db = store::Db::sqlite(&folder.join("crossdock.db"), store::Options::default()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let records = told.records.lock().unwrap().clone();
    let found = runtime.block_on(db.scan(move |tx| {
        let mut found = 0;
        for record in &records {
            let kept = store::audit::find(tx, *record)?;
            found +=
                usize::from(kept.is_some_and(|k| k.record.verdict == "done" && k.record.event.starts_with("key.")));
        }
        Ok::<_, store::Error>(found)
    }));
    assert_eq!(found.unwrap(), told.records.lock().unwrap().len(), "a key was seen without a record");
    let report = runtime.block_on(hub::audit::verify(&db)).unwrap();
    assert!(report.faults.is_empty(), "{report:?}");
}

#[test]
fn what_a_client_was_told_survives_kill_9() {
    let kills = size("CROSSDOCK_KILLS", 15);
    let home = Home::new();
    let server = Server::start(&home.folder(), &[]);
    let root = home.root_key();
    let mut client = server.client();
    let companies = ["SENDER", "RECEIVER", "CHANGING"].map(|name| Company::create(&mut client, &root, name));
    connect(&mut client, &root, &companies[0], &companies[1]);
    let told = Told::default();
    let mut server = server;
    for kill in 0..kills {
        std::thread::scope(|scope| {
            for nth in 0..8 {
                let (told, root, companies, address) = (&told, &root, &companies, server.address);
                scope.spawn(move || work(address, told, root, companies, nth));
            }
            // A different moment each time, spread over the work of a commit and its neighbours.
            std::thread::sleep(Duration::from_micros(20_000 + (kill as u64 * 7_919) % 60_000));
            server.kill();
        });
        server = Server::start(&home.folder(), &[]);
    }
    check_parcels(&mut server.client(), &told, &companies[0], &companies[1]);
    server.kill();
    check_records(&home.folder(), &told);
    let (records, parcels) = (told.records.lock().unwrap().len(), told.parcels.lock().unwrap().len());
    println!(
        "{kills} kills: {records} keys seen, each with its record; {parcels} parcels acknowledged, each whole and delivered once"
    );
    assert!(records > 0 && parcels > 0, "nothing was done between the kills");
}
