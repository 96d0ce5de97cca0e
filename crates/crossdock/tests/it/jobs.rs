//! What jobs do that no answer shows: sweeping.

use crate::support::{int, on_both, x12};
use model::AuthLevel::*;
use serde_json::json;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3600);

#[test]
fn sessions_are_forgotten_a_day_after_their_end() {
    on_both(async |w| {
        let t = w.tenants().await;
        let user = w.user(MailboxUser, t.a, t.a1).await;
        let first = w.sign_in(&user).await;
        let refresh = json!({"refreshToken": first["refreshToken"]});
        w.post("/v2/auth/refresh").json(refresh.clone()).await.ok();
        w.pass(DAY * 29);
        let later = w.token(&user).await;
        w.pass(DAY + DAY / 2);
        assert_eq!(w.hub.sweep_sessions().await.unwrap(), 0, "a day is not over yet");
        w.pass(DAY);
        assert_eq!(w.hub.sweep_sessions().await.unwrap(), 1);
        assert_eq!(w.count("SELECT count(*) FROM sessions", &[]).await, 1);
        assert_eq!(w.count("SELECT count(*) FROM refreshes", &[]).await, 1);
        w.post("/v2/auth/refresh").json(refresh).await.refused(401, "InvalidSession");
        w.get("/v2/users/me").bearer(&later).await.refused(401, "InvalidSession");
        w.pass(DAY * 30);
        assert_eq!(w.hub.sweep_sessions().await.unwrap(), 1);
        assert_eq!(w.count("SELECT count(*) FROM refreshes", &[]).await, 0);
    });
}

#[test]
fn content_that_nothing_refers_to_is_swept_after_a_day_and_no_other() {
    on_both(async |w| {
        let t = w.tenants().await;
        let user = w.user(MailboxUser, t.a, t.a1).await;
        w.trading_id(t.a1, "ZZ:SENDER").await;
        let text = x12("ZZ:SENDER", "ZZ:NOBODY", 1).repeat(300);
        let number = w.upload(&user.key, &text).await;
        let orphan = || {
            let mut writer = w.hub.files.writer().unwrap();
            writer.write(b"nothing refers to it").unwrap();
            writer.finish().unwrap().name
        };
        let (old, new) = (orphan(), orphan());
        let files = w.folder().join("content");
        for entry in walk(&files) {
            if !entry.ends_with(new.as_str()) {
                let file = std::fs::File::options().write(true).open(&entry).unwrap();
                let written = file.metadata().unwrap().modified().unwrap();
                file.set_modified(written - DAY - Duration::from_secs(60)).unwrap();
            }
        }
        assert_eq!(w.hub.sweep_content().await.unwrap(), 1);
        assert!(w.hub.files.open_file(&old).is_err() && w.hub.files.open_file(&new).is_ok());
        let raw =
            w.get(format!("/v2/parcels/{number}/download")).key(&user.key).header("accept", "application/octet-stream");
        assert_eq!(raw.await.bytes, text);
        assert_eq!(int(&w.parcel(number).await, "bytes"), text.len() as i64);
    });
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}
