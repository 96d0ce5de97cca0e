//! Files sent and fetched as they are: `application/octet-stream`, in constant memory (decision I2).

use super::{FROM, TO, Trade, content, outcomes};
use crate::support::{Call, Plan, World, int, on_both, on_both_as, x12};
use axum::body::Body;
use http_body_util::channel::Channel;
use hub::{Begin, Hub};
use model::AuthLevel::*;
use serde_json::json;
use std::path::Path;

const OCTETS: &str = "application/octet-stream";

/// Sends a file as it is.
fn send<'w>(w: &'w World, key: &str, query: &str, file: impl Into<Body>) -> Call<'w> {
    w.post(format!("/v2/parcels/upload{query}")).key(key).header("content-type", OCTETS).body(file)
}

/// Fetches a parcel as it is.
fn fetch<'w>(w: &'w World, key: &str, parcel: i64) -> Call<'w> {
    w.get(format!("/v2/parcels/{parcel}/download")).key(key).header("accept", OCTETS)
}

/// Files in the content folder, half written ones included.
fn files(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().map(Result::unwrap);
    entries.map(|entry| if entry.path().is_dir() { files(&entry.path()) } else { 1 }).sum()
}

#[test]
fn a_long_file_arrives_as_it_was_sent() {
    on_both(async |w| {
        let trade = Trade::begin(w).await;
        // More than a row holds, more interchanges than are routed at once, and not all for one receiver.
        let texts: Vec<String> =
            (0..2500).map(|n| x12(FROM, if n % 100 == 7 { "ZZ:NOWHERE" } else { TO }, n)).collect();
        let file = texts.concat();
        let name = "attachment; filename*=UTF-8''gr%C3%BC%C3%9Fe.x12";
        let sent = send(w, &trade.sender.key, "", file.clone()).header("content-disposition", name).await.ok();
        assert_eq!((sent["fileName"].as_str(), int(&sent, "bytes")), (Some("grüße.x12"), file.len() as i64));
        let number = int(&sent, "parcelId");
        w.hub.route_waiting().await.unwrap();
        let outcomes = outcomes(w, number).await;
        assert_eq!((outcomes.len(), outcomes.iter().filter(|o| o.0 == "Active").count()), (2500, 2475));

        let own = fetch(w, &trade.sender.key, number).await;
        assert_eq!(own.header("content-type"), Some(OCTETS));
        assert_eq!(
            own.header("content-disposition"),
            Some("attachment; filename=\"gr__e.x12\"; filename*=UTF-8''gr%C3%BC%C3%9Fe%2Ex12")
        );
        assert_eq!(own.bytes, file.as_bytes());

        let mut received = Vec::new();
        for parcel in w.pending(trade.t.b1).await {
            let number = int(&parcel, "parcelId");
            let piece = fetch(w, &trade.receiver.key, number).await.bytes;
            assert_eq!(content(w, &trade.receiver.key, number).await, piece, "in JSON it is the same");
            received.extend_from_slice(&piece);
        }
        let expected: String = texts.iter().filter(|text| !text.contains("NOWHERE")).map(String::as_str).collect();
        assert_eq!(received, expected.as_bytes());
    });
}

#[test]
fn every_node_of_a_store_has_the_content_of_all() {
    on_both(async |w| {
        let trade = Trade::begin(w).await;
        let file = x12(FROM, TO, 1).repeat(300);
        let number = int(&send(w, &trade.sender.key, "?fileName=a", file.clone()).await.ok(), "parcelId");
        let folder = tempfile::tempdir().unwrap();
        let begin = |content: Option<&Path>| Begin {
            db: w.db().clone(),
            folder: folder.path().to_owned(),
            content: content.map(Path::to_owned),
            master_key: Some(w.folder().join("master-key")),
            settings: Plan::default().settings,
            table: None,
            clock: hub::Clock::Set(w.hub.clock.now().0.into()),
        };
        let refused = Hub::begin(begin(None)).await.err().unwrap().to_string();
        assert!(refused.contains("does not hold the content of this store"), "{refused}");
        let second = Hub::begin(begin(Some(&w.folder().join("content")))).await.unwrap();
        let router = crossdock::rest::router(second, crossdock::rest::Config::default());
        assert_eq!(fetch(w, &trade.sender.key, number).through(&router).await.bytes, file);
    });
    on_both(async |w| {
        let other = tempfile::tempdir().unwrap();
        let trade = Trade::begin(w).await;
        send(w, &trade.sender.key, "?fileName=a", x12(FROM, TO, 1).repeat(300)).await.ok();
        let (db, _guard) = store::testing::fresh(w.engine).unwrap();
        let (folder, content) = (other.path().to_owned(), Some(w.folder().join("content")));
        let (settings, clock) = (Plan::default().settings, hub::Clock::System);
        let begin = Begin { db, folder, content, master_key: None, settings, table: None, clock };
        let refused = Hub::begin(begin).await.err().unwrap().to_string();
        assert!(refused.contains("holds the content of another store"), "{refused}");
    });
}

