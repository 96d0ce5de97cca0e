//! `POST /v2/users/role`

use super::UserInfo;
use hub::{Context, Effect, Group, Operation, Result, Role, Spec, Takes, access::Policy, post};
use model::{AuthLevel, MailboxId, NetworkId, OrZero, TradingId, User, UserId};
use schemars::JsonSchema;
use serde::Deserialize;

/// Gives a user another level, and moves the user where a network or mailbox is named.
///
/// The caller must reach over the old place and the new one, and grants no level above the own.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SetRole {
    /// The user.
    user_id: UserId,
    /// The new level; `NoChange` to move only.
    auth_level: AuthLevel,
    /// The new network; 0 or absent for no change.
    network_id: Option<OrZero<NetworkId>>,
    /// The new mailbox; absent for no change, 0 for none.
    mailbox_id: Option<OrZero<MailboxId>>,
    /// The one ECGrid ID of a TPUser.
    ec_grid_id: Option<TradingId>,
}

impl Operation for SetRole {
    type Target = User;
    type Output = UserInfo;
    const SPEC: Spec = Spec {
        takes: Takes::Revealing,
        effect: Effect::Writes,
        event: Some("user.level_change"),
        also: &[post("/v2/users/{id=userId}/set-role")],
        ..Spec::new("setRole", Group::Users, Policy::RunUsers, post("/v2/users/role"))
    };

    fn example() -> &'static str {
        r#"{"userId":1002,"authLevel":"MailboxAdmin"}"#
    }

    fn place(&self, cx: &mut Context<'_, '_>) -> Result<User> {
        cx.user(self.user_id)
    }

    fn run(&self, cx: &mut Context<'_, '_>, user: User) -> Result<UserInfo> {
        let to = Role {
            network: self.network_id.and_then(|id| id.0),
            mailbox: self.mailbox_id.map(|id| id.0),
            trading_id: self.ec_grid_id,
        };
        Ok(cx.set_role(user, self.auth_level, to)?.into())
    }
}
