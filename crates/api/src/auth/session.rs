//! `POST /v2/auth/session`

use super::or_zero;
use hub::{Beside, Context, Group, Home, Operation, Result, Spec, access::Policy, post};
use model::{AuthLevel, NetworkId, Time, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Tells who the caller is and until when the credential works.
#[derive(Deserialize, JsonSchema)]
pub struct Session {}

/// Who the caller is.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SessionInfo {
    /// The user.
    user_id: UserId,
    /// Login name.
    login: String,
    /// Network.
    network_id: NetworkId,
    /// Mailbox; 0 for none.
    mailbox_id: i64,
    /// Level.
    auth_level: AuthLevel,
    /// When the credential ends; the year 9999 for never.
    expires_at: Time,
}

impl Operation for Session {
    type Target = Home;
    type Output = SessionInfo;
    const SPEC: Spec = Spec {
        while_suspended: true,
        beside: Beside::Texts(""),
        ..Spec::new("session", Group::Auth, Policy::SignedIn, post("/v2/auth/session"))
    };

    fn example() -> &'static str {
        "{}"
    }

    fn place(&self, cx: &mut Context<'_, '_>) -> Result<Home> {
        Ok(cx.home())
    }

    fn run(&self, cx: &mut Context<'_, '_>, _: Home) -> Result<SessionInfo> {
        let caller = cx.caller()?;
        let user = &caller.user;
        Ok(SessionInfo {
            user_id: user.id,
            login: user.login.clone(),
            network_id: user.network,
            mailbox_id: or_zero(user.mailbox),
            auth_level: user.level,
            expires_at: caller.expires.unwrap_or(Time::NEVER),
        })
    }
}
