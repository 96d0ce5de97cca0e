//! `POST /v2/parcels/upload`: what is taken, how it may be written, from which mailbox it goes.

use super::{FROM, TO, Trade, content, file};
use crate::support::{Plan, b64, edifact, int, on_both, on_both_as, x12};
use model::AuthLevel::*;
use serde_json::{Value, json};

#[test]
fn the_answer_is_the_parcels_number_and_the_headers_say_where_it_is() {
    on_both(async |w| {
        let trade = Trade::begin(w).await;
        let text = x12(FROM, TO, 1);
        let answer = w.post("/v2/parcels/upload").key(&trade.sender.key).json(file(&text)).await;
        let number = answer.json["data"].as_i64().unwrap();
        assert_eq!(answer.header("x-parcel-id"), Some(&*number.to_string()));
        assert_eq!(answer.header("location"), Some(&*format!("/v2/parcels/{number}")));
        answer.ok();
        let parcel = w.get(format!("/v2/parcels/{number}")).key(&trade.sender.key).await.ok();
        assert_eq!((int(&parcel, "mailboxId"), int(&parcel, "bytes")), (trade.t.a1, text.len() as i64));
        assert_eq!((int(&parcel, "ecGridIdFrom"), int(&parcel, "ecGridIdTo")), (trade.from, trade.to));
        assert_eq!((parcel["status"].as_str(), parcel["fileName"].as_str()), (Some("outboxSent"), Some("orders.edi")));
        assert!(number < 1 << 53);
    });
}

#[test]
fn base64_is_taken_with_and_without_padding_and_with_white_space_and_in_no_other_alphabet() {
    on_both(async |w| {
        let trade = Trade::begin(w).await;
        // Lengths that need every padding, and bytes that give + and /.
        for tail in ["", "a", "ab"] {
            let text = format!("{}{tail}", x12(FROM, TO, 1).replace("PO1*", "PO1*>>>???~\nREF*"));
            let plain = b64(&text);
            let lines: String =
                plain.as_bytes().chunks(76).map(|l| format!("{}\r\n", String::from_utf8_lossy(l))).collect();
            for dressed in [plain.clone(), plain.trim_end_matches('=').to_owned(), lines, format!(" \t{plain}\n ")] {
                let body = json!({"fileName": "a", "content": dressed});
                let number = w.post("/v2/parcels/upload").key(&trade.sender.key).json(body).await.ok();
                assert_eq!(content(w, &trade.sender.key, number.as_i64().unwrap()).await, text.as_bytes());
            }
            assert!(plain.contains(['+', '/']), "the text must need the letters that differ");
            let url_safe = plain.replace('+', "-").replace('/', "_");
            for bad in [url_safe, format!("{plain}*"), "A".into(), "AAAAA".into(), "====".into()] {
                let body = json!({"fileName": "a", "content": bad});
                w.post("/v2/parcels/upload").key(&trade.sender.key).json(body).await.wrong("content");
            }
        }
    });
}

#[test]
fn a_file_that_holds_nothing_is_refused() {
    on_both(async |w| {
        let trade = Trade::begin(w).await;
        for nothing in ["", " ", "\r\n\r\n", "\n \t \n", "\0\0\0", "\u{1a}"] {
            w.post("/v2/parcels/upload").key(&trade.sender.key).json(file(nothing)).await.wrong("content");
        }
        assert_eq!(w.count("SELECT count(*) FROM parcels", &[]).await, 0);
        assert_eq!(w.count("SELECT count(*) FROM blobs", &[]).await, 0);
    });
}

#[test]
fn bytes_must_be_the_size_where_they_are_given() {
    on_both(async |w| {
        let trade = Trade::begin(w).await;
        let text = x12(FROM, TO, 1);
        let with = |bytes: Value| {
            let mut body = file(&text);
            body["bytes"] = bytes;
            w.post("/v2/parcels/upload").key(&trade.sender.key).json(body)
        };
        for right in [json!(text.len()), json!(text.len().to_string()), Value::Null] {
            with(right).await.ok();
        }
        for wrong in [json!(0), json!(-1), json!(text.len() + 1), json!(b64(&text).len()), json!("x"), json!(1.5)] {
            with(wrong).await.wrong("bytes");
        }
    });
}

#[test]
fn a_wrong_field_is_named() {
    on_both(async |w| {
        let trade = Trade::begin(w).await;
        for (change, param) in [
            (json!({"fileName": null}), "fileName"),
            (json!({"fileName": ""}), "fileName"),
            (json!({"fileName": "a\u{0}b"}), "fileName"),
            (json!({"fileName": "x".repeat(256)}), "fileName"),
            (json!({"content": null}), "content"),
            (json!({"content": 7}), "content"),
            (json!({"ecGridIdFrom": "x"}), "ecGridIdFrom"),
            (json!({"ecGridIdTo": -1}), "ecGridIdTo"),
            (json!({"mailboxId": 1.5}), "mailboxId"),
            (json!({"ecGridIdTo": 5, "toECGridId": 6}), "ecGridIdTo"),
        ] {
            let mut body = file(x12(FROM, TO, 1));
            body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            w.post("/v2/parcels/upload").key(&trade.sender.key).json(body).await.wrong(param);
        }
        w.post("/v2/parcels/upload").json(file("x")).await.refused(401, "InvalidAPIKey");
        assert_eq!(w.count("SELECT count(*) FROM parcels", &[]).await, 0);
    });
}

