//! Reports as JSON, written by hand: this crate needs no JSON library to write a few members.

use std::fmt::Write as _;

use super::{Inspector, Report};
use crate::finding::Finding;
use crate::interchange::{AckKind, Acknowledgement, Group, Interchange};
use crate::sink::Summary;
use crate::standard::Standard;

pub(super) fn none(file: &str, verdict: &str, inspector: &Inspector, summary: &Summary) -> String {
    let mut json = Object::new();
    json.text("file", file);
    json.text("standard", summary.standard.map_or("", Standard::as_str));
    json.number("interchanges", 0);
    json.text("verdict", verdict);
    let interchange = inspector.reports.first().map(|report| &report.interchange);
    if let Some(xml) = interchange.and_then(|interchange| interchange.xml.as_ref()) {
        json.raw("xml", &xml_json(xml));
    }
    if let Some(interchange) = interchange {
        findings(&mut json, interchange);
    } else if let Some(rejection) = &summary.rejection {
        json.raw("refusal", &finding_json(rejection));
    }
    json.end()
}

fn xml_json(xml: &crate::xml::Identity) -> String {
    let ids = |ids: &[crate::xml::XmlId]| -> String {
        let ids: Vec<String> = ids.iter().map(|id| format!("[{},{}]", quote(&id.scheme), quote(&id.id))).collect();
        format!("[{}]", ids.join(","))
    };
    let mut json = Object::new();
    json.text("root", &xml.root);
    json.text("ns", &xml.namespace);
    json.text("kind", xml.kind.as_str());
    if !xml.senders.is_empty() || !xml.receivers.is_empty() {
        json.raw("sender", &ids(&xml.senders));
        json.raw("receiver", &ids(&xml.receivers));
        json.text("instance", &xml.instance);
        json.text("type", &xml.document_type);
        if xml.kind == crate::xml::XmlKind::CXml {
            json.text("usage", &xml.usage);
        }
    }
    json.end()
}

impl Report {
    /// The interchange as one JSON object: the members of the corpus' expectations, then `findings`.
    #[must_use]
    pub fn json(&self, file: &str, verdict: &str) -> String {
        let i = &self.interchange;
        let mut json = Object::new();
        json.text("file", file);
        json.text("standard", i.standard.as_str());
        json.number("start", i.start);
        json.number("end", i.end);
        json.number("end_nl", i.end_nl);
        json.raw("complete", if i.complete { "true" } else { "false" });
        let members = [
            ("version", &i.version),
            ("sender_q", &i.sender.qualifier),
            ("sender", &i.sender.id),
            ("sender_int", &i.sender.internal_id),
            ("receiver_q", &i.receiver.qualifier),
            ("receiver", &i.receiver.id),
            ("receiver_int", &i.receiver.internal_id),
            ("icn", &i.control_number),
            ("date", &i.date),
            ("time", &i.time),
            ("usage", &i.usage),
        ];
        members.iter().for_each(|(name, value)| json.some_text(name, value));
        json.number("groups", i.groups);
        json.number("txs", i.sets);
        json.number("ta1", i.ta1);
        if !self.set_types.is_empty() {
            json.raw("tx_types", &list(self.set_types.iter().map(|kind| quote(kind))));
        }
        json.raw("delims", &delimiters(i));
        json.some_text("suffix", &i.line_ends.describe().unwrap_or_default());
        json.some_text("una", &i.una);
        json.some_text("app_ref", &i.application_reference);
        self.lists(&mut json);
        json.text("verdict", verdict);
        findings(&mut json, i);
        json.end()
    }

    fn lists(&self, json: &mut Object) {
        let ta1 = self.acknowledgements.iter().filter(|ack| ack.kind == AckKind::Ta1);
        let ta1: Vec<String> = ta1.map(ta1_json).collect();
        if !ta1.is_empty() {
            json.raw("ta1_list", &list(ta1.into_iter()));
        }
        let references = self.acknowledgements.iter().filter_map(|ack| match ack.kind {
            AckKind::Ak1 => Some(format!("AK1:{}:{}", ack.identifier, ack.reference)),
            AckKind::Uci => Some(format!("UCI:{}:{}", ack.reference, ack.action)),
            _ => None,
        });
        let references: Vec<String> = references.map(|reference| quote(&reference)).collect();
        if !references.is_empty() {
            json.raw("ack_refs", &list(references.into_iter()));
        }
        if !self.groups.is_empty() {
            let x12 = self.interchange.standard == Standard::X12;
            json.raw("group_list", &list(self.groups.iter().map(|group| group_json(group, x12))));
        }
    }
}

fn ta1_json(ack: &Acknowledgement) -> String {
    let mut json = Object::new();
    json.text("icn", &ack.reference);
    json.text("date", &ack.date);
    json.text("time", &ack.time);
    json.text("ack", &ack.action);
    json.text("note", ack.errors.first().map_or("", String::as_str));
    json.end()
}

fn group_json(group: &Group, x12: bool) -> String {
    let mut json = Object::new();
    json.text("fid", &group.functional_id);
    json.text("sender", &group.sender);
    json.text("receiver", &group.receiver);
    if x12 {
        json.text("date", &group.date);
        json.text("time", &group.time);
    }
    json.text("gcn", &group.control_number);
    if x12 {
        json.text("agency", &group.agency);
        json.text("version", &group.version);
    }
    json.number("txs", group.sets);
    if group.closed {
        json.raw("closed", "true");
    }
    json.end()
}

fn delimiters(i: &Interchange) -> String {
    let d = &i.delimiters;
    let mut json = Object::new();
    if i.standard == Standard::Tradacoms {
        json.text("tag", &d.tag.to_string());
    }
    if i.standard != Standard::Vda {
        json.text("elem", &d.element.to_string());
        json.text("comp", &d.component.to_string());
        json.text("term", &d.terminator.to_string());
    }
    if matches!(i.standard, Standard::Edifact | Standard::Tradacoms) {
        json.text("rel", &d.release.to_string());
    }
    if matches!(i.standard, Standard::Edifact | Standard::X12) {
        json.text("rep", &d.repetition.to_string());
    }
    if i.standard == Standard::Edifact {
        json.text("dec", &d.decimal.to_string());
    }
    json.end()
}

fn findings(json: &mut Object, i: &Interchange) {
    if let Some(refusal) = &i.refusal {
        json.raw("refusal", &finding_json(refusal));
    }
    if !i.warnings.is_empty() {
        json.raw("warnings", &list(i.warnings.iter().map(finding_json)));
    }
    if i.more_warnings > 0 {
        json.number("more_warnings", i.more_warnings);
    }
}

fn finding_json(finding: &Finding) -> String {
    let mut json = Object::new();
    json.text("code", finding.code.as_str());
    json.number("at", finding.at);
    json.number("segment", finding.segment);
    json.text("message", &finding.message);
    json.text("remedy", finding.remedy);
    json.end()
}

fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(","))
}

/// A JSON object being written.
struct Object(String);

impl Object {
    fn new() -> Self {
        Self("{".to_owned())
    }

    fn raw(&mut self, name: &str, value: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        let _ = write!(self.0, "\"{name}\":{value}");
    }

    fn text(&mut self, name: &str, value: &str) {
        self.raw(name, &quote(value));
    }

    fn some_text(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.text(name, value);
        }
    }

    fn number(&mut self, name: &str, value: u64) {
        self.raw(name, &value.to_string());
    }

    fn end(mut self) -> String {
        self.0.push('}');
        self.0
    }
}

/// A JSON string (RFC 8259).
fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if u32::from(c) < 0x20 || c == '\u{7F}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
