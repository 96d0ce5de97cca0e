//! `GET /v2/users/{id}`

use super::UserInfo;
use hub::{Context, Group, Operation, Result, Spec, access::Policy, get};
use model::{User, UserId};
use schemars::JsonSchema;
use serde::Deserialize;

/// Shows a user.
#[derive(Deserialize, JsonSchema)]
pub struct GetUser {
    /// The user.
    id: UserId,
}

impl Operation for GetUser {
    type Target = User;
    type Output = UserInfo;
    const SPEC: Spec = Spec::new("getUser", Group::Users, Policy::ReadUsers, get("/v2/users/{id}"));

    fn example() -> &'static str {
        r#"{"id":1001}"#
    }

    fn place(&self, cx: &mut Context<'_, '_>) -> Result<User> {
        cx.user(self.id)
    }

    fn run(&self, _: &mut Context<'_, '_>, user: User) -> Result<UserInfo> {
        Ok(user.into())
    }
}
