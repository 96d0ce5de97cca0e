//! The robustness table, row by row. A test is named by its row.
//!
//! Decided by the hub, which knows ids, routes, mailboxes, earlier interchanges and limits: rows 44 (no route), 45 (other
//! qualifier), 46 (unknown sender), 47 (sender of another mailbox), 49 (no partnership), 50 (test and production), 51 and 52
//! (duplicates), 53 (gaps in control numbers), 63 (no receiver for a document; what is a document is tested here), 64 (size limit),
//! 66 to 68 (acknowledgements matched to originals; the pointers are tested here).

use edi::generate::{Plan, parcel};
use edi::{AckKind, Acknowledgement, Code, Document, FillerKind, Interchange, Kind, Sink, Standard, interchanges};

const ISA: &str =
    "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260101*1200*U*00401*000000001*0*P*>~";
const GROUP: &str = "GS*PO*A*B*20260101*1200*7*X*004010~ST*850*0001~BEG*00~SE*3*0001~GE*1*7~";
const IEA: &str = "IEA*1*000000001~";
const UNB: &str = "UNB+UNOA:1+A:14+B:14+260101:1200+9'";
const MESSAGE: &str = "UNH+1+ORDERS:D:96A:UN'BGM+220'UNT+3+1'";
const UNZ: &str = "UNZ+1+9'";
const STX: &str = "STX=ANA:1+5000000000000:A+5010000000000:B+260101:130233+7++ORDHDR'";

fn x12() -> String {
    format!("{ISA}{GROUP}{IEA}")
}

fn edifact() -> String {
    format!("{UNB}{MESSAGE}{UNZ}")
}

fn codes(interchange: &Interchange) -> Vec<Code> {
    interchange.refusal.iter().chain(&interchange.warnings).map(|finding| finding.code).collect()
}

/// The only interchange in the bytes.
fn only(bytes: impl AsRef<[u8]>) -> Interchange {
    let mut found = interchanges(bytes.as_ref());
    assert_eq!(found.interchanges.len(), 1, "{:?}", String::from_utf8_lossy(bytes.as_ref()));
    found.interchanges.remove(0)
}

/// Delivered, with exactly these warnings.
fn warns(bytes: impl AsRef<[u8]>, expected: &[Code]) -> Interchange {
    let found = only(&bytes);
    assert_eq!(codes(&found), expected, "{:?}", String::from_utf8_lossy(bytes.as_ref()));
    assert_eq!((found.refusal.is_none(), found.complete), (true, true));
    found
}

/// Held back, with this reason.
fn holds(bytes: impl AsRef<[u8]>, reason: Code) -> Interchange {
    let found = only(&bytes);
    let code = found.refusal.as_ref().map(|finding| finding.code);
    assert_eq!(code, Some(reason), "{:?}", String::from_utf8_lossy(bytes.as_ref()));
    found
}

fn message(interchange: &Interchange, code: Code) -> &str {
    let mut all = interchange.refusal.iter().chain(&interchange.warnings);
    all.find(|finding| finding.code == code).map_or("", |finding| finding.message.as_str())
}

#[test]
fn row_01_an_empty_parcel_is_rejected() {
    let found = interchanges(b"");
    assert_eq!(found.summary.rejection.map(|finding| finding.code), Some(Code::P001));
}

#[test]
fn row_02_a_parcel_of_padding_is_rejected() {
    let found = interchanges(b" \r\n\0\x1A");
    assert_eq!(found.summary.rejection.map(|finding| finding.code), Some(Code::P002));
    assert_eq!((found.filler[0].end, found.filler[0].kind), (5, FillerKind::Padding));
}

#[test]
fn row_03_a_byte_order_mark_is_filler() {
    let found = warns(format!("\u{FEFF}{}", x12()), &[Code::W101]);
    assert_eq!(found.start, 3);
    assert_eq!(message(&found, Code::W101), "Byte order mark before the first envelope was ignored.");
}

#[test]
fn row_04_blanks_around_interchanges_are_filler() {
    let text = format!("\r\n  {}\r\n\r\n  {}\n", x12(), edifact());
    let found = interchanges(text.as_bytes());
    assert_eq!(found.interchanges.len(), 2);
    assert!(found.interchanges.iter().all(|i| codes(i).is_empty()));
    assert!(found.filler.iter().all(|filler| filler.kind == FillerKind::Padding && filler.finding.is_none()));
    let first = &found.interchanges[0];
    assert_eq!((first.start, first.end_nl - first.end), (4, 2), "the line end behind the trailer goes with it");
}

#[test]
fn row_05_padding_at_the_end_is_filler() {
    let text = x12() + "\x1A\0\0\0";
    let found = interchanges(text.as_bytes());
    assert_eq!((found.filler.len(), found.filler[0].kind), (1, FillerKind::Padding));
    warns(&text, &[]);
}

#[test]
fn row_06_text_before_the_first_envelope_is_filler() {
    let found = interchanges(format!("From: a\nSubject: IST\n\n{}", x12()).as_bytes());
    assert_eq!((found.filler[0].start, found.filler[0].end), (0, 22));
    let expected = "22 bytes before the first envelope are not EDI and were kept as filler.";
    assert_eq!(message(&found.interchanges[0], Code::W102), expected);
    let far = format!("{}{}", "x".repeat(25_000), x12());
    assert_eq!(only(&far).standard, Standard::Txt, "beyond 20 KiB nothing is looked for");
}