#[test]
fn a_file_name_is_data_and_never_a_path() {
    on_both(async |w| {
        let trade = Trade::begin(w).await;
        let before = files(w.folder());
        for name in ["../../etc/passwd", "/etc/passwd", "C:\\x.txt", "con", "a\u{202e}b", ".", "..", "ä ö.x12"] {
            let body = json!({"fileName": name, "content": b64(x12(FROM, TO, 1))});
            let number = w.post("/v2/parcels/upload").key(&trade.sender.key).json(body).await.ok();
            let parcel = w.parcel(number.as_i64().unwrap()).await;
            assert_eq!(parcel["fileName"], name);
        }
        assert_eq!(files(w.folder()), before);
    });
}

fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        }
        all.push(path);
    }
    all.sort();
    all
}

#[test]
fn a_file_too_large_for_its_row_lies_in_a_content_file_and_comes_back_whole() {
    on_both(async |w| {
        let trade = Trade::begin(w).await;
        let small = files(w.folder()).len();
        let text: String = (0..300).map(|n| x12(FROM, TO, n)).collect();
        assert!(text.len() > 64 * 1024);
        let number = w.upload(&trade.sender.key, &text).await;
        assert!(files(w.folder()).len() > small, "a content file was made");
        assert_eq!(content(w, &trade.sender.key, number).await, text.as_bytes());
        let pending = w.pending(trade.t.b1).await;
        assert_eq!(pending.len(), 1, "one inbound parcel for one pair");
        let inbound = int(&pending[0], "parcelId");
        assert_eq!(content(w, &trade.receiver.key, inbound).await, text.as_bytes());
        // A piece of it, too: every other interchange goes elsewhere.
        let other = w.trading_id(trade.t.a2, "ZZ:OTHER").await;
        w.connect(trade.from, other).await;
        let parts: Vec<String> = (0..300).map(|n| x12(FROM, if n % 2 == 0 { TO } else { "ZZ:OTHER" }, n)).collect();
        w.upload(&trade.sender.key, parts.concat()).await;
        let pending = w.pending(trade.t.b1).await;
        let even: String = parts.iter().step_by(2).cloned().collect();
        assert_eq!(content(w, &trade.receiver.key, int(&pending[1], "parcelId")).await, even.as_bytes());
    });
}

#[test]
fn thousands_of_interchanges_are_routed_by_the_job() {
    on_both(async |w| {
        let trade = Trade::begin(w).await;
        let text: String = (0..1_250).map(|n| x12(FROM, TO, n)).collect();
        let number = w.upload(&trade.sender.key, &text).await;
        assert_eq!(w.parcel(number).await["status"], "outboxPending", "accepted, and not routed yet");
        assert_eq!(w.pending(trade.t.b1).await.len(), 0);
        w.hub.settle().await.unwrap();
        let parcel = w.parcel(number).await;
        assert_eq!(parcel["status"], "outboxSent");
        assert_eq!((int(&parcel, "ecGridIdFrom"), int(&parcel, "ecGridIdTo")), (trade.from, trade.to));
        let mut all = Vec::new();
        for inbound in w.pending(trade.t.b1).await {
            all.extend(content(w, &trade.receiver.key, int(&inbound, "parcelId")).await);
        }
        assert!(all == text.as_bytes(), "what arrives is what was sent, once");
        let kept = "SELECT count(*) FROM interchanges WHERE parcel_id = $1";
        assert_eq!(w.count(kept, &[number]).await, 1_250);
    });
}

#[test]
fn the_shape_of_the_answer_follows_the_header() {
    on_both(async |w| {
        let trade = Trade::begin(w).await;
        let text = x12(FROM, TO, 1);
        let with = |shape: &str| {
            w.post("/v2/parcels/upload").key(&trade.sender.key).header("x-crossdock-shape", shape).json(file(&text))
        };
        assert!(with("reference").await.ok().is_i64());
        for shape in ["guide", "samples", "GUIDE"] {
            let data = with(shape).await.ok();
            assert_eq!((data["status"].as_str(), data["fileName"].as_str()), (Some("outboxSent"), Some("orders.edi")));
            assert_eq!((int(&data, "size"), int(&data, "bytes")), (text.len() as i64, text.len() as i64));
            assert_eq!(w.parcel(int(&data, "parcelId")).await["status"], "outboxSent");
        }
        with("other").await.wrong("X-Crossdock-Shape");
        let low = w.user(General, trade.t.a, trade.t.a1).await;
        let denied = w.post("/v2/parcels/upload").key(&low.key).header("x-crossdock-shape", "other").json(file("x"));
        denied.await.refused(403, "AccessDenied");
    });
}

