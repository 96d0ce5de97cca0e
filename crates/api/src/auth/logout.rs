//! `POST /v2/auth/logout`

use hub::{Beside, Context, Effect, Group, Home, Operation, Result, Spec, access::Policy, post};
use schemars::JsonSchema;
use serde::Deserialize;

/// Ends the session that the caller presented. An API key goes on working.
#[derive(Deserialize, JsonSchema)]
pub struct Logout {}

impl Operation for Logout {
    type Target = Home;
    type Output = ();
    const SPEC: Spec = Spec {
        effect: Effect::Writes,
        event: Some("auth.logout"),
        while_suspended: true,
        beside: Beside::Texts("The session has ended."),
        ..Spec::new("logout", Group::Auth, Policy::SignedIn, post("/v2/auth/logout"))
    };

    fn example() -> &'static str {
        "{}"
    }

    fn place(&self, cx: &mut Context<'_, '_>) -> Result<Home> {
        Ok(cx.home())
    }

    fn run(&self, cx: &mut Context<'_, '_>, _: Home) -> Result<()> {
        cx.logout()
    }
}
