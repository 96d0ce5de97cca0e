use super::*;

/// The parts of a form, each with its content, whatever the pieces it comes in.
fn parts(form: &[u8], piece: usize) -> Result<Vec<(Part, Vec<u8>)>, Wrong> {
    let (mut reader, mut parts) = (Multipart::new("X-7").unwrap(), Vec::new());
    for bytes in form.chunks(piece) {
        reader.push(bytes);
        while let Some(event) = reader.next()? {
            match event {
                Event::Part(part) => parts.push((part, Vec::new())),
                Event::Data(data) => parts.last_mut().unwrap().1.extend_from_slice(&data),
            }
        }
        assert!(reader.kept.len() < HEADERS + piece + 100, "{} bytes are kept", reader.kept.len());
    }
    reader.end().map(|()| parts)
}

fn read(form: &str) -> Result<Vec<(String, Option<String>, String)>, Wrong> {
    let whole = parts(form.as_bytes(), form.len().max(1));
    for piece in 1..form.len() {
        assert_eq!(parts(form.as_bytes(), piece), whole, "in pieces of {piece}: {form:?}");
    }
    let text = |bytes| String::from_utf8(bytes).unwrap();
    whole.map(|parts| parts.into_iter().map(|(part, data)| (part.name, part.file_name, text(data))).collect())
}

fn field(name: &str, text: &str) -> (String, Option<String>, String) {
    (name.to_owned(), None, text.to_owned())
}

#[test]
fn a_form_is_its_parts() {
    let form = "--X-7\r\nContent-Disposition: form-data; name=\"mailboxId\"\r\n\r\n1001\r\n\
                --X-7 \t\r\ncontent-disposition: form-data; name=file; filename=\"a.x12\"\r\n\
                Content-Type: application/octet-stream\r\n\r\nISA*\r\n--X-\r\n--\r\n\r\n--X-7-- \r\nbehind";
    let file = ("file".to_owned(), Some("a.x12".to_owned()), "ISA*\r\n--X-\r\n--\r\n".to_owned());
    assert_eq!(read(form), Ok(vec![field("mailboxId", "1001"), file]));
}

#[test]
fn what_stands_before_and_behind_is_nothing_and_a_part_may_be_empty() {
    let form = "before\r\n--X-7\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n--X-7--";
    assert_eq!(read(form), Ok(vec![field("a", "")]));
    assert_eq!(read("--X-7--"), Ok(Vec::new()));
}

#[test]
fn a_longer_boundary_is_no_boundary() {
    for tail in ["8", "-", "x--", " x", "", "--x", "-- x", "---"] {
        let content = format!("1\r\n--X-7{tail}\r2");
        let form = format!("--X-7\r\nContent-Disposition: f; name=a\r\n\r\n{content}\r\n--X-7--");
        assert_eq!(read(&form), Ok(vec![field("a", &content)]), "{tail:?}");
    }
}

#[test]
fn what_is_no_form_is_refused() {
    for (form, wrong) in [
        ("", "breaks off before its last boundary"),
        ("--X-7\r\nContent-Disposition: f; name=a\r\n\r\n1\r\n--X-7", "breaks off before its last boundary"),
        ("--X-7\r\nContent-Disposition: f; name=a\r\n\r\n1\r\n--X-7-", "breaks off before its last boundary"),
        ("--X-7\r\n\r\n1\r\n--X-7--", "has a part without Content-Disposition"),
        ("--X-7\r\nContent-Disposition: f\r\n\r\n1\r\n--X-7--", "has a part without a name"),
        (
            "--X-7\r\nContent-Disposition: f; name=a\r\nContent-Disposition: f; name=b\r\n\r\n",
            "has a part with two names",
        ),
        (
            "--X-7\r\nContent-Disposition: f; name=a\r\nContent-Transfer-Encoding: base64\r\n\r\n",
            "has a part that is encoded: send it as it is",
        ),
    ] {
        assert_eq!(read(form), Err(Wrong(wrong)), "{form:?}");
    }
    let long = format!("--X-7\r\nX: {}", "y".repeat(HEADERS));
    assert_eq!(parts(long.as_bytes(), 100), Err(Wrong("has a part with too long headers")));
    let spaces = format!("--X-7\r\nContent-Disposition: f; name=a\r\n\r\n\r\n--X-7{}", " ".repeat(3 * HEADERS));
    assert_eq!(parts(spaces.as_bytes(), 100), Err(Wrong("breaks off before its last boundary")));
    for boundary in ["", &"x".repeat(71), "a\u{e4}", "a\r"] {
        assert!(Multipart::new(boundary).is_none());
    }
}

#[test]
fn a_file_has_the_name_it_was_given() {
    for (value, name) in [
        ("attachment; filename=plain.x12; filename*=UTF-8''gr%C3%BC%C3%9Fe.x12", Some("gr\u{fc}\u{df}e.x12")),
        ("attachment; filename*=latin1''x; filename=plain.x12", Some("plain.x12")),
        ("form-data; name=\"file\"", None),
    ] {
        assert_eq!(file_name(value).as_deref(), name, "{value}");
    }
}
