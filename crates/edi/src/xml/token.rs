//! A streaming XML tokenizer: no DTD is loaded, no entity is expanded beyond the five predefined ones and character references,
//! and memory is bounded by depth and name length, not by the document.

use super::decode::resolve;

/// What the tokenizer tells.
pub(crate) trait Events {
    /// A start tag. `attributes` are the first [`ATTRIBUTES`] of it.
    fn start(&mut self, name: &[u8], attributes: &[Attribute]);
    /// Character data, in pieces.
    fn text(&mut self, bytes: &[u8]);
    /// The end of the innermost element.
    fn end(&mut self);
    /// The encoding named in the XML declaration.
    fn encoding(&mut self, name: &[u8]);
    /// Whether character data is of interest here.
    fn wants_text(&self) -> bool;
}

/// An attribute with its value, references resolved.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Attribute {
    pub name: Vec<u8>,
    pub value: Vec<u8>,
}

/// Attributes kept per element.
const ATTRIBUTES: usize = 32;
/// Longest name.
const NAME: usize = 256;
/// Bytes kept of an attribute value or a declaration.
const VALUE: usize = 1024;
/// Deepest nesting.
const DEPTH: usize = 256;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Text,
    Open,
    Bang,
    Comment(u8),
    Cdata(u8),
    Declaration { depth: u32, quote: u8 },
    Instruction { question: bool },
    StartName,
    InTag,
    AttributeName,
    AfterName,
    BeforeValue,
    Value(u8),
    Empty,
    EndName,
    AfterEnd,
    Failed,
}

/// The tokenizer's state.
#[derive(Debug)]
pub(crate) struct Tokenizer {
    state: State,
    buffer: Vec<u8>,
    reference: Option<Vec<u8>>,
    attributes: Vec<Attribute>,
    name: Vec<u8>,
    open: Vec<Vec<u8>>,
    rooted: bool,
    problem: Option<String>,
}

impl Tokenizer {
    pub fn new() -> Self {
        Self {
            state: State::Text,
            buffer: Vec::new(),
            reference: None,
            attributes: Vec::new(),
            name: Vec::new(),
            open: Vec::new(),
            rooted: false,
            problem: None,
        }
    }

    pub fn feed<E: Events>(&mut self, bytes: &[u8], events: &mut E) {
        let mut pos = 0;
        while let Some(&byte) = bytes.get(pos) {
            if self.state == State::Failed {
                return;
            }
            let wants = events.wants_text();
            if self.state == State::Text && (!wants || byte != b'&') && self.reference.is_none() {
                let rest = bytes.get(pos..).unwrap_or_default();
                let run = if wants { memchr::memchr2(b'<', b'&', rest) } else { memchr::memchr(b'<', rest) };
                let text = rest.get(..run.unwrap_or(rest.len())).unwrap_or_default();
                self.characters(text, wants, events);
                pos += text.len();
                if self.state == State::Failed || run.is_none() || bytes.get(pos) == Some(&b'&') {
                    continue;
                }
                self.state = State::Open;
                pos += 1;
                continue;
            }
            self.take(byte, events);
            pos += 1;
        }
    }

    fn characters<E: Events>(&mut self, text: &[u8], wants: bool, events: &mut E) {
        if self.open.is_empty()
            && text.iter().any(|b| !b.is_ascii_whitespace() && !matches!(b, 0 | 0xEF | 0xBB | 0xBF | 0x1A))
        {
            self.fail("text outside the root element");
        } else if wants {
            events.text(text);
        }
    }

    fn fail(&mut self, problem: &str) {
        self.problem.get_or_insert_with(|| problem.to_owned());
        self.state = State::Failed;
    }

    /// What is wrong with the document, once it has ended.
    pub fn finish(&mut self) -> Option<String> {
        if self.state != State::Failed {
            if !self.rooted {
                self.fail("no root element");
            } else if let Some(open) = self.open.last() {
                let name = crate::text::short(open);
                self.fail(&format!("element {name} is not closed"));
            } else if self.state != State::Text {
                self.fail("the document ends inside a tag");
            }
        }
        self.problem.take()
    }

    fn keep(&mut self, byte: u8, limit: usize) {
        if self.buffer.len() < limit {
            self.buffer.push(byte);
        }
    }

