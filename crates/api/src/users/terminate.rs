//! `DELETE /v2/users/{id}`

use hub::{Context, Effect, Group, Operation, Result, Spec, Takes, access::Policy, delete};
use model::{User, UserId};
use schemars::JsonSchema;
use serde::Deserialize;

/// Ends a user for ever, with all keys and sessions. The record stays.
#[derive(Deserialize, JsonSchema)]
pub struct TerminateUser {
    /// The user.
    id: UserId,
}

impl Operation for TerminateUser {
    type Target = User;
    type Output = bool;
    const SPEC: Spec = Spec {
        takes: Takes::Personal,
        effect: Effect::Writes,
        event: Some("user.terminate"),
        ..Spec::new("terminateUser", Group::Users, Policy::RunUsers, delete("/v2/users/{id}"))
    };

    fn example() -> &'static str {
        r#"{"id":1002}"#
    }

    fn place(&self, cx: &mut Context<'_, '_>) -> Result<User> {
        cx.user(self.id)
    }

    fn run(&self, cx: &mut Context<'_, '_>, user: User) -> Result<bool> {
        cx.terminate_user(&user)?;
        Ok(true)
    }
}