#[test]
fn the_server_may_have_another_shape() {
    let plan = || {
        let mut plan = Plan::default();
        plan.settings.shape = model::Shape::Guide;
        plan
    };
    on_both_as(plan, async |w| {
        let trade = Trade::begin(w).await;
        let text = x12(FROM, TO, 1);
        let data = w.post("/v2/parcels/upload").key(&trade.sender.key).json(file(&text)).await.ok();
        assert!(data.is_object());
        let plain = w.post("/v2/parcels/upload").key(&trade.sender.key).header("x-crossdock-shape", "reference");
        assert!(plain.json(file(&text)).await.ok().is_i64());
    });
}

#[test]
fn a_network_level_caller_without_a_mailbox_sends_from_that_of_the_sender() {
    on_both(async |w| {
        let trade = Trade::begin(w).await;
        let second = w.trading_id(trade.t.a2, "ZZ:SECOND").await;
        w.connect(second, trade.to).await;
        for level in [NetworkAdmin, NetOps] {
            let caller = w.user(level, trade.t.a, 0).await;
            let sent = |body: Value| w.post("/v2/parcels/upload").key(&caller.key).json(body);
            let number = sent(file(x12("ZZ:SECOND", TO, 1))).await.ok();
            let parcel = w.parcel(number.as_i64().unwrap()).await;
            assert_eq!((int(&parcel, "mailboxId"), parcel["status"].as_str()), (trade.t.a2, Some("outboxSent")));
            // Explicit ids and an explicit mailbox go before it.
            let mut body = file(x12("ZZ:SECOND", TO, 2));
            body["ecGridIdFrom"] = json!(trade.from);
            let number = sent(body.clone()).await.ok();
            assert_eq!(int(&w.parcel(number.as_i64().unwrap()).await, "mailboxId"), trade.t.a1);
            body["mailboxId"] = json!(trade.t.a2);
            let number = sent(body).await.ok();
            assert_eq!(int(&w.parcel(number.as_i64().unwrap()).await, "mailboxId"), trade.t.a2);
            // Several senders of several mailboxes, or none that is known, tell no mailbox.
            sent(file([x12(FROM, TO, 3), x12("ZZ:SECOND", TO, 4)].concat())).await.wrong("mailboxId");
            sent(file(x12("ZZ:NOBODY", TO, 5))).await.wrong("mailboxId");
            sent(file("no envelope at all")).await.wrong("mailboxId");
        }
        let admin = w.user(NetworkAdmin, trade.t.a, 0).await;
        w.post("/v2/parcels/upload").key(&admin.key).json(file(x12(TO, FROM, 6))).await.wrong("mailboxId");
    });
}

#[test]
fn both_spellings_of_the_explicit_ids_are_read_and_answered_as_their_papers_have_it() {
    on_both(async |w| {
        let trade = Trade::begin(w).await;
        for (from, to) in
            [("ecGridIdFrom", "ecGridIdTo"), ("fromECGridId", "toECGridId"), ("ECGRIDIDFROM", "ecgridIDto")]
        {
            let mut body = file("a plain text for somebody");
            body[from] = json!(trade.from);
            body[to] = json!(trade.to.to_string());
            let sent = w.post("/v2/parcels/upload").key(&trade.sender.key).json(body).await.ok();
            let number = if from == "fromECGridId" { sent["parcelId"].as_i64() } else { sent.as_i64() };
            let parcel = w.parcel(number.unwrap()).await;
            assert_eq!(parcel["status"], "outboxSent", "{from}");
        }
    });
}

#[test]
fn x12_and_edifact_go_in_one_file_each_to_its_receiver() {
    on_both(async |w| {
        let trade = Trade::begin(w).await;
        let other = w.trading_id_with(trade.t.a2, "14:4012345000009", json!({"ediStandard": "EDIFACT"})).await;
        w.connect(trade.from, other).await;
        let parts = [x12(FROM, TO, 1), edifact(FROM, TO, 2), edifact(FROM, "14:4012345000009", 3), x12(FROM, TO, 4)];
        let number = w.upload(&trade.sender.key, parts.concat()).await;
        assert_eq!(w.parcel(number).await["status"], "outboxSent");
        assert_eq!(int(&w.parcel(number).await, "ecGridIdFrom"), trade.from);
        assert_eq!(int(&w.parcel(number).await, "ecGridIdTo"), 0, "several receivers are no receiver");
        let (b, a2) = (w.pending(trade.t.b1).await, w.pending(trade.t.a2).await);
        assert_eq!((b.len(), a2.len()), (1, 1));
        let expected = [parts[0].as_str(), &parts[1], &parts[3]].concat();
        assert_eq!(String::from_utf8(content(w, &trade.receiver.key, int(&b[0], "parcelId")).await).unwrap(), expected);
        assert_eq!(String::from_utf8(content(w, &w.root, int(&a2[0], "parcelId")).await).unwrap(), parts[2]);
        assert_eq!(int(&b[0], "bytes"), expected.len() as i64);
        assert_eq!((b[0]["fileName"].as_str(), int(&b[0], "ecGridIdFrom")), (Some("file.edi"), trade.from));
    });
}