    fn take<E: Events>(&mut self, byte: u8, events: &mut E) {
        match self.state {
            State::Text => self.reference(byte, events),
            State::Open => self.open(byte),
            State::Bang => self.bang(byte),
            State::Comment(dashes) => match (dashes, byte) {
                (2.., b'>') => self.state = State::Text,
                (_, b'-') => self.state = State::Comment((dashes + 1).min(2)),
                _ => self.state = State::Comment(0),
            },
            State::Cdata(brackets) => self.cdata(brackets, byte, events),
            State::Declaration { depth, quote } => self.declaration(depth, quote, byte),
            State::Instruction { question } => self.instruction(question, byte, events),
            State::StartName => match byte {
                b'>' | b'/' => {
                    self.named();
                    self.in_tag(byte, events);
                }
                _ if byte.is_ascii_whitespace() => self.named(),
                b'<' | b'"' | b'\'' | b'=' | b'&' => self.fail("a tag name holds a forbidden character"),
                _ if self.buffer.len() >= NAME => self.fail("a tag name is too long"),
                _ => self.buffer.push(byte),
            },
            State::InTag => self.in_tag(byte, events),
            State::AttributeName => match byte {
                b'=' => self.state = State::BeforeValue,
                b'>' | b'<' | b'/' | b'"' | b'\'' => self.fail("an attribute has no value"),
                _ if byte.is_ascii_whitespace() => self.state = State::AfterName,
                _ if self.buffer.len() >= NAME => self.fail("an attribute name is too long"),
                _ => self.buffer.push(byte),
            },
            State::AfterName => match byte {
                b'=' => self.state = State::BeforeValue,
                _ if byte.is_ascii_whitespace() => {}
                _ => self.fail("an attribute has no value"),
            },
            State::BeforeValue => match byte {
                b'"' | b'\'' => {
                    self.name = std::mem::take(&mut self.buffer);
                    self.state = State::Value(byte);
                }
                _ if byte.is_ascii_whitespace() => {}
                _ => self.fail("an attribute value is not quoted"),
            },
            State::Value(quote) => self.value(quote, byte),
            State::Empty => {
                if byte == b'>' {
                    self.start(events);
                    self.close_innermost(events);
                } else {
                    self.fail("a slash stands inside a tag");
                }
            }
            State::EndName => match byte {
                b'>' => self.end(events),
                _ if byte.is_ascii_whitespace() => self.state = State::AfterEnd,
                _ if self.buffer.len() >= NAME => self.fail("a tag name is too long"),
                _ => self.buffer.push(byte),
            },
            State::AfterEnd => match byte {
                b'>' => self.end(events),
                _ if byte.is_ascii_whitespace() => {}
                _ => self.fail("an end tag holds more than a name"),
            },
            State::Failed => {}
        }
    }

    fn open(&mut self, byte: u8) {
        self.buffer.clear();
        self.attributes.clear();
        self.state = match byte {
            b'!' => State::Bang,
            b'?' => State::Instruction { question: false },
            b'/' => State::EndName,
            _ if byte.is_ascii_alphabetic() || byte == b'_' || byte == b':' || byte >= 0x80 => {
                self.buffer.push(byte);
                State::StartName
            }
            _ => return self.fail("'<' is not followed by a name"),
        };
    }

    fn bang(&mut self, byte: u8) {
        self.keep(byte, NAME);
        if self.buffer == b"--" {
            self.state = State::Comment(0);
        } else if self.buffer == b"[CDATA[" {
            if self.open.is_empty() {
                return self.fail("text outside the root element");
            }
            self.state = State::Cdata(0);
        } else if self.buffer.len() >= 7 && self.buffer.eq_ignore_ascii_case(b"DOCTYPE") {
            self.state = State::Declaration { depth: 0, quote: 0 };
        } else if self.buffer.len() >= 7 || byte == b'>' {
            self.fail("'<!' starts no comment, CDATA or DOCTYPE");
        }
    }

    fn cdata<E: Events>(&mut self, brackets: u8, byte: u8, events: &mut E) {
        match (brackets, byte) {
            (2.., b'>') => self.state = State::Text,
            (_, b']') => {
                if brackets >= 2 {
                    events.text(b"]");
                }
                self.state = State::Cdata((brackets + 1).min(2));
            }
            _ => {
                events.text(b"]]".get(..usize::from(brackets)).unwrap_or_default());
                events.text(&[byte]);
                self.state = State::Cdata(0);
            }
        }
    }

