//! `crossdock key …` and `crossdock recover`. What works on a running server goes over HTTP, under its rules; what works
//! on the folder needs the server stopped.

use crate::{
    Failed,
    client::Client,
    config::{self, Options},
    out,
    serve::{self, House},
};
use clap::Args;
use hub::Clock;
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// A command over HTTP about a user's key.
#[derive(Args)]
pub struct Remote {
    /// The user's number, or `me`
    #[arg(value_name = "USER_ID|me", value_parser = target)]
    user: Target,
    /// The server [default: CROSSDOCK_URL, else http://127.0.0.1:8080]
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// File with the API key to sign in with [default: the key in CROSSDOCK_API_KEY]
    #[arg(long, value_name = "FILE")]
    api_key_file: Option<PathBuf>,
}

/// Whose key.
#[derive(Clone, Copy, Debug)]
enum Target {
    Me,
    User(i64),
}

fn target(text: &str) -> Result<Target, String> {
    if text.eq_ignore_ascii_case("me") {
        return Ok(Target::Me);
    }
    let number = text.parse().ok().filter(|number| *number > 0);
    number.map(Target::User).ok_or_else(|| "must be a user's number, or me".into())
}

impl Remote {
    fn client(&self) -> Result<Client, Failed> {
        let url = self.url.clone().or_else(config::client_url);
        let key = match &self.api_key_file {
            Some(file) => {
                let text = fs::read_to_string(file).map_err(|error| Failed::at(file, &error))?;
                Zeroizing::new(Zeroizing::new(text).trim().to_owned())
            }
            None => config::client_key().ok_or_else(|| {
                Failed(
                    "no key to sign in with: name its file with --api-key-file FILE, or set CROSSDOCK_API_KEY".into(),
                )
            })?,
        };
        Client::new(url.as_deref().unwrap_or("http://127.0.0.1:8080"), &key)
    }
}

/// Prints a key.
pub async fn get(remote: &Remote) -> Result<(), Failed> {
    let client = remote.client()?;
    let key = match remote.user {
        Target::User(user) => client.call("GET", &format!("/v2/users/key/{user}"), None).await?,
        Target::Me => {
            let mut me = client.call("GET", "/v2/users/me", None).await?;
            me.get_mut("apiKey").map(Value::take).unwrap_or_default()
        }
    };
    print(key, "this credential may not show the key: sign in with the primary API key")
}

/// Replaces a key and prints the new one.
pub async fn generate(remote: &Remote) -> Result<(), Failed> {
    let client = remote.client()?;
    let user = match remote.user {
        Target::User(user) => user,
        Target::Me => {
            let me = client.call("GET", "/v2/users/me", None).await?;
            me.get("userId").and_then(Value::as_i64).ok_or_else(|| Failed("the server did not say who I am".into()))?
        }
    };
    let key = client.call("POST", &format!("/v2/users/key-generate/{user}"), None).await?;
    print(key, "the server did not answer with a key")
}

fn print(key: Value, otherwise: &str) -> Result<(), Failed> {
    let Value::String(key) = key else { return Err(Failed(otherwise.into())) };
    out::line(&*Zeroizing::new(key));
    Ok(())
}

/// Gives root a new key, in its file.
pub async fn reset_root(options: &Options) -> Result<(), Failed> {
    crate::log::begin(options);
    store_is_there(options)?;
    let house = House::open(options).await?;
    let file = house.hub.reset_root().await;
    house.close().await?;
    out::line(format_args!("root's new key is in {}; the old one has ended", file?.display()));
    Ok(())
}

/// The data folder, with a store in it: a command that mends one must not make one.
pub fn store_is_there(options: &Options) -> Result<&Path, Failed> {
    let data = options.data()?;
    if options.database_url.is_none() && !serve::embedded(data).exists() {
        return Err(Failed(format!("there is no store in {}: name its folder with --data DIR", data.display())));
    }
    Ok(data)
}

/// Makes a new master key, and new keys with it.
pub async fn recover(options: &Options) -> Result<(), Failed> {
    crate::log::begin(options);
    let data = store_is_there(options)?;
    let _lock = serve::lock(data)?;
    let (db, file) = (serve::database(options, data)?, serve::master_key(options, data));
    let made = hub::recover(&db, &file, &Clock::System).await;
    db.close().await;
    let made = made?;
    out::line(format_args!("the new master key is in {}: back it up", file.display()));
    out::line(format_args!("{made} users have new API keys; `crossdock key reset-root` writes root's into a file"));
    Ok(())
}
