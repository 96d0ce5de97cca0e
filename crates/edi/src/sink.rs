//! Where the reader puts what it finds.

use crate::finding::Finding;
use crate::interchange::{Acknowledgement, Group, Interchange, Set};
use crate::standard::Standard;

/// Why bytes belong to no interchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FillerKind {
    /// Blanks, line ends, NUL, Ctrl-Z, a byte order mark (rows 3 to 5).
    Padding,
    /// X12.56 mailbag segments `IH`, `IA`, `IT` around the interchanges. They may hold a password: never show them.
    Mailbag,
    /// Anything else (rows 6 and 7).
    Junk,
}

/// Bytes that belong to no interchange. Fillers and interchanges cover the input in order, without gap or overlap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filler {
    /// First byte.
    pub start: u64,
    /// One past the last byte.
    pub end: u64,
    /// Why it is filler.
    pub kind: FillerKind,
    /// W102 or W103 for junk.
    pub finding: Option<Finding>,
}

/// Receives what the reader finds, in the order of the input. Every method does nothing unless overridden.
///
/// Sets are told when they end, so a group comes after its sets, and an interchange after its groups.
pub trait Sink {
    /// Bytes outside interchanges.
    fn filler(&mut self, filler: &Filler) {
        let _ = filler;
    }
    /// An interchange header was read. `end`, the counts and `complete` are not known yet.
    fn begin(&mut self, interchange: &Interchange) {
        let _ = interchange;
    }
    /// A group ended.
    fn group(&mut self, group: &Group) {
        let _ = group;
    }
    /// A set, message or VDA transmission ended.
    fn set(&mut self, set: &Set) {
        let _ = set;
    }
    /// An acknowledgement segment was read.
    fn acknowledgement(&mut self, acknowledgement: &Acknowledgement) {
        let _ = acknowledgement;
    }
    /// A finding, when it is made; also those beyond the limit of `Interchange::warnings`.
    fn finding(&mut self, finding: &Finding) {
        let _ = finding;
    }
    /// An interchange ended.
    fn end(&mut self, interchange: Interchange) {
        let _ = interchange;
    }
}

/// Drops everything.
impl Sink for () {}

impl<T: Sink + ?Sized> Sink for &mut T {
    fn filler(&mut self, filler: &Filler) {
        (**self).filler(filler);
    }
    fn begin(&mut self, interchange: &Interchange) {
        (**self).begin(interchange);
    }
    fn group(&mut self, group: &Group) {
        (**self).group(group);
    }
    fn set(&mut self, set: &Set) {
        (**self).set(set);
    }
    fn acknowledgement(&mut self, acknowledgement: &Acknowledgement) {
        (**self).acknowledgement(acknowledgement);
    }
    fn finding(&mut self, finding: &Finding) {
        (**self).finding(finding);
    }
    fn end(&mut self, interchange: Interchange) {
        (**self).end(interchange);
    }
}

/// A parcel as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Summary {
    /// The standard of the first interchange or document; `None` when the parcel holds no data.
    pub standard: Option<Standard>,
    /// Bytes read.
    pub bytes: u64,
    /// Items told through [`Sink::end`].
    pub interchanges: u64,
    /// P001 or P002: nothing to deliver.
    pub rejection: Option<Finding>,
}

/// A parcel read into memory, without its sets.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Document {
    /// The parcel as a whole.
    pub summary: Summary,
    /// What belongs to no interchange.
    pub filler: Vec<Filler>,
    /// The items, in order.
    pub interchanges: Vec<Interchange>,
}

impl Sink for Document {
    fn filler(&mut self, filler: &Filler) {
        self.filler.push(filler.clone());
    }
    fn end(&mut self, interchange: Interchange) {
        self.interchanges.push(interchange);
    }
}