#[test]
fn row_07_junk_between_interchanges_is_filler_with_a_warning() {
    let text = format!("{}\n## junk ISA UNB\n{}trailing", x12(), edifact());
    let found = interchanges(text.as_bytes());
    let junk: Vec<&str> = found.filler.iter().filter_map(|f| f.finding.as_ref()).map(|f| f.message.as_str()).collect();
    let first = x12().len() + 1;
    let second = first + 16 + edifact().len();
    let expected = [
        format!("15 bytes at offset {first} belong to no interchange."),
        format!("8 bytes at offset {second} belong to no interchange."),
    ];
    assert_eq!(junk, expected);
    let mailbag = format!("IH*1*USER*SECRET~{}IT*1~", x12());
    let found = interchanges(mailbag.as_bytes());
    assert!(found.filler.iter().all(|f| f.kind == FillerKind::Mailbag && f.finding.is_none()), "{:?}", found.filler);
    assert!(!format!("{found:?}").contains("SECRET"));
}

#[test]
fn row_08_interchanges_of_different_standards_are_split() {
    let second = x12().replace('~', "!").replace('*', "|").replace("000000001", "000000002");
    let trade = format!("{STX}MHD=1+ORDERS:9'MTR=2'END=1'");
    let text = format!("{}{second}\n{}{trade}", x12(), edifact());
    let found = interchanges(text.as_bytes());
    let standards: Vec<&str> = found.interchanges.iter().map(|i| i.standard.as_str()).collect();
    assert_eq!(standards, ["X12", "X12", "EDIFACT", "TRADACOMS"]);
    assert!(found.interchanges.iter().all(|i| codes(i).is_empty()));
}

#[test]
fn row_09_ebcdic_and_utf_16_are_named() {
    let utf16: Vec<u8> = x12().bytes().flat_map(|b| [b, 0]).collect();
    assert_eq!(holds(&utf16, Code::E104).standard, Standard::X12);
    let marked: Vec<u8> = [0xFE, 0xFF].into_iter().chain(edifact().bytes().flat_map(|b| [0, b])).collect();
    let found = holds(&marked, Code::E104);
    let text = "Data looks like EDIFACT in UTF-16; send it in an ASCII-compatible code.";
    assert_eq!((message(&found, Code::E104), found.end), (text, marked.len() as u64));
    holds(b"\xC9\xE2\xC1\x5C\xF0\xF0\x5C", Code::E104);
}

#[test]
fn row_10_compressed_data_passes_as_binary() {
    for bytes in [&b"PK\x03\x04\x14\0"[..], b"\x1F\x8B\x08\0"] {
        let found = only(bytes);
        assert_eq!((found.standard, found.kind, found.refusal), (Standard::Binary, Kind::Document, None));
    }
}

#[test]
fn row_11_an_isa_of_other_length_is_read_by_its_separators() {
    let text = x12().replace("SENDER         ", "SENDER").replace("          *00", "*00");
    let found = warns(text, &[Code::W201]);
    let expected = "ISA is not fixed length: ISA02=0,ISA06=6; read by separators.";
    assert_eq!(message(&found, Code::W201), expected);
    assert_eq!((found.sender.id.as_str(), found.control_number.as_str()), ("SENDER", "000000001"));
}

#[test]
fn row_12_an_isa_with_too_few_separators_is_held() {
    let text = x12().replace("*260101*1200", "");
    let found = holds(&text, Code::E201);
    assert_eq!(message(&found, Code::E201), "ISA segment cannot be read: 14 of 16 separators found.");
    let both = format!("{text}\n{}", x12());
    let found = interchanges(both.as_bytes());
    assert_eq!(found.interchanges.len(), 2, "its neighbour is not harmed");
    assert_eq!(codes(&found.interchanges[1]), []);
}

#[test]
fn row_13_line_breaks_within_segments_are_noise() {
    let wrap = |text: &str, width: usize| -> String {
        text.as_bytes().chunks(width).map(|line| String::from_utf8_lossy(line) + "\r\n").collect()
    };
    for text in [x12(), edifact(), format!("{STX}MHD=1+ORDERS:9'MTR=2'END=1'")] {
        let plain = only(&text);
        for width in [17, 40, 79, 80] {
            let found = warns(wrap(&text, width), &[Code::W202]);
            assert_eq!((&found.receiver.id, found.sets), (&plain.receiver.id, plain.sets));
            assert_eq!(found.control_number, plain.control_number);
        }
    }
}

#[test]
fn row_14_a_missing_terminator_is_held() {
    let found = holds(x12().replace('~', ""), Code::E202);
    assert_eq!(message(&found, Code::E202), "No segment terminator after ISA16 (found 'G').");
    assert_eq!((found.receiver.id.as_str(), found.groups, found.complete), ("RECEIVER", 0, false));
}

