//! `POST /v2/users`

use super::UserInfo;
use hub::{
    Context, Effect, Group, Operation, Profile, Result, Seat, Spec, Stage, Staged, Takes, access::Policy, passwords,
    post,
};
use model::{AuthLevel, Email, Login, MailboxId, NetworkId, OrZero, Password, PersonName, TradingId};
use schemars::JsonSchema;
use serde::Deserialize;

/// Makes a user and its primary API key. The key is read with Get API Key.
///
/// Nobody grants a level above the own. Levels below NetworkUser need a mailbox.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreateUser {
    /// Login name, unique within the network in any letter case.
    login: Login,
    /// Password.
    password: Password,
    /// E-mail address.
    email: Email,
    /// First name.
    first_name: Option<PersonName>,
    /// Last name.
    last_name: Option<PersonName>,
    /// Network; the caller's when absent or 0.
    network_id: Option<OrZero<NetworkId>>,
    /// Mailbox; the caller's when absent, none when 0.
    mailbox_id: Option<OrZero<MailboxId>>,
    /// Level; MailboxUser when absent.
    auth_level: Option<AuthLevel>,
    /// The one ECGrid ID of a TPUser.
    ec_grid_id: Option<TradingId>,
}

impl Operation for CreateUser {
    type Target = Seat;
    type Output = UserInfo;
    const SPEC: Spec = Spec {
        takes: Takes::Revealing,
        effect: Effect::Writes,
        stages: true,
        event: Some("user.create"),
        aliases: &[("loginName", "login")],
        ..Spec::new("createUser", Group::Users, Policy::RunUsers, post("/v2/users"))
    };

    fn example() -> &'static str {
        r#"{"login":"jsmith","password":"Secret-Word-1","email":"jsmith@example.com","firstName":"John","lastName":"Smith","mailboxId":1001,"authLevel":"MailboxUser"}"#
    }

    async fn stage(&self, before: Stage<'_>) -> Result<Staged> {
        passwords::require_strong("password", &self.password)?;
        Ok(Staged::Hash(before.hub.hash_password(&self.password).await?))
    }

    fn place(&self, cx: &mut Context<'_, '_>) -> Result<Seat> {
        cx.seat(self.network_id.and_then(|id| id.0), self.mailbox_id.map(|id| id.0))
    }

    fn run(&self, cx: &mut Context<'_, '_>, seat: Seat) -> Result<UserInfo> {
        let profile = Profile {
            login: &self.login,
            email: &self.email,
            first_name: self.first_name.as_ref(),
            last_name: self.last_name.as_ref(),
            trading_id: self.ec_grid_id,
        };
        Ok(cx.create_user(profile, seat, self.auth_level.unwrap_or(AuthLevel::MailboxUser))?.into())
    }
}
