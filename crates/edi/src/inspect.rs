//! A report on a parcel: every interchange with its sets, groups and acknowledgements, the verdict, and JSON Lines.

use std::fmt::Write as _;

use crate::finding::{Code, Finding};
use crate::interchange::{AckKind, Acknowledgement, Group, Interchange, Kind, Set};
use crate::sink::{Filler, Sink, Summary};
use crate::standard::Standard;

/// Entries kept per interchange in each of the lists of [`Report`].
pub const ENTRIES: usize = 10_000;

/// One interchange with the lists that [`Interchange`] does not keep, each of at most [`ENTRIES`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The interchange.
    pub interchange: Interchange,
    /// The type of every set, in order of their headers.
    pub set_types: Vec<String>,
    /// The groups.
    pub groups: Vec<Group>,
    /// TA1, AK1 … AK9, UCI, UCM, UCF.
    pub acknowledgements: Vec<Acknowledgement>,
}

/// Collects reports. Give it to a reader, then ask for the verdict or the JSON lines.
#[derive(Debug, Clone, Default)]
pub struct Inspector {
    /// What was found so far.
    pub reports: Vec<Report>,
    /// What belongs to no interchange.
    pub filler: Vec<Filler>,
    /// What the verdict rests on.
    pub tally: Tally,
    set_types: Vec<String>,
    groups: Vec<Group>,
    acknowledgements: Vec<Acknowledgement>,
}

fn keep<T: Clone>(list: &mut Vec<T>, item: &T) {
    if list.len() < ENTRIES {
        list.push(item.clone());
    }
}

impl Sink for Inspector {
    fn filler(&mut self, filler: &Filler) {
        self.tally.filler(filler);
        keep(&mut self.filler, filler);
    }
    fn group(&mut self, group: &Group) {
        keep(&mut self.groups, group);
    }
    fn set(&mut self, set: &Set) {
        keep(&mut self.set_types, &set.kind);
    }
    fn acknowledgement(&mut self, acknowledgement: &Acknowledgement) {
        keep(&mut self.acknowledgements, acknowledgement);
    }
    fn end(&mut self, interchange: Interchange) {
        self.tally.count(&interchange);
        self.reports.push(Report {
            interchange,
            set_types: std::mem::take(&mut self.set_types),
            groups: std::mem::take(&mut self.groups),
            acknowledgements: std::mem::take(&mut self.acknowledgements),
        });
    }
}

/// What to do with a parcel, in the words of the corpus manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// `accept`: nothing to say.
    Accept,
    /// `accept-warn`: delivered with warnings.
    AcceptWarn,
    /// `suspense`: nothing of it is delivered as it stands.
    Suspense,
    /// `partial (1 of 2 to suspense)`.
    Partial {
        /// Interchanges held back.
        held: usize,
        /// Interchanges in all.
        of: usize,
    },
    /// `pass-through`: no EDI envelope.
    PassThrough,
    /// `reject`: no data.
    Reject,
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Accept => f.write_str("accept"),
            Self::AcceptWarn => f.write_str("accept-warn"),
            Self::Suspense => f.write_str("suspense"),
            Self::Partial { held, of } => write!(f, "partial ({held} of {of} to suspense)"),
            Self::PassThrough => f.write_str("pass-through"),
            Self::Reject => f.write_str("reject"),
        }
    }
}

/// What the verdict on a parcel rests on: a few numbers, however many interchanges it holds.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Items in all.
    pub items: usize,
    /// Those that are interchanges with a header.
    pub interchanges: usize,
    documents: usize,
    held: usize,
    odd: bool,
}

impl Tally {
    fn count(&mut self, interchange: &Interchange) {
        self.items += 1;
        self.interchanges += usize::from(interchange.kind == Kind::Interchange);
        self.documents += usize::from(interchange.kind == Kind::Document);
        self.held += usize::from(interchange.refusal.is_some());
        self.odd |= is_warned(interchange);
    }

    /// The verdict on the parcel by its bytes alone; routes, partners and duplicates are for others to judge.
    #[must_use]
    pub fn verdict(&self, summary: &Summary) -> Verdict {
        let (held, of) = (self.held, self.items);
        match held {
            _ if summary.rejection.is_some() => Verdict::Reject,
            held if held == of && of > 0 => Verdict::Suspense,
            1.. => Verdict::Partial { held, of },
            _ if self.documents == of => Verdict::PassThrough,
            _ if self.odd => Verdict::AcceptWarn,
            _ => Verdict::Accept,
        }
    }
}

impl Sink for Tally {
    fn filler(&mut self, filler: &Filler) {
        self.odd |= filler.finding.is_some();
    }
    fn end(&mut self, interchange: Interchange) {
        self.count(&interchange);
    }
}

impl Inspector {
    /// The verdict on the parcel, see [`Tally::verdict`].
    #[must_use]
    pub fn verdict(&self, summary: &Summary) -> Verdict {
        self.tally.verdict(summary)
    }

    /// One line of JSON for each interchange; one with `"interchanges": 0` when there is none.
    #[must_use]
    pub fn json_lines(&self, file: &str, summary: &Summary) -> Vec<String> {
        let verdict = self.verdict(summary).to_string();
        let found: Vec<&Report> =
            self.reports.iter().filter(|report| report.interchange.kind == Kind::Interchange).collect();
        if found.is_empty() {
            return vec![none(file, &verdict, self, summary)];
        }
        found.into_iter().map(|report| report.json(file, &verdict)).collect()
    }
}

/// Warnings that make the verdict `accept-warn`. ISA11 and ISA12 oddities, odd dates, equal ids and references of single EDIFACT
/// messages are told, but alone they do not change the verdict, as in the corpus manifest. There, a decimal comma and a right
/// justified id in ISA do, for which the robustness table has no code.
fn is_warned(interchange: &Interchange) -> bool {
    let x12 = interchange.standard == Standard::X12;
    let speaks = |finding: &Finding| match finding.code {
        Code::W205 | Code::W206 | Code::W208 | Code::W236 | Code::W250 => false,
        Code::W215 => x12,
        _ => true,
    };
    let right_justified = [&interchange.sender, &interchange.receiver].iter().any(|party| party.raw.starts_with(' '));
    interchange.warnings.iter().any(speaks)
        || interchange.delimiters.decimal.single() == Some(b',')
        || (x12 && right_justified)
}

fn none(file: &str, verdict: &str, inspector: &Inspector, summary: &Summary) -> String {
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