#[test]
fn row_15_a_terminator_in_place_of_isa16_is_taken_for_one() {
    for line_end in ["", "\n", "\r\n"] {
        let text = x12().replace(">~", "~").replace('~', &format!("~{line_end}"));
        let found = warns(text, &[Code::W203]);
        assert_eq!(message(&found, Code::W203), "ISA16 is missing; '~' taken as segment terminator.");
        assert!(found.delimiters.component.is_empty());
    }
}

#[test]
fn row_16_a_delimiter_may_be_a_utf8_sequence() {
    for (from, to) in [('~', "Ö"), ('~', "…"), ('>', "¦"), ('*', "¦")] {
        let found = warns(x12().replace(from, to), &[Code::W204]);
        assert!(message(&found, Code::W204).starts_with(&format!("Delimiter {to} is more than one byte")));
        assert_eq!(found.receiver.id, "RECEIVER");
    }
    warns(x12().replace('~', "Ö").replace("BEG*00", "BEG*Жx"), &[Code::W204]);
}

#[test]
fn row_17_equal_or_alphanumeric_delimiters_are_held() {
    let found = holds(x12().replace('~', "*"), Code::E203);
    assert_eq!(message(&found, Code::E203), "Element separator and segment terminator are the same byte.");
    holds(x12().replace(">~", "~~"), Code::E203);
    holds(x12().replace('>', "A"), Code::E203);
    holds(x12().replace('>', " "), Code::E203);
}

#[test]
fn row_18_isa11_may_not_fit_the_version() {
    let found = warns(x12().replace("*U*", "*^*"), &[Code::W205]);
    assert_eq!(message(&found, Code::W205), "ISA11 '^' does not fit version 00401.");
    assert_eq!(found.delimiters.repetition.to_string(), "^");
    warns(x12().replace("00401", "00501"), &[Code::W205]);
}

#[test]
fn row_19_an_unknown_version_is_read() {
    for version in ["00204", "04010", "00000"] {
        let text = x12().replace("00401", version).replace("*U*", if version > "00402" { "*^*" } else { "*U*" });
        let found = warns(text, &[Code::W206]);
        assert_eq!(message(&found, Code::W206), format!("Unknown interchange version {version}."));
    }
}

#[test]
fn row_20_an_odd_usage_indicator_is_read() {
    let found = warns(x12().replace("*0*P*", "*0*X*"), &[Code::W207]);
    assert_eq!((message(&found, Code::W207), found.is_test()), ("ISA15 'X' is not P, T or I.", false));
}

#[test]
fn row_21_a_control_number_that_is_not_nine_digits_is_read() {
    let found = warns(x12().replace("000000001", "00000000A"), &[Code::W208]);
    assert_eq!(message(&found, Code::W208), "ISA13 '00000000A' is not nine digits.");
}

#[test]
fn row_22_different_control_numbers_are_held() {
    let found = holds(x12().replace("IEA*1*000000001", "IEA*1*000000002"), Code::E210);
    let expected = "Control number in header (000000001) and trailer (000000002) differ.";
    assert_eq!((message(&found, Code::E210), found.complete), (expected, true));
    holds(edifact().replace("UNZ+1+9", "UNZ+1+A"), Code::E210);
    holds(edifact().replace("1200+9", "1200+"), Code::E210);
}

#[test]
fn row_23_control_numbers_that_differ_in_padding_are_delivered() {
    let found = warns(x12().replace("IEA*1*000000001", "IEA*1*1"), &[Code::W211]);
    assert_eq!(message(&found, Code::W211), "Control numbers 000000001 and 1 differ in padding only.");
    warns(edifact().replace("UNZ+1+9", "UNZ+1+009"), &[Code::W211]);
    let lower = edifact().replace("+9'", "+a'").replacen("+a'", "+A'", 1);
    holds(lower, Code::E210);
}

#[test]
fn row_24_data_that_ends_early_is_held() {
    let text = format!("{ISA}{GROUP}");
    let found = holds(format!("{text}\n\n"), Code::E211);
    let expected = "Interchange 000000001 ends without IEA: data is incomplete.";
    assert_eq!((message(&found, Code::E211), found.complete), (expected, false));
    assert_eq!((found.end, found.end_nl), (text.len() as u64, text.len() as u64 + 1));
    let found = holds(format!("{UNB}{MESSAGE}FTX+cut of"), Code::E211);
    assert_eq!((found.end, found.sets), ((UNB.len() + MESSAGE.len() + 10) as u64, 1));
    holds(STX, Code::E211);
}

#[test]
fn row_25_a_missing_trailer_does_not_harm_the_next_interchange() {
    for (first, next, expected) in [
        (format!("{ISA}{GROUP}\n"), x12(), "Interchange 000000001 has no IEA before the next ISA."),
        (format!("{UNB}{MESSAGE}"), edifact(), "Interchange 9 has no UNZ before the next UNB."),
        (format!("{UNB}{MESSAGE}\r\n"), x12(), "Interchange 9 has no UNZ before the next ISA."),
        (STX.to_owned(), edifact(), "Interchange 7 has no END before the next UNB."),
    ] {
        let found = interchanges(format!("{first}{next}").as_bytes());
        assert_eq!(found.interchanges.len(), 2, "{first}");
        let held = &found.interchanges[0];
        assert_eq!(message(held, Code::E212), expected);
        assert_eq!(held.end_nl, first.len() as u64);
        assert_eq!(codes(&found.interchanges[1]), []);
    }
    let found = interchanges(format!("{ISA}{GROUP}{}{}", edifact(), x12()).as_bytes());
    let standards: Vec<Standard> = found.interchanges.iter().map(|i| i.standard).collect();
    assert_eq!(standards, [Standard::X12, Standard::Edifact, Standard::X12]);
}

