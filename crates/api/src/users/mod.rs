//! `/v2/users`: users and their primary keys.

mod create;
mod get;
mod key;
mod key_generate;
mod list;
mod me;
mod role;
mod terminate;
mod update;

pub use create::CreateUser;
pub use get::GetUser;
pub use key::GetKey;
pub use key_generate::GenerateKey;
pub use list::ListUsers;
pub use me::GetMe;
pub use role::SetRole;
pub use terminate::TerminateUser;
pub use update::UpdateUser;

use crate::auth::or_zero;
use model::{AuthLevel, NetworkId, Status, Time, TradingId, User, UserId};
use schemars::JsonSchema;
use serde::Serialize;

/// A user as the API shows it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserInfo {
    /// Its id.
    user_id: UserId,
    /// Login name.
    login: String,
    /// E-mail address.
    email: String,
    /// First name.
    first_name: String,
    /// Last name.
    last_name: String,
    /// Network.
    network_id: NetworkId,
    /// Mailbox; 0 for none.
    mailbox_id: i64,
    /// Level.
    auth_level: AuthLevel,
    /// Life.
    status: Status,
    /// When it was made.
    created: Time,
    /// The one ECGrid ID of a TPUser.
    #[serde(skip_serializing_if = "Option::is_none")]
    ec_grid_id: Option<TradingId>,
}

impl From<User> for UserInfo {
    fn from(user: User) -> Self {
        Self {
            user_id: user.id,
            login: user.login,
            email: user.email,
            first_name: user.first_name,
            last_name: user.last_name,
            network_id: user.network,
            mailbox_id: or_zero(user.mailbox),
            auth_level: user.level,
            status: user.status,
            created: user.created,
            ec_grid_id: user.trading_id,
        }
    }
}