#[test]
fn the_other_members_stand_in_the_query() {
    on_both(async |w| {
        let trade = Trade::begin(w).await;
        let words = "no envelope at all";
        let to =
            format!("?fileName=words.txt&ecGridIdFrom={}&toECGridId={}&bytes={}", trade.from, trade.to, words.len());
        let sent = send(w, &trade.sender.key, &to, words).await.ok();
        assert_eq!(sent["status"], "outboxSent");
        let pending = w.pending(trade.t.b1).await;
        assert_eq!(fetch(w, &trade.receiver.key, int(&pending[0], "parcelId")).await.bytes, words);
        let text = x12(FROM, TO, 1);
        let key = &trade.sender.key;
        send(w, key, "?fileName=a&bytes=7", text.clone()).await.wrong("bytes");
        send(w, key, "", text.clone()).await.wrong("fileName");
        send(w, key, "?fileName=a&content=SVNB", text.clone()).await.wrong("content");
        send(w, key, "?fileName=a", text.clone())
            .header("content-disposition", "x; filename=b")
            .await
            .wrong("fileName");
        send(w, key, "?fileName=a", "").await.wrong("content");
        send(w, key, "?fileName=a", " \r\n").await.wrong("content");
        send(w, key, "?fileName=a&mailboxId=x", text).await.wrong("mailboxId");
        assert_eq!(w.count("SELECT count(*) FROM blobs", &[]).await, 1);
    });
}

#[test]
fn what_a_body_is_called_decides() {
    on_both(async |w| {
        let trade = Trade::begin(w).await;
        let call = |media: &str| {
            let call = w.post("/v2/parcels/upload?fileName=a").key(&trade.sender.key).header("content-type", media);
            call.body(x12(FROM, TO, 1))
        };
        for media in
            ["application/edi-x12", "application/EDIFACT", "application/edi-consent", "application/octet-stream; x=y"]
        {
            assert!(call(media).await.ok().is_object(), "{media}");
        }
        let refused = call("application/x-www-form-urlencoded").await.refused(415, "InvalidParameter");
        assert!(refused.json["message"].as_str().unwrap().contains(OCTETS));
        call("application/json").await.wrong("body");
        let unsaid = |body: String| w.post("/v2/parcels/upload?fileName=a").key(&trade.sender.key).body(body);
        assert!(unsaid(x12(FROM, TO, 1)).await.ok().is_object(), "what is not called anything is content");
        unsaid(" {\"content\":7}".to_owned()).await.wrong("content");
        unsaid(String::new()).await.wrong("content");
        let coded = call(OCTETS).header("content-encoding", "gzip").await.refused(415, "InvalidParameter");
        assert!(coded.json["message"].as_str().unwrap().contains("Content-Encoding"));
        call(OCTETS).header("content-encoding", "identity").await.ok();
        let elsewhere = w.post("/v2/users/list").key(&trade.sender.key).header("content-type", OCTETS).body("{}");
        elsewhere.await.refused(415, "InvalidParameter");
    });
}

/// A form as browsers and curl write it: name, name of the file, content.
fn form(parts: &[(&str, Option<&str>, &str)]) -> String {
    let part = |(name, file, content): &(&str, Option<&str>, &str)| {
        let file = file.map_or(String::new(), |file| format!("; filename=\"{file}\"\r\nContent-Type: text/plain"));
        format!("--f-7\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{content}\r\n")
    };
    parts.iter().map(part).collect::<String>() + "--f-7--\r\n"
}

#[test]
fn a_file_in_a_form_is_taken_with_the_fields_around_it() {
    on_both(async |w| {
        let trade = Trade::begin(w).await;
        let call = |media: &str, body: String| {
            w.post("/v2/parcels/upload").key(&trade.sender.key).header("content-type", media).body(body)
        };
        let (media, number) = ("multipart/form-data; boundary=f-7", &*trade.t.a1.to_string());
        let file: String = (0..500).map(|n| x12(FROM, TO, n)).collect();
        let before = ("mailboxID", None, number);
        let sent = call(media, form(&[before, ("file", Some("a \\b.x12"), &file)])).await.ok();
        assert_eq!((sent["fileName"].as_str(), int(&sent, "bytes")), (Some("a \\b.x12"), file.len() as i64));
        assert_eq!(fetch(w, &trade.sender.key, int(&sent, "parcelId")).await.bytes, file);
        let named = form(&[("upload", Some("a.x12"), &file), ("FileName", None, "grüße.x12"), before]);
        let sent = call("Multipart/Form-Data; charset=utf-8; boundary=\"f-7\"", named).await.ok();
        assert_eq!(sent["fileName"], "grüße.x12");
        let text = [("content", None, "SVNB"), ("fileName", None, "a")];
        assert!(call(media, form(&text)).await.ok().is_number(), "base64 in a field is what it is in JSON");

        let two = form(&[("file", Some("a"), &file), ("file", Some("b"), &file)]);
        call(media, two).await.wrong("body");
        call(media, form(&[before, ("fileName", None, "a")])).await.wrong("content");
        call(media, form(&[("file", Some("a"), "")])).await.wrong("content");
        call(media, form(&[("file", Some(""), &file)])).await.wrong("fileName");
        call(media, form(&[("mailboxId", None, "x"), ("file", Some("a"), &file)])).await.wrong("mailboxId");
        call(media, form(&[("x", None, &"y".repeat(9000))])).await.wrong("body");
        call(media, form(&[("x", None, "y"); 33])).await.wrong("body");
        call(media, form(&[("file", Some("a"), &file)]).replace("f-7--", "f-8--")).await.wrong("body");
        call("multipart/form-data", form(&[])).await.wrong("Content-Type");
        let refused = w.post("/v2/users/list").key(&trade.sender.key).header("content-type", media).body(form(&[]));
        refused.await.refused(415, "InvalidParameter");
        assert_eq!(w.count("SELECT count(*) FROM blobs", &[]).await, 3);
    });
}