#[test]
fn framing_is_refused_before_partners_and_partners_before_numbers() {
    let anonymous = UNB.replace("B:14", ":14");
    assert_eq!(codes(&only(format!("{anonymous}{MESSAGE}"))), [Code::E211, Code::E231]);
    assert_eq!(codes(&only(format!("{anonymous}{MESSAGE}UNZ+1+8'"))), [Code::E231, Code::E210]);
}

#[test]
fn row_26_a_trailer_without_terminator_is_read() {
    for (text, end) in [(x12(), "~"), (edifact(), "'"), (format!("{STX}MHD=1+ORDERS:9'MTR=2'END=1'"), "'")] {
        for behind in ["", "\n", "\r\n\x1A"] {
            let cut = text.trim_end_matches(end);
            let found = warns(format!("{cut}{behind}"), &[Code::W212]);
            assert_eq!(found.end, cut.len() as u64);
        }
    }
    let found = interchanges(format!("{}\n{}", x12().trim_end_matches('~'), x12()).as_bytes());
    assert_eq!(found.interchanges.len(), 2, "nor does it swallow the next interchange");
}

#[test]
fn row_27_a_wrong_interchange_count_is_delivered() {
    let found = warns(x12().replace("IEA*1", "IEA*2"), &[Code::W213]);
    assert_eq!(message(&found, Code::W213), "Trailer says 2 groups, found 1.");
    let found = warns(edifact().replace("UNZ+1", "UNZ+4"), &[Code::W213]);
    assert_eq!(message(&found, Code::W213), "Trailer says 4 messages, found 1.");
    warns(format!("{STX}MHD=1+ORDERS:9'MTR=2'END=28'"), &[Code::W213]);
}

#[test]
fn row_28_wrong_counts_within_are_delivered() {
    let found = warns(x12().replace("SE*3", "SE*9"), &[Code::W214]);
    assert_eq!(message(&found, Code::W214), "SE states 9 segments, counted 3 (set 0001).");
    warns(x12().replace("GE*1", "GE*2"), &[Code::W214]);
    warns(edifact().replace("UNT+3", "UNT+"), &[Code::W214]);
    warns(format!("{STX}MHD=1+ORDERS:9'MTR=3'END=1'"), &[Code::W214]);
    warns(format!("{STX}BAT=1'MHD=1+ORDERS:9'MTR=2'EOB=2'END=1'"), &[Code::W214]);
}

#[test]
fn row_29_wrong_numbers_within_are_delivered() {
    let found = warns(x12().replace("SE*3*0001", "SE*3*0002"), &[Code::W215]);
    assert_eq!(message(&found, Code::W215), "Group/set control numbers 0001 and 0002 differ.");
    warns(x12().replace("GE*1*7", "GE*1*8"), &[Code::W215]);
    warns(edifact().replace("UNT+3+1", "UNT+3+2"), &[Code::W215]);
}

#[test]
fn row_30_unclosed_groups_and_sets_are_delivered() {
    let found = warns(x12().replace("GE*1*7~", ""), &[Code::W216]);
    assert_eq!((message(&found, Code::W216), found.groups), ("Group 7 is not closed.", 1));
    warns(x12().replace("SE*3*0001~", ""), &[Code::W216]);
    warns(x12().replace("GS*PO*A*B*20260101*1200*7*X*004010~", ""), &[Code::W216, Code::W216, Code::W217, Code::W213]);
    let found = warns(edifact().replace("UNT+3+1'", ""), &[Code::W216]);
    assert_eq!(message(&found, Code::W216), "Set 1 is not closed.");
}

#[test]
fn row_31_an_interchange_without_group_is_delivered() {
    let found = warns(format!("{ISA}IEA*0*000000001~"), &[Code::W217]);
    assert_eq!(message(&found, Code::W217), "Interchange holds no group.");
}

#[test]
fn row_32_an_interchange_of_ta1_only_is_delivered() {
    for count in [0, 1] {
        let text = format!("{ISA}TA1*000000009*260101*1200*A*000~IEA*{count}*000000001~");
        assert_eq!(warns(text, &[]).ta1, 1);
    }
}

#[test]
fn row_33_binary_data_may_hold_any_delimiter() {
    let data = "IEA*1*000000001~'ISA*";
    let x12 = x12().replace("BEG*00~", &format!("BIN*{}*{data}~", data.len()));
    assert_eq!(warns(&x12, &[]).end, x12.len() as u64);
    let bds = x12.replace("BIN*", "BDS*ASC*");
    assert_eq!(warns(&bds, &[]).end, bds.len() as u64);
    let object = "'UNZ+1+9'?'UNB+";
    let objects = format!("UNO+1+A+B+{}:1'{object}UNP+{}+1'", object.len(), object.len());
    let text = edifact().replace("BGM+220'", &objects).replace("UNT+3", "UNT+4");
    assert_eq!(warns(&text, &[]).end, text.len() as u64);
}

