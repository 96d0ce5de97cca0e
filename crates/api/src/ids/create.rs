//! `POST /v2/ids`

use super::IdInfo;
use hub::{Context, Effect, Group, NewTradingId, Operation, Result, Spec, access::Policy, post};
use model::{Description, EdiId, EdiStandard, Mailbox, MailboxId, NameSpace, Qualifier, RoutingGroup, UseType};
use schemars::JsonSchema;
use serde::Deserialize;

/// Registers an EDI address in a mailbox, so that data can be sent from it and routed to it.
///
/// An address is unique among the live ones of its standard on the hub, in any letter case.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreateId {
    /// The mailbox.
    mailbox_id: MailboxId,
    /// Qualifier, such as `01` or `ZZ`; empty where the standard has none.
    qualifier: Qualifier,
    /// EDI id.
    id: EdiId,
    /// What you call it.
    description: Option<Description>,
    /// Standard; X12 when absent.
    edi_standard: Option<EdiStandard>,
    /// Further standards in which the same address is used.
    edi_standards: Option<Vec<EdiStandard>>,
    /// Routing group; ProductionA when absent.
    routing_group: Option<RoutingGroup>,
    /// Kind of data; Production when absent.
    use_type: Option<UseType>,
}

impl Operation for CreateId {
    type Target = Mailbox;
    type Output = IdInfo;
    const SPEC: Spec = Spec {
        effect: Effect::Writes,
        event: Some("id.create"),
        aliases: super::ALIASES,
        ..Spec::new("createId", Group::Ids, Policy::RunMailbox, post("/v2/ids"))
    };

    fn example() -> &'static str {
        r#"{"mailboxId":1001,"qualifier":"ZZ","id":"ACMECORP","description":"Acme purchasing"}"#
    }

    fn place(&self, cx: &mut Context<'_, '_>) -> Result<Mailbox> {
        cx.live_mailbox(self.mailbox_id)
    }

    fn run(&self, cx: &mut Context<'_, '_>, mailbox: Mailbox) -> Result<IdInfo> {
        let standard = self.edi_standard.unwrap_or(EdiStandard::X12);
        let mut spaces = vec![NameSpace::from(standard)];
        for space in self.edi_standards.iter().flatten().map(|standard| NameSpace::from(*standard)) {
            if !spaces.contains(&space) {
                spaces.push(space);
            }
        }
        let id = cx.create_trading_id(&NewTradingId {
            mailbox: &mailbox,
            qualifier: self.qualifier.as_str(),
            edi_id: self.id.as_str(),
            description: self.description.as_ref().map_or("", Description::as_str),
            routing_group: self.routing_group.unwrap_or(RoutingGroup::ProductionA),
            standard,
            spaces: &spaces,
            use_type: self.use_type.unwrap_or(UseType::Production),
        })?;
        Ok(id.into())
    }
}
