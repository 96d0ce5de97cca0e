//! The other readers, each brought down to what all of them can tell.

use edifact_primitives::{Control, RawSegment};

/// What a reader found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub interchanges: u64,
    pub sets: u64,
}

/// A reader: its counts, or why it gave up.
pub type Peer = (&'static str, fn(&[u8]) -> Result<Counts, String>);

/// Crate `edi`, X12 only, text only.
pub const EDI: Peer = ("edi", |bytes| {
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    let document = edi::parse(text).map_err(|error| format!("{error:?}"))?;
    let mut counts = Counts::default();
    for interchange in &document.interchanges {
        counts.interchanges += 1;
        counts.sets += interchange.functional_groups.iter().map(|group| group.transactions.len() as u64).sum::<u64>();
    }
    Ok(counts)
});

/// Crate `edifact-rs`, one interchange at a time.
pub const EDIFACT_RS: Peer = ("edifact-rs", |bytes| {
    let mut counts = Counts::default();
    for segment in edifact_rs::from_bytes(bytes) {
        match &*segment.map_err(|error| format!("{error:?}"))?.tag {
            "UNB" => counts.interchanges += 1,
            "UNH" => counts.sets += 1,
            _ => {}
        }
    }
    Ok(counts)
});

struct Handler(Counts);

impl edifact_parser::EdifactHandler for Handler {
    fn on_interchange_start(&mut self, _: &RawSegment) -> Control {
        self.0.interchanges += 1;
        Control::Continue
    }
    fn on_message_start(&mut self, _: &RawSegment) -> Control {
        self.0.sets += 1;
        Control::Continue
    }
}

/// Crate `edifact-parser`, one interchange at a time.
pub const EDIFACT_PARSER: Peer = ("edifact-parser", |bytes| {
    let mut handler = Handler(Counts::default());
    edifact_parser::EdifactStreamParser::parse(bytes, &mut handler).map_err(|error| format!("{error:?}"))?;
    Ok(handler.0)
});

/// Ours.
pub const OURS: Peer = ("ours", |bytes| {
    let mut counts = Counts::default();
    ours::read(bytes, &mut Sum(&mut counts));
    Ok(counts)
});

struct Sum<'a>(&'a mut Counts);

impl ours::Sink for Sum<'_> {
    fn end(&mut self, interchange: ours::Interchange) {
        if interchange.kind == ours::Kind::Interchange {
            self.0.interchanges += 1;
            self.0.sets += interchange.sets;
        }
    }
}
