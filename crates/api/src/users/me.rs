//! `GET /v2/users/me`

use super::UserInfo;
use hub::{
    Caller, Committed, Context, Credential, Effect, Group, Home, Hub, Operation, Result, Revealed, Spec,
    access::Policy, get,
};
use model::{KeyId, Time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Shows the caller's own user record, and the own API key to those who may see it.
///
/// `apiKey` is there for callers that presented that very key, and for tokens of a password sign-in; it is left out for
/// secondary keys and for sessions made from a key (rulings 19 and 20, api-keys 10).
#[derive(Deserialize, JsonSchema)]
pub struct GetMe {}

/// The caller.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MeInfo {
    /// The user record.
    #[serde(flatten)]
    user: UserInfo,
    /// The caller's own primary key.
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key: Option<Revealed>,
    /// The number of that key.
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key_id: Option<KeyId>,
    /// Its last four characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key_hint: Option<String>,
    /// When it was last used, to the minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key_last_used: Option<Time>,
}

impl Operation for GetMe {
    type Target = Home;
    type Output = MeInfo;
    const SPEC: Spec = Spec {
        event: Some("key.reveal"),
        while_suspended: true,
        ..Spec::new("getMe", Group::Users, Policy::SignedIn, get("/v2/users/me"))
    };

    fn example() -> &'static str {
        "{}"
    }

    /// A token of a password sign-in is shown a key that its caller has not presented: that leaves a record.
    fn effect(&self, caller: Option<&Caller>) -> Effect {
        match caller.map(|caller| caller.credential) {
            Some(Credential::Token) => Effect::Reveals,
            _ => Effect::Reads,
        }
    }

    fn place(&self, cx: &mut Context<'_, '_>) -> Result<Home> {
        Ok(cx.home())
    }

    fn run(&self, cx: &mut Context<'_, '_>, _: Home) -> Result<MeInfo> {
        let caller = cx.caller()?;
        let user = caller.user.clone();
        let mut me = MeInfo {
            user: user.clone().into(),
            api_key: None,
            api_key_id: None,
            api_key_hint: None,
            api_key_last_used: None,
        };
        match (&caller.presented, caller.credential) {
            (Some(key), _) => {
                me.api_key_id = model::Id::new(caller.credential_id);
                me.api_key_hint = Some(key.hint());
                me.api_key_last_used = caller.last_used;
                me.api_key = Some(Revealed::presented(key.clone()));
            }
            (None, Credential::Token) => {
                me.api_key = cx.reveal_own_key(&user)?;
                let facts = cx.key_facts(&user)?;
                me.api_key_last_used = facts.as_ref().and_then(|facts| facts.last_used);
                me.api_key_id = facts.as_ref().map(|facts| facts.id);
                me.api_key_hint = facts.map(|facts| facts.hint);
            }
            (None, _) => {}
        }
        Ok(me)
    }

    fn finish(&self, hub: &Hub, me: &mut MeInfo, proof: &Committed) -> Result<()> {
        me.api_key.as_mut().map_or(Ok(()), |key| key.open(hub, proof))
    }
}
