//! `POST /v2/auth/refresh`

use super::TokenInfo;
use hub::{Beside, Context, Effect, Error, Group, Home, Kind, Operation, Result, Spec, access::Policy, post};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Gives a new token for a refresh token or for the token itself; what was handed in is used up.
///
/// A refresh token that is handed in twice ends its session.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Refresh {
    /// The token, until five minutes after its end.
    token: Option<String>,
    /// The refresh token.
    refresh_token: Option<String>,
}

/// A new token; or nothing, when the session ended because its refresh token came twice.
#[derive(Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Refreshed(Option<TokenInfo>);

impl Operation for Refresh {
    type Target = Home;
    type Output = Refreshed;
    const SPEC: Spec = Spec {
        effect: Effect::Writes,
        event: Some("auth.refresh"),
        beside: Beside::Texts(""),
        ..Spec::new("refresh", Group::Auth, Policy::Open, post("/v2/auth/refresh"))
    };

    fn example() -> &'static str {
        r#"{"refreshToken":"3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#
    }

    fn place(&self, cx: &mut Context<'_, '_>) -> Result<Home> {
        Ok(cx.home())
    }

    fn run(&self, cx: &mut Context<'_, '_>, _: Home) -> Result<Refreshed> {
        let given = match (&self.refresh_token, &self.token) {
            (Some(text), _) => hub::Refresh::Text(text),
            (None, Some(token)) => hub::Refresh::Token(token),
            (None, None) => return Err(Error::parameter("token", "is required")),
        };
        Ok(match cx.refresh(given)? {
            hub::Refreshed::Again(signed_in) => Refreshed(Some(signed_in.into())),
            hub::Refreshed::Ended => Refreshed(None),
        })
    }

    /// The end of the session had to become durable before it could be said.
    fn finish(&self, _: &hub::Hub, output: &mut Refreshed, _: &hub::Committed) -> Result<()> {
        let ended = || Error::new(Kind::InvalidSession, "The token cannot be refreshed. Sign in again.");
        output.0.as_ref().map(drop).ok_or_else(ended)
    }
}
