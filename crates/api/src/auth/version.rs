//! `GET /v2/auth/version`

use hub::{Beside, Context, Group, Home, Operation, Result, Spec, access::Policy, get};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Tells the version of the hub. Needs no credential, and ignores a wrong one.
#[derive(Deserialize, JsonSchema)]
pub struct Version {}

/// The version of the hub.
#[derive(Serialize, JsonSchema)]
pub struct VersionInfo {
    /// Version of Crossdock.
    version: &'static str,
}

impl Operation for Version {
    type Target = Home;
    type Output = VersionInfo;
    const SPEC: Spec = Spec {
        while_suspended: true,
        beside: Beside::Texts(""),
        ..Spec::new("version", Group::Auth, Policy::Open, get("/v2/auth/version"))
    };

    fn example() -> &'static str {
        "{}"
    }

    fn place(&self, cx: &mut Context<'_, '_>) -> Result<Home> {
        Ok(cx.home())
    }

    fn run(&self, _: &mut Context<'_, '_>, _: Home) -> Result<VersionInfo> {
        Ok(VersionInfo { version: env!("CARGO_PKG_VERSION") })
    }
}
