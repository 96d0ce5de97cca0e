//! `GET /v2/users/key/{id}`: the page the product began with.

use hub::{Committed, Context, Effect, Group, Hub, Operation, Result, Revealed, Spec, Takes, access::Policy, get};
use model::{User, UserId};
use schemars::JsonSchema;
use serde::Deserialize;

/// Returns a user's current API key, for NetworkAdmin or higher.
///
/// The record of who saw it is durable before the key leaves; its number stands in `X-Crossdock-Audit-Record`.
#[derive(Deserialize, JsonSchema)]
pub struct GetKey {
    /// The user whose key is asked for.
    id: UserId,
}

impl Operation for GetKey {
    type Target = User;
    type Output = Revealed;
    const SPEC: Spec = Spec {
        takes: Takes::Revealing,
        effect: Effect::Reveals,
        event: Some("key.reveal"),
        also: &[get("/v2/users/{id}/api-key")],
        ..Spec::new("getApiKey", Group::Users, Policy::RevealKeys, get("/v2/users/key/{id}"))
    };

    fn example() -> &'static str {
        r#"{"id":1001}"#
    }

    fn place(&self, cx: &mut Context<'_, '_>) -> Result<User> {
        cx.user(self.id)
    }

    fn run(&self, cx: &mut Context<'_, '_>, user: User) -> Result<Revealed> {
        cx.reveal_key(&user)
    }

    fn finish(&self, hub: &Hub, key: &mut Revealed, proof: &Committed) -> Result<()> {
        key.open(hub, proof)
    }
}
