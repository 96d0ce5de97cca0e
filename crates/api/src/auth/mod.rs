//! `/v2/auth`: sign-in, sessions, version.

mod login;
mod logout;
mod refresh;
mod session;
mod version;

pub use login::Login;
pub use logout::Logout;
pub use refresh::Refresh;
pub use session::Session;
pub use version::Version;

use model::{Id, Time, UserId};
use schemars::JsonSchema;
use serde::Serialize;

/// A token and what belongs to it (decision A3).
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TokenInfo {
    /// The bearer token.
    token: String,
    /// When it ends.
    expires_at: Time,
    /// Whose it is.
    user_id: UserId,
    /// What gets the next token without signing in again. It can be used once.
    refresh_token: String,
    /// The session key, when an API key signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    session_key: Option<String>,
}

impl From<hub::SignedIn> for TokenInfo {
    fn from(signed_in: hub::SignedIn) -> Self {
        Self {
            token: signed_in.token.to_string(),
            expires_at: signed_in.expires,
            user_id: signed_in.user,
            refresh_token: signed_in.refresh.to_string(),
            session_key: signed_in.session_key.map(|key| key.expose().to_owned()),
        }
    }
}

/// The number of an optional id on the wire: 0 for none.
pub(crate) fn or_zero<T: Id>(id: Option<T>) -> i64 {
    id.map_or(0, Id::get)
}