#[test]
fn what_is_refused_or_breaks_off_leaves_nothing() {
    let plan = || {
        let mut plan = Plan::default();
        plan.rest.limits.content = 300_000;
        plan
    };
    on_both_as(plan, async |w| {
        let trade = Trade::begin(w).await;
        let (low, long) = (w.user(General, trade.t.a, trade.t.a1).await, x12(FROM, TO, 1).repeat(500));
        let before = files(w.folder());
        send(w, &low.key, "?fileName=a", long.clone()).await.refused(403, "AccessDenied");
        send(w, "nonsense", "?fileName=a", long.clone()).await.refused(401, "InvalidAPIKey");
        send(w, &trade.sender.key, "?fileName=a&mailboxId=987654", long.clone()).await.refused(404, "ObjectNotFound");
        send(w, &trade.sender.key, "?fileName=a", long.repeat(3)).await.refused(413, "InvalidParameter");
        send(w, &trade.sender.key, "", long.clone()).await.wrong("fileName");
        let (mut sender, channel) = Channel::<bytes::Bytes, std::io::Error>::new(2);
        sender.send_data(long.clone().into()).await.unwrap();
        sender.abort(std::io::Error::other("the line went dead"));
        send(w, &trade.sender.key, "?fileName=a", Body::new(channel)).await.wrong("body");
        let (mut sender, channel) = Channel::<bytes::Bytes, std::io::Error>::new(3);
        for _ in 0..3 {
            sender.send_data(long.clone().into()).await.unwrap();
        }
        drop(sender);
        send(w, &trade.sender.key, "?fileName=a", Body::new(channel)).await.refused(413, "InvalidParameter");
        let admin = w.user(NetworkAdmin, trade.t.a, 0).await;
        send(w, &admin.key, "?fileName=a", long.replace("SENDER", "NOBODY")).await.wrong("mailboxId");
        let json = json!({"fileName": "a", "content": crate::support::b64(long.replace("SENDER", "NOBODY"))});
        w.post("/v2/parcels/upload").key(&admin.key).json(json).await.wrong("mailboxId");
        assert_eq!(files(w.folder()), before, "something stayed");
        assert_eq!(w.count("SELECT count(*) FROM parcels", &[]).await, 0);
        send(w, &trade.sender.key, "?fileName=a", long).await.ok();
    });
}

#[test]
fn wrong_lengths_in_a_long_file_change_nothing() {
    on_both(async |w| {
        let trade = Trade::begin(w).await;
        let lying = |n| x12(FROM, TO, n).replace("BEG*", "BIN*400*x~\nBEG*");
        let file: String = (0..800).map(lying).collect();
        let number = int(&send(w, &trade.sender.key, "?fileName=a", file.clone()).await.ok(), "parcelId");
        assert_eq!(outcomes(w, number).await.len(), 800);
        assert_eq!(fetch(w, &trade.sender.key, number).await.bytes, file);
    });
}

#[test]
fn json_holds_no_more_than_it_may_and_says_how_to_get_the_rest() {
    let plan = || {
        let mut plan = Plan::default();
        plan.settings.content_in_json = 1000;
        plan
    };
    on_both_as(plan, async |w| {
        let trade = Trade::begin(w).await;
        let file = x12(FROM, TO, 1).repeat(5);
        let number = int(&send(w, &trade.sender.key, "?fileName=a", file.clone()).await.ok(), "parcelId");
        let body = json!({"parcelId": number});
        let refused = w.post("/v2/parcels/download").key(&trade.sender.key).json(body.clone()).await.wrong("parcelId");
        assert!(refused.json["message"].as_str().unwrap().contains("Accept: application/octet-stream"));
        let raw = |accept: &str| {
            w.post("/v2/parcels/download").key(&trade.sender.key).header("accept", accept).json(body.clone())
        };
        assert_eq!(raw(OCTETS).await.bytes, file);
        assert_eq!(raw("application/octet-stream;q=0.9, */*;q=0.1").await.bytes, file);
        raw("application/json, application/octet-stream").await.wrong("parcelId");
        raw("*/*").await.wrong("parcelId");
        fetch(w, &trade.receiver.key, number).await.refused(404, "ObjectNotFound");
        let events = w.count("SELECT count(*) FROM parcel_events WHERE event = 'downloaded'", &[]).await;
        assert_eq!(events, 2, "only what was handed out is noted");
    });
}
