//! The report on a parcel as JSON Lines.

mod support;

use edi::inspect::Inspector;
use support::Json;

fn line(parcel: &str) -> Json {
    let mut found = Inspector::default();
    let summary = edi::read(parcel.as_bytes(), &mut found);
    let lines = found.json_lines("a.edi", &summary);
    assert_eq!(lines.len(), 1);
    Json::parse(&lines[0])
}

#[test]
fn findings_are_listed_when_there_are_any() {
    let valid = "UNB+UNOA:1+A+B+260101:1200+1'UNZ+0+1'";
    for member in ["refusal", "warnings", "more_warnings"] {
        assert_eq!(line(valid).get(member), None, "{member}");
    }
    let warned = line(&valid.replace("UNZ+0", "UNZ+4"));
    let [finding] = warned.list("warnings") else { panic!("not one warning: {warned:?}") };
    assert_eq!((finding.text("code"), finding.get("at")), ("W213", Some(&Json::Number(29.0))));
    assert_eq!((warned.get("refusal"), warned.text("verdict")), (None, "accept-warn"));
    let held = line(&valid.replace("UNZ+0+1", "UNZ+0+2"));
    assert_eq!(held.get("refusal").map(|refusal| refusal.text("code")), Some("E210"));
    assert_eq!((held.get("warnings"), held.text("verdict")), (None, "suspense"));
}