#[test]
fn row_34_a_wrong_binary_length_is_passed_over() {
    for length in ["abc", "2", "900000", "", "99999999999999999999"] {
        let found = warns(x12().replace("BEG*00", &format!("BIN*{length}*DATA")), &[Code::W218]);
        assert!(message(&found, Code::W218).starts_with(&format!("Length of binary segment is {length};")));
    }
    let objects = "UNO+1+A+B+3:1'xxUNP+2+1'";
    let text = edifact().replace("BGM+220'", objects).replace("UNT+3", "UNT+4");
    assert!(codes(&warns_some(&text)).contains(&Code::W218));
    let many = x12().replace("BEG*00~", &"BIN*5*ab~".repeat(100)).replace("SE*3", "SE*102");
    assert_eq!(only(&many).warnings.len(), 100, "lengths wrong again and again are no longer believed");
}

fn warns_some(text: &str) -> Interchange {
    let found = only(text);
    assert_eq!((found.refusal.as_ref(), found.complete), (None, true));
    found
}

#[test]
fn row_35_requested_services_are_told() {
    for service in ["ISB*1~", "ISE*260101*1200*UT~", "TA3*A~"] {
        warns(format!("{ISA}{service}{GROUP}{IEA}"), &[Code::W219]);
    }
    warns(format!("{ISA}TA3~{GROUP}{IEA}").replace('~', "\r\n"), &[Code::W219]);
}

#[test]
fn row_36_x12_without_isa_is_held() {
    let found = holds(format!("{GROUP}{IEA}"), Code::E220);
    assert_eq!(message(&found, Code::E220), "Data starts with GS; interchange header ISA is missing.");
    assert_eq!((found.kind, found.standard), (Kind::Fragment, Standard::X12));
    assert_eq!(holds(format!("\r\n{GROUP}{IEA}"), Code::E220).refusal.map(|finding| finding.at), Some(2));
    holds("ST*850*0001~SE*2*0001~", Code::E220);
    let found = interchanges(format!("{GROUP}{IEA}{}", x12()).as_bytes());
    assert_eq!(found.interchanges.len(), 2, "what follows is not harmed");
    for text in ["GS AB CD is a sentence", "ST:850:1", "ST 850 1"] {
        assert_eq!(only(text).standard, Standard::Txt, "{text}");
    }
}

#[test]
fn row_37_edifact_without_unb_is_held() {
    let found = holds(format!("{MESSAGE}{UNZ}"), Code::E221);
    assert_eq!(message(&found, Code::E221), "Data starts with UNH; interchange header UNB is missing.");
    holds(format!("UNA:+.? '\r\n{MESSAGE}"), Code::E221);
    holds("UNG+ORDERS+A+B'UNE+0+1'", Code::E221);
    holds("MHD=1+ORDERS:9'MTR=2'END=1'", Code::E221);
    assert_eq!(only("UNBOUND: a word").standard, Standard::Txt);
}

#[test]
fn row_38_una_without_unb_is_held() {
    let found = holds("UNA|-,!_#'\n", Code::E222);
    assert_eq!((message(&found, Code::E222), found.kind), ("UNA is not followed by UNB.", Kind::Fragment));
    holds("UNA:+.? 'BGM+220'", Code::E222);
    holds("UNA:+", Code::E222);
    for text in ["UNANIMOUS: a word", "UNA       blanks"] {
        assert_eq!(only(text).standard, Standard::Txt, "{text}");
    }
}

#[test]
fn row_39_una_that_does_not_fit_is_overruled_by_the_defaults() {
    let found = warns(format!("UNA;*.! ~{}", edifact()), &[Code::W223]);
    assert_eq!((found.delimiters.element.to_string(), found.una.as_str()), ("+".to_owned(), "UNA;*.! ~"));
    holds(format!("UNA;*.! ~{}", edifact().replace('+', "/")), Code::E222);
}

#[test]
fn without_una_the_separators_are_seen_in_unb() {
    let level_b = edifact().replace('+', "\x1D").replace(':', "\x1F").replace('\'', "\x1C").replace("220", "22?");
    assert_eq!(warns(level_b, &[]).sets, 1);
    assert_eq!(warns(edifact().replace('+', "*").replace('\'', "~"), &[]).sets, 1);
}

#[test]
fn row_40_line_ends_may_be_the_terminator() {
    for (line_end, shown) in [("\n", "LF"), ("\r\n", "CR LF")] {
        let found = warns(edifact().replace('\'', line_end), &[Code::W224]);
        assert_eq!((found.delimiters.terminator.to_string().as_str(), found.sets), (shown, 1));
    }
}

#[test]
fn row_41_a_released_terminator_is_data() {
    let found = warns(edifact().replace("BGM+220", "FTX+it?'s ??'BGM+220").replace("UNT+3", "UNT+4"), &[]);
    assert_eq!(found.segments, 6);
    warns(format!("{STX}MHD=1+ORDERS:9'X=a?'UNB+b'MTR=3'END=1'"), &[]);
}

