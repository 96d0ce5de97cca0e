//! `PUT /v2/users`

use super::UserInfo;
use hub::{Context, Effect, Group, Operation, ProfileChange, Result, Spec, Takes, access::Policy, put};
use model::{Email, PersonName, Status, User, UserId};
use schemars::JsonSchema;
use serde::Deserialize;

/// Changes a user's profile; what is absent stays. `status` suspends and activates, for those who administer users.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdateUser {
    /// The user.
    user_id: UserId,
    /// E-mail address.
    email: Option<Email>,
    /// First name.
    first_name: Option<PersonName>,
    /// Last name.
    last_name: Option<PersonName>,
    /// Active or Suspended.
    status: Option<Status>,
}

impl Operation for UpdateUser {
    type Target = User;
    type Output = UserInfo;
    const SPEC: Spec = Spec {
        takes: Takes::Personal,
        effect: Effect::Writes,
        event: Some("user.update"),
        also: &[put("/v2/users/{id=userId}")],
        ..Spec::new("updateUser", Group::Users, Policy::EditUsers, put("/v2/users"))
    };

    fn example() -> &'static str {
        r#"{"userId":1002,"email":"john@example.com","firstName":"John"}"#
    }

    fn place(&self, cx: &mut Context<'_, '_>) -> Result<User> {
        cx.user(self.user_id)
    }

    fn run(&self, cx: &mut Context<'_, '_>, user: User) -> Result<UserInfo> {
        let change = ProfileChange {
            email: self.email.as_ref(),
            first_name: self.first_name.as_ref(),
            last_name: self.last_name.as_ref(),
            status: self.status,
        };
        Ok(cx.update_user(user, change)?.into())
    }
}
