//! `POST /v2/auth/login`

use super::TokenInfo;
use hub::{Beside, Context, Effect, Error, Group, Home, Operation, Result, Spec, Stage, Staged, access::Policy, post};
use model::{NetworkId, Password};
use schemars::JsonSchema;
use serde::Deserialize;

/// Signs in with login and password, or with an API key, and gives a bearer token.
///
/// A login may exist in several networks; `networkId` says which is meant. With `apiKey`, a session key is made too; it
/// and the token end with the key.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Login {
    /// The login name, or the e-mail address.
    login: Option<String>,
    /// The password.
    password: Option<Password>,
    /// The network of the user.
    network_id: Option<NetworkId>,
    /// A primary API key, in place of login and password.
    api_key: Option<String>,
}

impl Operation for Login {
    type Target = Home;
    type Output = TokenInfo;
    const SPEC: Spec = Spec {
        effect: Effect::Writes,
        stages: true,
        event: Some("auth.login"),
        aliases: &[
            ("email", "login"),
            ("username", "login"),
            ("userName", "login"),
            ("loginName", "login"),
            ("userId", "login"),
        ],
        beside: Beside::Texts(""),
        ..Spec::new("login", Group::Auth, Policy::Open, post("/v2/auth/login"))
    };

    fn example() -> &'static str {
        r#"{"login":"jsmith","password":"Secret-Word-1"}"#
    }

    async fn stage(&self, before: Stage<'_>) -> Result<Staged> {
        match (&self.login, &self.password, &self.api_key) {
            (None, None, Some(_)) => Ok(Staged::Nothing),
            (Some(login), Some(password), None) => before.hub.check_password(login, password, self.network_id).await,
            (Some(_), None, None) => Err(Error::parameter("password", "is required")),
            (None, _, None) => Err(Error::parameter("login", "is required")),
            (_, _, Some(_)) => Err(Error::parameter("apiKey", "goes without login and password")),
        }
    }

    fn place(&self, cx: &mut Context<'_, '_>) -> Result<Home> {
        Ok(cx.home())
    }

    fn run(&self, cx: &mut Context<'_, '_>, _: Home) -> Result<TokenInfo> {
        Ok(match &self.api_key {
            Some(key) => cx.open_key_session(key)?.into(),
            None => cx.open_session()?.into(),
        })
    }
}