#[test]
fn row_42_uib_without_recipient_is_held() {
    let found = holds("UIB+UNOA:4+7'UIH+SKDUPD:D:04A+1'UIT+1+2'UIZ+7+1'", Code::E230);
    assert_eq!((message(&found, Code::E230), found.complete), ("UIB names no recipient.", true));
    let found = warns("UIB+UNOA:4+7++++A:1+B:1+260101:1200'UIH+SKDUPD:D:04A+1'UIT+1+2'UIZ+7+1'", &[]);
    assert_eq!(
        (found.sender.id.as_str(), found.receiver.id.as_str(), found.document_type.as_str()),
        ("A", "B", "SKDUPD")
    );
    let text = "UIB+UNOA:4+7++++A:1+B:1+260101:1200'UIH+SKDUPD:D:04A+1'UNZ+1+7'UIT+1+3'UIZ+7+1'";
    assert_eq!(warns(text, &[]).end, text.len() as u64, "UNZ ends no interactive interchange");
}

#[test]
fn row_43_an_empty_receiver_is_held() {
    let found = holds(x12().replace("RECEIVER", "        "), Code::E231);
    assert_eq!(message(&found, Code::E231), "Receiver id is empty.");
    holds(edifact().replace("B:14", ":14"), Code::E231);
    let text = format!("{STX}MHD=1+ORDERS:9'MTR=2'END=1'").replace("5010000000000", "");
    holds(text, Code::E231);
}

#[test]
fn row_48_sender_and_receiver_may_be_the_same() {
    let found = warns(x12().replace("RECEIVER", "sender  "), &[Code::W236]);
    assert_eq!(message(&found, Code::W236), "Sender and receiver are the same id.");
    warns(edifact().replace("B:14", "A:14"), &[Code::W236]);
    warns(edifact().replace("B:14", "A:14:DEPT"), &[]);
}

#[test]
fn row_54_an_impossible_date_is_delivered() {
    for date in ["000000", "991399", "      "] {
        let found = warns(x12().replace("260101*1200*U", &format!("{date}*1200*U")), &[Code::W250]);
        assert_eq!(message(&found, Code::W250), format!("Interchange date '{}' is not a date.", date.trim()));
    }
    warns(edifact().replace("260101:1200", "20260101:1200"), &[]);
    warns(edifact().replace("260101:1200", "20261301:1200"), &[Code::W250]);
}

#[test]
fn row_55_bytes_beyond_ascii_pass() {
    let mut bytes = edifact().replace("BGM+220", "FTX+#").into_bytes();
    bytes.iter_mut().filter(|b| **b == b'#').for_each(|b| *b = 0xE6);
    warns(&bytes, &[]);
    let found = warns(edifact().replace("A:14", "K\u{F8}benhavn:14"), &[]);
    assert_eq!(found.sender.id, "København");
}

/// A VDA 4905 transmission: `width` is the length of the 512 record.
fn vda(width: usize, line_end: &str, counts: &str) -> String {
    let records = [
        "51102CUSTOMER SUPPLIER 0000100002260101".to_owned(),
        format!("{:<width$}", "51201"),
        format!("51902{counts}"),
    ];
    let pad = |record: &String| if record.len() > 100 { record.clone() } else { format!("{record:<128}") };
    records.iter().map(|record| pad(record) + line_end).collect()
}

const COUNTS: &str = concat!("0000001", "0000001", "0000000", "0000000", "0000000", "0000000", "0000001", "0000000");

#[test]
fn row_56_a_vda_record_of_odd_length_is_delivered() {
    let found = warns(vda(128, "\r\n", COUNTS), &[]);
    assert_eq!((found.sender.id.as_str(), found.receiver.id.as_str()), ("CUSTOMER", "SUPPLIER"));
    assert_eq!((found.control_number.as_str(), found.date.as_str(), found.sets), ("00002", "260101", 1));
    assert_eq!((found.end, found.end_nl), (388, 390));
    for width in [127, 129, 2046, 2047, 2048, 5000] {
        let found = warns(vda(width, "\r\n", COUNTS), &[Code::W260]);
        assert_eq!(message(&found, Code::W260), format!("Record 2 (512) is {width} bytes long."));
    }
    let blank = vda(128, "\n", COUNTS).replace("\n512", &format!("\n{:2047}\r\n512", ""));
    assert_eq!(warns(blank, &[]).segments, 3);
    let text = vda(128, "\n", COUNTS).trim_end_matches('\n').to_owned() + "XX";
    let found = warns(&text, &[Code::W260]);
    assert_eq!(message(&found, Code::W260), "Record 3 (519) is 130 bytes long.");
    assert_eq!(found.end, text.len() as u64);
}