    /// DOCTYPE is passed over: quotes and brackets are counted, nothing in it is read.
    fn declaration(&mut self, depth: u32, quote: u8, byte: u8) {
        let (depth, quote) = match byte {
            _ if quote != 0 => (depth, if byte == quote { 0 } else { quote }),
            b'"' | b'\'' => (depth, byte),
            b'[' | b'<' => (depth + 1, 0),
            b']' => (depth.saturating_sub(1), 0),
            b'>' if depth == 0 => return self.state = State::Text,
            b'>' => (depth.saturating_sub(1), 0),
            _ => (depth, 0),
        };
        self.state = State::Declaration { depth, quote };
    }

    fn instruction<E: Events>(&mut self, question: bool, byte: u8, events: &mut E) {
        if question && byte == b'>' {
            if self.buffer.starts_with(b"xml") {
                let from = memchr::memmem::find(&self.buffer, b"encoding").map_or(self.buffer.len(), |at| at + 8);
                let quoted = self.buffer.get(from..).unwrap_or_default();
                events.encoding(quoted.split(|b| matches!(b, b'"' | b'\'')).nth(1).unwrap_or_default());
            }
            self.state = State::Text;
        } else {
            self.keep(byte, VALUE);
            self.state = State::Instruction { question: byte == b'?' };
        }
    }

    fn named(&mut self) {
        self.name = std::mem::take(&mut self.buffer);
        self.open.push(self.name.clone());
        self.state = State::InTag;
        if self.open.len() > DEPTH {
            self.fail("elements are nested too deep");
        } else if self.open.len() == 1 && self.rooted {
            self.fail("a second root element");
        }
        self.rooted = true;
    }

    fn in_tag<E: Events>(&mut self, byte: u8, events: &mut E) {
        match byte {
            b'>' => self.start(events),
            b'/' => self.state = State::Empty,
            _ if byte.is_ascii_whitespace() => {}
            b'<' | b'"' | b'\'' | b'=' => self.fail("a tag holds a forbidden character"),
            _ => {
                self.buffer.clear();
                self.buffer.push(byte);
                self.state = State::AttributeName;
            }
        }
    }

    fn value(&mut self, quote: u8, byte: u8) {
        if byte == quote {
            let attribute = Attribute { name: std::mem::take(&mut self.name), value: resolve(&self.buffer) };
            self.buffer.clear();
            if self.attributes.len() < ATTRIBUTES {
                self.attributes.push(attribute);
            }
            self.state = State::InTag;
        } else if byte == b'<' {
            self.fail("an attribute value holds '<'");
        } else {
            self.keep(byte, VALUE);
        }
    }

    fn start<E: Events>(&mut self, events: &mut E) {
        if self.state == State::Failed {
            return;
        }
        let name = self.open.last().cloned().unwrap_or_default();
        events.start(&name, &self.attributes);
        self.state = State::Text;
    }

    fn end<E: Events>(&mut self, events: &mut E) {
        if self.open.last() == Some(&self.buffer) {
            self.close_innermost(events);
        } else {
            let name = crate::text::short(&self.buffer);
            self.fail(&format!("end tag {name} closes no open element"));
        }
    }

    fn close_innermost<E: Events>(&mut self, events: &mut E) {
        if self.state == State::Failed {
            return;
        }
        self.open.pop();
        events.end();
        self.state = State::Text;
    }

    /// A reference in text that is of interest.
    fn reference<E: Events>(&mut self, byte: u8, events: &mut E) {
        let mut name = match self.reference.take() {
            None => {
                if self.open.is_empty() {
                    self.fail("text outside the root element");
                }
                return self.reference = Some(Vec::new());
            }
            Some(name) => name,
        };
        if byte == b';' {
            name.insert(0, b'&');
            name.push(b';');
            return events.text(&resolve(&name));
        }
        if byte.is_ascii_alphanumeric() && name.len() < 16 || byte == b'#' && name.is_empty() {
            name.push(byte);
            self.reference = Some(name);
        } else {
            self.fail("'&' starts no reference");
        }
    }
}
