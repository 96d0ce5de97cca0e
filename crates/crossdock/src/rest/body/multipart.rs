//! The parts of a form (`multipart/form-data`, RFC 7578 and RFC 2046 section 5.1), found while they come.
//!
//! Our own, because what it keeps must be bounded: never more than the headers of one part, and never its content.

use super::parameters;
use bytes::{Buf, Bytes, BytesMut};
use memchr::memmem::Finder;

/// What the headers of a part may hold at most, in bytes.
const HEADERS: usize = 8 * 1024;

/// What was found.
#[derive(Debug, PartialEq, Eq)]
pub enum Event {
    /// A part begins.
    Part(Part),
    /// Some of its content.
    Data(Bytes),
}

/// What the headers of a part say of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// The name of the field.
    pub name: String,
    /// The name of the file, if it is one.
    pub file_name: Option<String>,
}

/// What is wrong with a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wrong(pub &'static str);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before the first part; nothing of it counts.
    Preamble,
    Headers,
    Content,
    /// Behind the last part; nothing of it counts.
    Epilogue,
}

/// Takes bytes and gives parts.
#[derive(Debug)]
pub struct Multipart {
    /// The line end that belongs to it, two hyphens, the boundary.
    delimiter: Finder<'static>,
    kept: BytesMut,
    state: State,
}

impl Multipart {
    /// A form with a boundary of 1 to 70 characters.
    pub fn new(boundary: &str) -> Option<Self> {
        let fits = (1..=70).contains(&boundary.len()) && boundary.bytes().all(|b| (b' '..=b'~').contains(&b));
        // The first delimiter has no line end before it unless something else has.
        let delimiter = Finder::new(format!("\r\n--{boundary}").as_bytes()).into_owned();
        fits.then(|| Self { delimiter, kept: BytesMut::from(&b"\r\n"[..]), state: State::Preamble })
    }

    /// Takes the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.state != State::Epilogue {
            self.kept.extend_from_slice(bytes);
        }
    }

    /// The form is over: it must have been whole.
    pub fn end(&self) -> Result<(), Wrong> {
        let behind = self.kept.strip_prefix(self.delimiter.needle()).and_then(|behind| behind.strip_prefix(b"--"));
        let last = behind.is_some_and(|behind| padding(behind) == behind.len());
        if self.state == State::Epilogue || last { Ok(()) } else { Err(Wrong("breaks off before its last boundary")) }
    }

    /// What comes next; none when more bytes are needed.
    pub fn next(&mut self) -> Result<Option<Event>, Wrong> {
        loop {
            let before = (self.state, self.kept.len());
            let event = match self.state {
                State::Preamble | State::Content => self.content(),
                State::Headers => self.headers()?,
                State::Epilogue => None,
            };
            if event.is_some() || before == (self.state, self.kept.len()) {
                return Ok(event);
            }
        }
    }

    /// Content up to the next delimiter, or over it.
    fn content(&mut self) -> Option<Event> {
        let length = self.delimiter.needle().len();
        let end = match self.delimiter.find(&self.kept) {
            Some(0) => self.delimiter_end()?,
            Some(at) => at,
            None => self.kept.len().saturating_sub(length - 1),
        };
        let data = self.kept.split_to(end).freeze();
        (self.state == State::Content && !data.is_empty()).then_some(Event::Data(data))
    }

    /// A delimiter stands at the beginning: passes over it, or says how much of the content it is after all.
    fn delimiter_end(&mut self) -> Option<usize> {
        let length = self.delimiter.needle().len();
        let behind = self.kept.get(length..).unwrap_or_default();
        let (last, line) = behind.strip_prefix(b"--").map_or((false, behind), |line| (true, line));
        let padding = padding(line);
        match line.get(padding..).unwrap_or_default() {
            [b'\r', b'\n', ..] if last => {
                self.state = State::Epilogue;
                self.kept.clear();
                Some(0)
            }
            [b'\r', b'\n', ..] => {
                // The line end stays: without headers an empty line follows at once.
                self.kept.advance(length + padding);
                self.state = State::Headers;
                Some(0)
            }
            [] | [b'\r'] if behind.len() < HEADERS => None,
            [b'-'] if behind.len() == 1 => None,
            _ => Some(length),
        }
    }

    fn headers(&mut self) -> Result<Option<Event>, Wrong> {
        let end = memchr::memmem::find(&self.kept, b"\r\n\r\n");
        if end.unwrap_or(self.kept.len()) > HEADERS {
            return Err(Wrong("has a part with too long headers"));
        }
        let Some(end) = end else { return Ok(None) };
        let lines = self.kept.split_to(end + 4);
        self.state = State::Content;
        part(&String::from_utf8_lossy(&lines)).map(|part| Some(Event::Part(part)))
    }
}

/// How many blanks stand at the beginning.
fn padding(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|b| matches!(b, b' ' | b'\t')).count()
}

fn part(lines: &str) -> Result<Part, Wrong> {
    let mut part = None;
    for line in lines.split("\r\n") {
        let Some((name, value)) = line.split_once(':') else { continue };
        match &*name.trim().to_ascii_lowercase() {
            "content-disposition" if part.is_some() => return Err(Wrong("has a part with two names")),
            "content-disposition" => part = Some(value),
            "content-transfer-encoding"
                if !["binary", "8bit", "7bit"].contains(&&*value.trim().to_ascii_lowercase()) =>
            {
                return Err(Wrong("has a part that is encoded: send it as it is"));
            }
            _ => {}
        }
    }
    let value = part.ok_or(Wrong("has a part without Content-Disposition"))?;
    let name = parameters::one(value, "name").ok_or(Wrong("has a part without a name"))?;
    Ok(Part { name, file_name: file_name(value) })
}

/// The name of a file: `filename*` in UTF-8, or else `filename` (RFC 6266).
pub fn file_name(disposition: &str) -> Option<String> {
    let extended = parameters::one(disposition, "filename*").and_then(|text| {
        let (charset, encoded) = text.split_once("''")?;
        let text = percent_encoding::percent_decode_str(encoded).decode_utf8().ok()?.into_owned();
        charset.eq_ignore_ascii_case("utf-8").then_some(text)
    });
    extended.or_else(|| parameters::one(disposition, "filename"))
}

#[cfg(test)]
mod tests;