#[test]
fn row_57_a_lost_vda_grid_is_held() {
    let whole = vda(128, "", COUNTS).repeat(2);
    let found = interchanges(whole.as_bytes());
    assert_eq!((found.interchanges.len(), found.interchanges[1].end), (2, 768));
    let full = vda(128, "", &format!("{COUNTS}{:X<67}", ""));
    let found = interchanges(format!("{full}\r\n{full}\n").as_bytes());
    let ends: Vec<u64> = found.interchanges.iter().map(|i| i.end_nl).collect();
    assert_eq!((&*ends, &*found.filler), (&[386, 771][..], &[][..]), "the line end behind the trailer goes with it");
    let found = interchanges(format!("{full}\r\njunk").as_bytes());
    let junk = found.filler[0].finding.as_ref().map(|finding| finding.message.as_str());
    assert_eq!(junk, Some("4 bytes at offset 386 belong to no interchange."));
    for width in [127, 129] {
        let text = vda(width, "", COUNTS);
        let found = holds(&text, Code::E260);
        assert_eq!(message(&found, Code::E260), "VDA data is not a multiple of 128 bytes.");
        assert_eq!(found.end, text.trim_end().len() as u64);
    }
}

#[test]
fn row_58_a_missing_vda_trailer_is_held_and_wrong_counts_are_not() {
    let text = vda(128, "\n", COUNTS);
    let found = holds(&text[..258], Code::E261);
    assert_eq!(message(&found, Code::E261), "Trailer 519 missing.");
    let found = interchanges(format!("{}{text}", &text[..258]).as_bytes());
    assert_eq!((found.interchanges.len(), codes(&found.interchanges[0])), (2, vec![Code::E261]));
    let found = warns(vda(128, "\n", &COUNTS.replacen("0000001", "0000004", 1)), &[Code::W261]);
    assert_eq!(message(&found, Code::W261), "Trailer counts 0000004 records 511, found 1.");
}

#[test]
fn row_59_a_gap_in_vda_transmission_numbers_is_told() {
    let first = vda(128, "\n", COUNTS);
    let follows = first.replace("0000100002", "0000200003");
    let found = interchanges(format!("{first}{follows}{first}").as_bytes());
    assert_eq!(codes(&found.interchanges[1]), []);
    let gap = &found.interchanges[2];
    assert_eq!(message(gap, Code::W262), "Transmission number 00001 does not follow 00003.");
}

#[test]
fn tradacoms_parties_have_a_code_and_a_name() {
    let found = only(format!("{STX}END=0'"));
    assert_eq!((found.sender.raw.as_str(), found.sender.sub_id.as_str()), ("5000000000000", "A"));
    assert_eq!((found.receiver.id.as_str(), found.receiver.sub_id.as_str()), ("5010000000000", "B"));
}

#[derive(Default)]
struct Sets(Vec<edi::Set>);

impl Sink for Sets {
    fn set(&mut self, set: &edi::Set) {
        self.0.push(set.clone());
    }
}

#[test]
fn each_set_is_told_with_its_place() {
    let text = format!("{ISA}{GROUP}ST*850*0002~{IEA}");
    let mut found = Sets::default();
    edi::read(text.as_bytes(), &mut found);
    let sets: Vec<_> = found.0.iter().map(|set| (set.start, set.end, set.segments, set.grouped, set.closed)).collect();
    let (start, group) = (ISA.len() as u64, GROUP.len() as u64);
    assert_eq!(
        sets,
        [(start + 35, start + group - 7, 3, true, true), (start + group, start + group + 12, 1, false, false)]
    );
}

#[test]
fn row_60_tradacoms_messages_out_of_order_are_delivered() {
    let found = warns(format!("{STX}MHD=1+ORDERS:9'MTR=2'MHD=4+ORDERS:9'MTR=2'END=2'"), &[Code::W263]);
    assert!(message(&found, Code::W263).starts_with("Message numbers in MHD are not consecutive"));
    warns(format!("{STX}MHD=1+ORDERS:9'MHD=2+ORDERS:9'MTR=2'END=2'"), &[Code::W263]);
}

#[test]
fn row_61_an_sbdh_without_one_receiver_is_held() {
    let xml = |receivers: usize| {
        let receiver = "<Receiver><Identifier Authority='GS1'>2</Identifier></Receiver>".repeat(receivers);
        format!("<StandardBusinessDocumentHeader>{receiver}</StandardBusinessDocumentHeader>")
    };
    for n in [0, 2] {
        assert_eq!(message(&holds(xml(n), Code::E270), Code::E270), format!("SBDH names {n} receivers."));
    }
    assert_eq!(only(xml(1)).receiver.qualifier, "GS1");
}

#[test]
fn row_62_xml_that_is_not_well_formed_is_told() {
    let found = only("<cXML payloadID='1'><Header></cXML>");
    assert_eq!((found.standard, found.refusal.is_none()), (Standard::Xml, true));
    assert_eq!(message(&found, Code::W271), "XML cannot be read: end tag cXML closes no open element.");
    let dtd = "<!DOCTYPE cXML SYSTEM 'http://example.com/cXML.dtd' [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><cXML payloadID='&x;'/>";
    let found = only(dtd);
    assert_eq!((found.control_number.as_str(), codes(&found)), ("&x;", vec![]));
}

#[test]
fn row_63_documents_are_one_item_without_receiver() {
    for standard in [Standard::Pdf, Standard::Txt, Standard::Binary] {
        let bytes = parcel(&Plan::new(standard), 1);
        let found = only(&bytes);
        assert_eq!((found.standard, found.kind, found.receiver.id.as_str()), (standard, Kind::Document, ""));
    }
}

