//! `DELETE /v2/users/{id}`

use crate::support::on_both;
use model::{AuthLevel::*, KeyKind};

#[test]
fn everything_that_signed_the_user_in_is_over_and_the_record_stays() {
    on_both(async |w| {
        let t = w.tenants().await;
        let admin = w.user(NetworkAdmin, t.a, 0).await;
        let user = w.user(MailboxUser, t.a, t.a1).await;
        let token = w.token(&user).await;
        let (key_token, session_key) = w.key_session(&user.key).await;
        let private = w.secondary(&user, KeyKind::Private, None).await;
        let path = format!("/v2/users/{}", user.id);
        assert_eq!(w.delete(&path).key(&admin.key).await.ok(), true);
        for key in [&user.key, &session_key, &private] {
            w.get("/v2/users/me").key(key).await.refused(401, "InvalidAPIKey");
        }
        for bearer in [&token, &key_token] {
            w.get("/v2/users/me").bearer(bearer).await.refused(401, "InvalidSession");
        }
        assert_eq!(w.get(&path).key(&admin.key).await.ok()["status"], "Terminated");
        assert_eq!(w.delete(&path).key(&admin.key).await.ok(), true, "twice is once");
    });
}

#[test]
fn a_wrong_id_is_400_and_a_foreign_one_404() {
    on_both(async |w| {
        let t = w.tenants().await;
        let admin = w.user(NetworkAdmin, t.a, 0).await;
        let foreign = w.user(MailboxUser, t.b, t.b1).await;
        for id in ["0", "-5", "x", "2147483648"] {
            w.delete(format!("/v2/users/{id}")).key(&admin.key).await.wrong("id");
        }
        w.delete(format!("/v2/users/{}", foreign.id)).key(&admin.key).await.refused(404, "ObjectNotFound");
        w.get("/v2/users/me").key(&foreign.key).await.ok();
    });
}
