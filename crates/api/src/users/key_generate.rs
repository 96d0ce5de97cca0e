//! `POST /v2/users/key-generate/{id}`

use hub::{
    Committed, Context, Effect, Error, Group, Hub, Operation, Result, Revealed, Spec, Takes, access::Policy, post,
};
use model::{User, UserId};
use schemars::JsonSchema;
use serde::Deserialize;
use std::time::Duration;

/// Replaces a user's API key and returns the new one. The old one ends at once, or after `graceSeconds`.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GenerateKey {
    /// The user whose key is replaced.
    id: UserId,
    /// For how long the old key goes on working; at most 7 days.
    grace_seconds: Option<i64>,
}

impl Operation for GenerateKey {
    type Target = User;
    type Output = Revealed;
    const SPEC: Spec = Spec {
        takes: Takes::Revealing,
        effect: Effect::Reveals,
        event: Some("key.generate"),
        also: &[post("/v2/users/{id}/generate-api-key")],
        ..Spec::new("generateApiKey", Group::Users, Policy::OwnKeys, post("/v2/users/key-generate/{id}"))
    };

    fn example() -> &'static str {
        r#"{"id":1001}"#
    }

    fn place(&self, cx: &mut Context<'_, '_>) -> Result<User> {
        cx.user(self.id)
    }

    fn run(&self, cx: &mut Context<'_, '_>, user: User) -> Result<Revealed> {
        let seconds = u64::try_from(self.grace_seconds.unwrap_or(0));
        let seconds = seconds.map_err(|_| Error::parameter("graceSeconds", "must be 0 or more"))?;
        cx.generate_key(&user, Duration::from_secs(seconds))
    }

    fn finish(&self, hub: &Hub, key: &mut Revealed, proof: &Committed) -> Result<()> {
        key.open(hub, proof)
    }
}
