//! Content on its way into the hub, alone or in a form with other fields.

use super::{
    frames::Frames,
    multipart::{self, Event, Multipart, Part, Wrong},
};
use bytes::BytesMut;
use hub::{Error, Intake};

/// How much content is gathered before it is taken in.
const PIECE: usize = 256 * 1024;

/// How many fields a form may have beside its file, and how long each may be in bytes.
const FIELDS: usize = 32;
const FIELD: usize = 8 * 1024;

/// Content that is gathered into pieces worth taking.
pub struct Content {
    intake: Intake,
    piece: BytesMut,
}
impl Content {
    /// Nothing yet.
    pub fn of(intake: Intake) -> Self {
        Self { intake, piece: BytesMut::new() }
    }
    /// Some more.
    pub async fn more(mut self, bytes: &[u8]) -> Result<Self, Error> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE {
            self.intake = self.intake.more(self.piece.split().freeze()).await?;
        }
        Ok(self)
    }
    /// All of it.
    pub async fn end(self) -> Result<Intake, Error> {
        self.intake.more(self.piece.freeze()).await
    }
}

/// The name of a file that is a body, from its `Content-Disposition`.
pub fn file_name(disposition: Option<&[u8]>) -> Option<String> {
    multipart::file_name(&String::from_utf8_lossy(disposition?))
}

/// Where the content of a part goes.
enum Into {
    Field,
    File,
}

/// Reads a form: fields, and one file, which is the part with the name of a file or the name `file`.
pub async fn read(mut frames: Frames, mut parts: Multipart, intake: Intake) -> Result<api::Body, Error> {
    let wrong = |Wrong(why)| Error::parameter("body", why);
    let (mut fields, mut content, mut name) = (Vec::<(String, BytesMut)>::new(), Content::of(intake), None);
    let (mut into, mut files) = (Into::Field, 0);
    while let Some(bytes) = frames.next().await? {
        parts.push(&bytes);
        while let Some(event) = parts.next().map_err(wrong)? {
            match (event, &into) {
                (Event::Part(part), _) if is_file(&part) => {
                    (into, name, files) = (Into::File, part.file_name, files + 1);
                }
                (Event::Part(part), _) => {
                    fields.push((part.name, BytesMut::new()));
                    into = Into::Field;
                }
                (Event::Data(data), Into::File) => content = content.more(&data).await?,
                (Event::Data(data), Into::Field) => {
                    if let Some((_, text)) = fields.last_mut() {
                        text.extend_from_slice(&data);
                    }
                }
            }
            if files > 1 {
                return Err(Error::parameter("body", "holds more than one file: send each on its own"));
            }
            if fields.len() > FIELDS || fields.last().is_some_and(|(_, text)| text.len() > FIELD) {
                return Err(Error::parameter("body", "has too many fields, or too long a field that is no file"));
            }
        }
    }
    parts.end().map_err(wrong)?;
    let mut fields = fields.into_iter().map(texts).collect::<Result<Vec<_>, _>>()?;
    if !fields.iter().any(|(field, _)| field.eq_ignore_ascii_case("fileName")) {
        fields.extend(name.map(|name| ("fileName".to_owned(), name)));
    }
    let content = if files > 0 { Some(content.end().await?) } else { None };
    Ok(api::Body { fields, content, ..api::Body::default() })
}

fn is_file(part: &Part) -> bool {
    part.file_name.is_some() || part.name.eq_ignore_ascii_case("file")
}

fn texts((name, bytes): (String, BytesMut)) -> Result<(String, String), Error> {
    let text = String::from_utf8(bytes.into()).map_err(|_| Error::parameter("body", "has a field that is no UTF-8"))?;
    Ok((name, text))
}