#[test]
fn row_65_a_segment_of_megabytes_is_not_kept() {
    let mut reader = edi::Reader::new(edi::Limits::default());
    let mut found = Document::default();
    let mut kept = 0;
    for chunk in [ISA.as_bytes(), b"GS*PO*"].into_iter().chain(std::iter::repeat_n(&[b'x'; 65_536][..], 100)) {
        assert_eq!(reader.push(chunk, &mut found), edi::Step::More);
        kept = kept.max(reader.kept());
    }
    assert!(matches!(reader.finish(&mut found), edi::Finish::Done(_)));
    assert_eq!(codes(&found.interchanges[0]), [Code::E211]);
    assert_eq!(found.interchanges[0].end, 112 + 6_553_600);
    assert!(kept < 26_000, "{kept} bytes kept");
}

#[derive(Default)]
struct Acks(Vec<Acknowledgement>);

impl Sink for Acks {
    fn acknowledgement(&mut self, acknowledgement: &Acknowledgement) {
        self.0.push(acknowledgement.clone());
    }
}

fn acks(text: &str) -> Vec<Acknowledgement> {
    let mut found = Acks::default();
    edi::read(text.as_bytes(), &mut found);
    found.0
}

#[test]
fn rows_66_to_68_the_pointers_of_acknowledgements_are_told() {
    let segments = "AK1*PO*7*004010~AK2*850*0001~AK5*R*5*6~AK9*P*2*2*1*3~";
    let group = format!(
        "TA1*000000005*260101*1200*R*024~GS*FA*A*B*20260101*1200*8*X*004010~ST*997*0001~{segments}SE*6*0001~GE*1*8~"
    );
    let found = acks(&format!("{ISA}{group}{IEA}"));
    let kinds: Vec<AckKind> = found.iter().map(|ack| ack.kind).collect();
    assert_eq!(kinds, [AckKind::Ta1, AckKind::Ak1, AckKind::Ak2, AckKind::Ak5, AckKind::Ak9]);
    assert_eq!(
        (found[0].reference.as_str(), found[0].action.as_str(), found[0].errors[0].as_str()),
        ("000000005", "R", "024")
    );
    assert_eq!(
        (found[1].identifier.as_str(), found[1].reference.as_str(), found[1].version.as_str()),
        ("PO", "7", "004010")
    );
    assert_eq!((found[2].identifier.as_str(), found[2].reference.as_str()), ("850", "0001"));
    assert_eq!((found[3].action.as_str(), &*found[3].errors), ("R", &["5".to_owned(), "6".to_owned()][..]));
    assert_eq!((found[4].action.as_str(), found[4].counts), ("P", [Some(2), Some(2), Some(1)]));
    let contrl = "UNH+1+CONTRL:4:1:UN'UCI+REF1+A:14+B:ZZ:DEPT+4+23'UCM+1+ORDERS:D:96A:UN+4'UNT+4+1'";
    let found = acks(&format!("{UNB}{contrl}{UNZ}"));
    assert_eq!(
        (found[0].reference.as_str(), found[0].action.as_str(), found[0].errors[0].as_str()),
        ("REF1", "4", "23")
    );
    assert_eq!((found[0].sender.id.as_str(), found[0].receiver.id.as_str()), ("A", "B"));
    assert_eq!((found[0].sender.qualifier.as_str(), found[0].receiver.internal_id.as_str()), ("14", "DEPT"));
    assert_eq!((found[1].reference.as_str(), found[1].identifier.as_str()), ("1", "ORDERS"));
    assert!(acks(&edifact().replace("BGM+220", "UCI+X+A+B+4")).is_empty(), "only within CONTRL");
}

#[test]
fn acknowledgements_are_named_by_their_tags() {
    use AckKind::{Ak1, Ak2, Ak5, Ak9, Ik5, Ta1, Ucf, Uci, Ucm};
    let named = [Ta1, Ak1, Ak2, Ak5, Ik5, Ak9, Uci, Ucf, Ucm].map(AckKind::as_str);
    assert_eq!(named, ["TA1", "AK1", "AK2", "AK5", "IK5", "AK9", "UCI", "UCF", "UCM"]);
}

#[test]
fn passwords_are_told_nowhere() {
    let text = x12().replace("*00*          *ZZ", "*01*SECRET    *ZZ");
    let unb = edifact().replace("1200+9'", "1200+9+SECRET:AA+ORDERS'");
    let stx = format!("{STX}MHD=1+ORDERS:9'MTR=2'END=1'").replace("+7++", "+7+SECRET+");
    for text in [text, unb, stx] {
        let found = interchanges(text.as_bytes());
        assert_eq!(codes(&found.interchanges[0]), []);
        assert!(!format!("{found:?}").contains("SECRET"), "{text}");
    }
}

#[test]
fn findings_are_kept_up_to_the_limit_and_counted_beyond() {
    let sets = "ST*850*0001~SE*9*0001~".repeat(150);
    let text = format!("{ISA}GS*PO*A*B*20260101*1200*7*X*004010~{sets}GE*150*7~{IEA}");
    let found = only(&text);
    assert_eq!((found.warnings.len(), found.more_warnings), (100, 50));
}
