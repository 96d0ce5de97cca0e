//! The name of a file in `Content-Disposition` (RFC 6266).

use axum::http::{HeaderMap, header};
use std::borrow::Cow;

/// The name of a file that is a body.
pub fn file_name(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::CONTENT_DISPOSITION)?;
    parse(&String::from_utf8_lossy(value.as_bytes()))
}

/// `filename*` in UTF-8, or else `filename`, which may stand in quotes.
fn parse(value: &str) -> Option<String> {
    let (mut plain, mut rest) = (None, value);
    while let Some((_, parameter)) = rest.split_once(';') {
        let (name, value) = parameter.split_once('=')?;
        let (text, behind) = text(value.trim_start());
        match &*name.trim().to_ascii_lowercase() {
            "filename*" => {
                if let Some((charset, encoded)) = text.split_once("''").filter(|(c, _)| c.eq_ignore_ascii_case("utf-8"))
                {
                    let _ = charset;
                    return Some(percent_encoding::percent_decode_str(encoded).decode_utf8().ok()?.into_owned());
                }
            }
            "filename" => plain = Some(text.into_owned()),
            _ => {}
        }
        rest = behind;
    }
    plain
}

/// A token, or a text in quotes, and what stands behind it.
fn text(value: &str) -> (Cow<'_, str>, &str) {
    let Some(quoted) = value.strip_prefix('"') else {
        let end = value.find(';').unwrap_or(value.len());
        let (token, behind) = value.split_at(end);
        return (Cow::Borrowed(token.trim_end()), behind);
    };
    let (mut text, mut letters) = (String::new(), quoted.char_indices());
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return (Cow::Owned(text), quoted.get(at + 1..).unwrap_or_default()),
            '\\' => text.extend(letters.next().map(|(_, escaped)| escaped)),
            _ => text.push(letter),
        }
    }
    (Cow::Owned(text), "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_was_meant() {
        for (value, name) in [
            ("attachment; filename=order.x12", Some("order.x12")),
            ("attachment; filename=\"my order; no. 7.x12\"; size=7", Some("my order; no. 7.x12")),
            (r#"attachment; FileName="a \"b\" \\c""#, Some(r#"a "b" \c"#)),
            ("attachment; filename=plain.x12; filename*=UTF-8''gr%C3%BC%C3%9Fe.x12", Some("grüße.x12")),
            ("form-data; name=\"file\"", None),
            ("attachment", None),
            ("attachment; filename", None),
            ("attachment; filename=\"open", Some("open")),
            ("", None),
        ] {
            assert_eq!(parse(value).as_deref(), name, "{value}");
        }
    }
}
