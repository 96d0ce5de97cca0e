//! A report on a parcel: every interchange with its sets, groups and acknowledgements, the verdict, and JSON Lines.

mod json;

use crate::finding::{Code, Finding};
use crate::interchange::{Acknowledgement, Group, Interchange, Kind, Set};
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
            return vec![json::none(file, &verdict, self, summary)];
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
