//! Parameters behind the value of a header: `; name=value`, the value in quotes or not (RFC 9110 section 5.6.6).

/// A parameter by its name, in lower case.
pub fn one(header: &str, name: &str) -> Option<String> {
    all(header).find(|(found, _)| found == name).map(|(_, text)| text)
}

/// All parameters, their names in lower case.
pub fn all(header: &str) -> impl Iterator<Item = (String, String)> {
    let mut rest = header.split_once(';').map(|(_, parameters)| parameters);
    std::iter::from_fn(move || {
        let (name, value) = rest?.split_once('=')?;
        let (text, behind) = text(value.trim_start());
        rest = behind.split_once(';').map(|(_, parameters)| parameters);
        Some((name.trim().to_ascii_lowercase(), text))
    })
}

/// A token, or a text in quotes, and what stands behind it. Of what may be escaped only quotes and backslashes are:
/// browsers write a backslash in a name as it is.
fn text(value: &str) -> (String, &str) {
    let Some(quoted) = value.strip_prefix('"') else {
        let (token, behind) = value.split_at(value.find(';').unwrap_or(value.len()));
        return (token.trim_end().to_owned(), behind);
    };
    let (mut text, mut letters) = (String::new(), quoted.char_indices().peekable());
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return (text, quoted.get(at + 1..).unwrap_or_default()),
            '\\' => text.push(letters.next_if(|(_, next)| matches!(next, '"' | '\\')).map_or('\\', |(_, next)| next)),
            _ => text.push(letter),
        }
    }
    (text, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_as_they_were_meant() {
        for (header, name, text) in [
            ("a; filename=order.x12", "filename", Some("order.x12")),
            (
                "a; x=\"1; filename=2\" ; FileName=\"my order; no. 7.x12\"; size=7",
                "filename",
                Some("my order; no. 7.x12"),
            ),
            (r#"a; filename="C:\dir\a \"b\" \\c""#, "filename", Some(r#"C:\dir\a "b" \c"#)),
            ("multipart/form-data; charset=x ;boundary=--7 ", "boundary", Some("--7")),
            ("a; filename=\"open", "filename", Some("open")),
            ("a; filename=", "filename", Some("")),
            ("a; filename", "filename", None),
            ("filename=a", "filename", None),
            ("", "filename", None),
        ] {
            assert_eq!(one(header, name).as_deref(), text, "{header}");
        }
    }
}
