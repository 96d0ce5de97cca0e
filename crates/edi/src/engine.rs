//! What comes between and around interchanges: detection, filler, fragments, documents, and the hand-over to each standard.

use crate::delimiter::Delimiters;
use crate::detect::{self, First};
use crate::edifact::{self, Edifact};
use crate::finding::{Code, Finding};
use crate::interchange::{Interchange, Kind};
use crate::junk::next_header;
use crate::reader::Limits;
use crate::scan::{Flow, HEAD, LOOK, Tail, Trust, drive, is_padding};
use crate::sink::{Filler, FillerKind, Sink, Summary};
use crate::standard::Standard;
use crate::tradacoms::{self, Tradacoms};
use crate::unframed::Unframed;
use crate::vda::{self, Vda};
use crate::x12::{self, X12};
use crate::xml::XmlReader;

/// Bytes from the first that is not padding on which the parcel is judged.
const WINDOW: usize = detect::REACH + LOOK;

#[derive(Debug)]
enum State {
    /// Nothing but padding so far.
    Start,
    /// Between interchanges, on padding.
    Between,
    /// Between interchanges, in bytes that belong to none.
    Junk(Junk),
    X12(Box<X12>),
    Edifact(Box<Edifact>),
    Tradacoms(Box<Tradacoms>),
    Vda(Box<Vda>),
    Unframed(Box<Unframed>),
    /// One document, to the end of the data.
    Document(Box<Interchange>, Option<Box<XmlReader>>),
}

#[derive(Debug)]
struct Junk {
    kind: FillerKind,
    from: u64,
    /// One past the last byte that is not padding.
    end: u64,
}

/// The reader without its buffer.
#[derive(Debug)]
pub(crate) struct Engine {
    limits: Limits,
    /// Offset of the next byte to look at.
    at: u64,
    /// Everything before this offset was told.
    told: u64,
    state: State,
    mark: bool,
    previous: Option<Delimiters>,
    previous_standard: Option<Standard>,
    numbers: vda::Numbers,
    trust: Trust,
    summary: Summary,
}

impl Engine {
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            at: 0,
            told: 0,
            state: State::Start,
            mark: false,
            previous: None,
            previous_standard: None,
            numbers: vda::Numbers::default(),
            trust: Trust::default(),
            summary: Summary::default(),
        }
    }

    pub fn summary(&self) -> Summary {
        self.summary.clone()
    }

    /// Reads on in `view`; says how many bytes are done with, or from which offset they are needed again. With `last`, all is done.
    pub fn run<S: Sink>(&mut self, view: &[u8], last: bool, sink: &mut S) -> Result<usize, u64> {
        let mut pos = 0;
        loop {
            let rest = view.get(pos..).unwrap_or_default();
            let flow = self.step(rest, last, sink);
            match flow {
                Flow::More(used) => {
                    self.at += used as u64;
                    pos += used;
                    if last {
                        self.end(sink);
                    }
                    return Ok(pos);
                }
                Flow::Closed(used) => {
                    self.at += used as u64;
                    pos += used;
                }
                Flow::Rewind(offset) => {
                    self.at = offset;
                    return Err(offset);
                }
            }
        }
    }

    /// One step of the state. `Closed` means that the state has changed and there is more to do at once.
    fn step<S: Sink>(&mut self, view: &[u8], last: bool, sink: &mut S) -> Flow {
        let at = self.at;
        let flow = match &mut self.state {
            State::Start => return self.start(view, last, sink),
            State::Between => return self.between(view, last, sink),
            State::Junk(_) => return self.junk(view, last, sink),
            State::X12(body) => drive(&mut **body, view, at, last, sink),
            State::Edifact(body) => drive(&mut **body, view, at, last, sink),
            State::Tradacoms(body) => drive(&mut **body, view, at, last, sink),
            State::Vda(body) => body.step(view, at, last, sink),
            State::Unframed(unframed) => unframed.step(view, last),
            State::Document(interchange, xml) => {
                if let Some(xml) = xml {
                    xml.feed(view);
                }
                if last {
                    interchange.end = at + view.len() as u64;
                    interchange.end_nl = interchange.end;
                    Flow::Closed(view.len())
                } else {
                    Flow::More(view.len())
                }
            }
        };
        if let Flow::Closed(_) = flow {
            self.close(sink);
        }
        flow
    }

    /// Tells the interchange that has ended.
    fn close<S: Sink>(&mut self, sink: &mut S) {
        let limit = self.limits.warnings;
        let interchange = match std::mem::replace(&mut self.state, State::Between) {
            State::X12(body) => body.envelope.over(&mut self.trust),
            State::Edifact(body) => body.envelope.over(&mut self.trust),
            State::Tradacoms(body) => body.envelope.interchange,
            State::Vda(body) => body.interchange,
            State::Unframed(unframed) => unframed.interchange,
            State::Document(mut interchange, xml) => {
                if let Some(xml) = xml {
                    xml.finish(&mut interchange, limit, sink);
                }
                *interchange
            }
            state => {
                self.state = state;
                return;
            }
        };
        self.told = interchange.end_nl;
        self.previous = Some(interchange.delimiters);
        self.previous_standard = Some(interchange.standard);
        self.summary.interchanges += 1;
        sink.end(interchange);
    }

    fn start<S: Sink>(&mut self, view: &[u8], last: bool, sink: &mut S) -> Flow {
        let mut pos = 0;
        if self.at == 0 && view.starts_with(b"\xEF\xBB\xBF") {
            self.mark = true;
            pos = 3;
        }
        pos += view.get(pos..).unwrap_or_default().iter().take_while(|&&b| is_padding(b)).count();
        let window = view.get(pos..).unwrap_or_default();
        if window.is_empty() || (window.len() < WINDOW && !last) {
            return Flow::More(pos);
        }
        let window = window.get(..WINDOW).unwrap_or(window);
        self.at += pos as u64;
        let flow = match detect::first(window) {
            First::Header(standard) => self.begin(standard, window, sink),
            First::Embedded(ahead) => {
                let kind = if x12::is_mailbag(window) { FillerKind::Mailbag } else { FillerKind::Junk };
                self.state = State::Junk(Junk { kind, from: self.at, end: self.at });
                Flow::Closed(ahead)
            }
            First::Fragment(standard, finding) => self.unframed(standard, finding, true, sink),
            First::Encoded(standard, finding) => self.unframed(standard, finding, false, sink),
            First::Document(standard) => self.document(standard, window, sink),
        };
        self.at -= pos as u64;
        match flow {
            Flow::Closed(used) => Flow::Closed(pos + used),
            flow => flow,
        }
    }

    fn between<S: Sink>(&mut self, view: &[u8], last: bool, sink: &mut S) -> Flow {
        let mut pos = view.iter().take_while(|&&b| is_padding(b)).count();
        if view.get(pos..).is_some_and(|rest| rest.starts_with(b"\xEF\xBB\xBF")) {
            pos += 3;
            return Flow::Closed(pos);
        }
        let rest = view.get(pos..).unwrap_or_default();
        if rest.is_empty() || (rest.len() < HEAD && !last) {
            return Flow::More(pos);
        }
        self.at += pos as u64;
        let flow = match detect::expected_header(rest) {
            Some(standard) => self.begin(standard, rest, sink),
            None => {
                let kind = if x12::is_mailbag(rest) { FillerKind::Mailbag } else { FillerKind::Junk };
                self.state = State::Junk(Junk { kind, from: self.at, end: self.at });
                Flow::Closed(0)
            }
        };
        self.at -= pos as u64;
        match flow {
            Flow::Closed(used) => Flow::Closed(pos + used),
            flow => flow,
        }
    }

    /// Looks for the next header in bytes that belong to no interchange.
    fn junk<S: Sink>(&mut self, view: &[u8], last: bool, sink: &mut S) -> Flow {
        let vda = self.previous_standard == Some(Standard::Vda);
        let (at, found) = next_header(view, last, vda);
        let State::Junk(junk) = &mut self.state else { return Flow::Closed(0) };
        let content = view.get(..at).and_then(|bytes| bytes.iter().rposition(|&b| !is_padding(b)));
        junk.end = content.map_or(junk.end, |last| self.at + last as u64 + 1);
        let Some(standard) = found else { return Flow::More(at) };
        self.at += at as u64;
        let flow = self.begin(standard, view.get(at..).unwrap_or_default(), sink);
        self.at -= at as u64;
        match flow {
            Flow::Closed(used) => Flow::Closed(at + used),
            flow => flow,
        }
    }

    /// Tells what stands before `end`, when anything does; returns what is to be noted on the interchange behind it.
    fn tell_filler<S: Sink>(&mut self, end: u64, sink: &mut S) -> Vec<Finding> {
        let start = self.told;
        let mut notes = Vec::new();
        let first = self.summary.standard.is_none();
        if first && self.mark {
            notes.push(Finding::new(Code::W101, 0, "Byte order mark before the first envelope was ignored."));
        }
        let (kind, finding) = match &self.state {
            State::Junk(junk) if junk.kind == FillerKind::Junk => {
                let (code, message) = if first {
                    (Code::W102, format!("{end} bytes before the first envelope are not EDI and were kept as filler."))
                } else {
                    let n = junk.end.max(junk.from) - junk.from;
                    (Code::W103, format!("{n} bytes at offset {} belong to no interchange.", junk.from))
                };
                (FillerKind::Junk, Some(Finding::new(code, junk.from, message)))
            }
            State::Junk(junk) => (junk.kind, None),
            _ => (FillerKind::Padding, None),
        };
        if end > start {
            if let Some(finding) = &finding {
                sink.finding(finding);
            }
            notes.extend(finding.iter().filter(|finding| finding.code == Code::W102).cloned());
            sink.filler(&Filler { start, end, kind, finding });
            self.told = end;
        }
        notes
    }

    /// Starts the interchange whose header `view` begins with.
    fn begin<S: Sink>(&mut self, standard: Standard, view: &[u8], sink: &mut S) -> Flow {
        let (at, limit) = (self.at, self.limits.warnings);
        let notes = self.tell_filler(at, sink);
        self.summary.standard.get_or_insert(standard);
        let mut own = 3;
        let (mut interchange, used) = match standard {
            Standard::X12 => x12::interchange(view, at, limit),
            Standard::Tradacoms => tradacoms::read(view, at, limit),
            Standard::Edifact => {
                let mut header = edifact::read(view, at, self.previous.as_ref(), limit);
                if !header.broken {
                    let used = header.length;
                    announce(&mut header.interchange, notes, limit, sink);
                    let mut body = Edifact::new(header, limit);
                    body.envelope.scan.trust = self.trust;
                    self.state = State::Edifact(Box::new(body));
                    return Flow::Closed(used);
                }
                own = header.length;
                (header.interchange, 0)
            }
            _ => {
                let mut body = Vda::new(view, at, &mut self.numbers, limit);
                announce(&mut body.interchange, notes, limit, sink);
                self.state = State::Vda(Box::new(body));
                return Flow::Closed(0);
            }
        };
        announce(&mut interchange, notes, limit, sink);
        self.state = match standard {
            Standard::Tradacoms => State::Tradacoms(Box::new(Tradacoms::new(interchange, used, limit))),
            Standard::X12 if used > 0 => {
                let mut body = X12::new(interchange, used, limit);
                body.envelope.scan.trust = self.trust;
                State::X12(Box::new(body))
            }
            _ => {
                let (tail, until_header) = (Tail::new(at), true);
                State::Unframed(Box::new(Unframed { interchange, tail, until_header, own }))
            }
        };
        Flow::Closed(used)
    }

    fn unframed<S: Sink>(&mut self, standard: Standard, finding: Finding, until_header: bool, sink: &mut S) -> Flow {
        let (at, limit) = (self.at, self.limits.warnings);
        let notes = self.tell_filler(at, sink);
        self.summary.standard.get_or_insert(standard);
        let mut interchange = Interchange::new(standard, at);
        interchange.kind = Kind::Fragment;
        interchange.note(Finding { at, ..finding }, limit);
        announce(&mut interchange, notes, limit, sink);
        self.state = State::Unframed(Box::new(Unframed { interchange, tail: Tail::new(at), until_header, own: 3 }));
        Flow::Closed(0)
    }

    /// A document is the whole parcel, byte order mark and padding included.
    fn document<S: Sink>(&mut self, standard: Standard, window: &[u8], sink: &mut S) -> Flow {
        self.summary.standard.get_or_insert(standard);
        let mut interchange = Interchange::new(standard, 0);
        interchange.kind = Kind::Document;
        interchange.complete = true;
        let xml = (standard == Standard::Xml).then(|| Box::new(XmlReader::new(window, self.at)));
        sink.begin(&interchange);
        self.state = State::Document(Box::new(interchange), xml);
        Flow::Closed(0)
    }

    /// The parcel ends: tells the filler at its end.
    fn end<S: Sink>(&mut self, sink: &mut S) {
        self.summary.bytes = self.at;
        self.tell_filler(self.at, sink);
        if self.summary.standard.is_none() {
            let rejection = if self.at == 0 {
                Finding::new(Code::P001, 0, "Parcel is empty.")
            } else {
                Finding::new(Code::P002, 0, "Parcel holds no data besides padding.")
            };
            self.summary.rejection = Some(rejection);
        }
        self.state = State::Between;
    }
}

fn announce<S: Sink>(interchange: &mut Interchange, notes: Vec<Finding>, limit: usize, sink: &mut S) {
    let own: Vec<Finding> = std::mem::take(&mut interchange.warnings);
    for finding in &own {
        sink.finding(finding);
    }
    if let Some(refusal) = &interchange.refusal {
        sink.finding(refusal);
    }
    for finding in notes.into_iter().chain(own) {
        interchange.note(finding, limit);
    }
    sink.begin(interchange);
}
