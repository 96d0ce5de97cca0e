//! The reader tells the same things for any division of the input into chunks, and keeps a bounded amount of it.

mod support;

use proptest::prelude::*;
use support::{Log, behind_a_long_one, chunked, corpus, whole};

fn compare(name: &str, expected: &Log, found: &Log) {
    for (a, b) in expected.0.iter().zip(&found.0) {
        assert_eq!(a, b, "{name}");
    }
    assert_eq!(expected.0.len(), found.0.len(), "{name}");
}

fn same(name: &str, bytes: &[u8], size: usize) {
    compare(&format!("{name} in chunks of {size}"), &whole(bytes), &chunked(bytes, || size));
    let (behind, start) = behind_a_long_one(bytes);
    let mut first = Some(start);
    let found = chunked(&behind, || first.take().unwrap_or(size));
    compare(&format!("{name} behind another, in chunks of {size}"), &whole(&behind), &found);
}

#[test]
fn every_file_of_the_corpus_reads_the_same_in_chunks() {
    for sample in corpus() {
        let sizes: &[usize] = if sample.bytes.len() < 30_000 { &[1, 2, 3, 7, 64, 1000, 4096] } else { &[977, 65_536] };
        sizes.iter().for_each(|&size| same(&sample.path, &sample.bytes, size));
    }
}

/// Found by fuzzing.
#[test]
fn an_empty_segment_takes_the_line_end_before_it() {
    for text in ["STX=A:1+A+B+260101'\r\r'", "UNB+UNOA:1+A+B+260101:1200+1'\n'", "UNB+UNOA:1+A+B+260101:1200+1'\n'\n"] {
        let found = edi::interchanges(text.as_bytes());
        assert_eq!(found.interchanges[0].end_nl, text.len() as u64, "{text:?}");
        [1, 2, 5].iter().for_each(|&size| same(text, text.as_bytes(), size));
    }
}

/// Found by this test: a length in a segment too long to be kept was believed in a slice and not in chunks.
#[test]
fn a_binary_header_too_long_to_be_kept_is_none() {
    let long = "x".repeat(2100);
    for tail in ["", "'", "'ab'UNP+2+1'UNZ+0+1'"] {
        let text = format!("UNB+UNOA:1+A+B+260101:1200+1'UNO+1+a+b+2:1+{long}{tail}");
        [1, 5, 600].iter().for_each(|&size| same(tail, text.as_bytes(), size));
        let text = format!("UNB+UNOA:1+A+B+260101:1200+1'UNZ+0+{long}{tail}");
        [1, 5, 600].iter().for_each(|&size| same(tail, text.as_bytes(), size));
    }
}

fn same_cut_anywhere(text: &str, cuts: std::ops::Range<usize>) {
    let (behind, start) = behind_a_long_one(text.as_bytes());
    let expected = whole(&behind);
    for cut in cuts {
        let mut sizes = [start + cut].into_iter();
        let found = chunked(&behind, || sizes.next().unwrap_or(text.len()));
        compare(&format!("{:?} cut at {cut}", &text[2140..]), &expected, &found);
    }
}

#[test]
fn a_release_character_in_a_long_segment_may_end_a_chunk() {
    let long = "x".repeat(2100);
    for released in ["?'", "??", "???'", "a?+?'", "??''"] {
        let text = format!("UNB+UNOA:1+A+B+260101:1200+1'FTX+{long}{released}b'UNZ+0+1'");
        same_cut_anywhere(&text, 2130..2150);
    }
}

/// A released line feed was taken for the terminator when a chunk ended behind it.
#[test]
fn a_released_line_end_in_a_long_segment_may_end_a_chunk() {
    let long = "x".repeat(2100);
    for released in ["?\n", "??\n", "?\r\n", "??\r\n", "???\n", "\n"] {
        let text =
            format!("UNB+UNOA:1+A+B+260101:1200+1\r\nUNH+1+ORDERS:D:96A:UN\r\nFTX+{long}{released}b\r\nUNZ+0+1\r\n");
        same_cut_anywhere(&text, 2150..2180);
    }
}

#[test]
fn a_vda_line_may_be_longer_than_what_is_kept() {
    let [header, trailer] =
        ["51102CUSTOMER SUPPLIER 0000100002260101", "51902"].map(|record| format!("{record:<128}\r\n"));
    for width in (2045..2052).chain([5000, 60_000]) {
        for line in [format!("{:<width$}X\r\n", "51201"), format!("{:<width$}\r\n", "")] {
            let text = format!("{header}{line}{trailer}");
            [1, 7, 512, 5000].iter().for_each(|&size| same(&format!("a line of {width}"), text.as_bytes(), size));
        }
    }
}

#[test]
fn a_long_document_reads_the_same_in_chunks() {
    let xml = format!(
        "<?xml version='1.0'?><!-- {} --><cXML payloadID='\u{1D11E}&amp;'><Header><To><Credential domain='DUNS'>\
        <Identity>1<![CDATA[]]]]><![CDATA[>]]>&#246;\u{20AC}</Identity></Credential></To></Header><!-- - -- --->\
        <Request deploymentMode='test'><OrderRequest/></Request></cXML>",
        "x".repeat(22_000)
    );
    let wide: Vec<u8> = xml.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let marked: Vec<u8> = [0xFF, 0xFE].into_iter().chain(xml.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    for bytes in [xml.as_bytes(), &wide, &marked] {
        assert_eq!(edi::interchanges(bytes).interchanges[0].receiver.id, "1]]>ö€");
        for size in [1, 3, 7] {
            compare(&format!("XML in chunks of {size}"), &whole(bytes), &chunked(bytes, || size));
        }
    }
}

/// Each interchange was believed anew: a megabyte of wrong lengths cost hours.
#[test]
fn wrong_lengths_do_not_make_a_parcel_be_read_over_and_over() {
    let header = String::from_utf8_lossy(PIECES[0]);
    let parcel = format!("{header}{}IEA*0*000000001~", "BIN*300000*xxxxxxxxxxxxxxxx~".repeat(16)).repeat(1000);
    let (mut reader, mut found) = (edi::Reader::new(edi::Limits::default()), edi::Document::default());
    let (mut from, mut pushed) = (0, 0);
    let summary = loop {
        let rest = &parcel.as_bytes()[from..];
        let chunk = &rest[..rest.len().min(65_536)];
        pushed += chunk.len();
        from += chunk.len();
        if chunk.is_empty() {
            match reader.finish(&mut found) {
                edi::Finish::Done(summary) => break summary,
                edi::Finish::Rewind(offset) => from = offset as usize,
            }
        } else if let edi::Step::Rewind(offset) = reader.push(chunk, &mut found) {
            from = offset as usize;
        }
    };
    assert_eq!(summary.interchanges, 1000);
    assert!(pushed < 100 << 20, "{pushed} bytes were pushed for a parcel of {}", parcel.len());
    assert_eq!(found.interchanges, edi::interchanges(parcel.as_bytes()).interchanges);
}

/// Pieces that, put together at random, make every state of the reader likely.
const PIECES: [&[u8]; 46] = [
    b"ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260101*1200*U*00401*000000001*0*P*>~",
    b"ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260101*1200*^*00501*000000002*0*T*:\r\n",
    b"ISA*00**00**ZZ*A*ZZ*B*260101*1200*U*00401*1*0*P*>~",
    b"GS*PO*A*B*20260101*1200*1*X*004010~",
    b"ST*850*0001~",
    b"BIN*4*~~~~~",
    b"BIN*900*abc~",
    b"BIN*99999999*abc~",
    b"BIN*x*abc~",
    b"BDS*ASC*3*~*~~",
    b"SE*3*0001~",
    b"GE*1*1~",
    b"IEA*1*000000001~",
    b"IEA*1*000000001\n",
    b"TA1*000000001*260101*1200*A*000~",
    b"AK1*PO*1~",
    b"UNA:+.? '",
    b"UNA;*.! ~",
    b"UNB+UNOA:1+A+B+260101:1200+1'",
    b"UNB*UNOA;1*A*B*260101;1200*1~",
    b"UNB+UNOA:1+A+B+260101:1200+1\r\nUNH+1+ORDERS:D:96A:UN\r\n",
    b"UNH+1+ORDERS:D:96A:UN'",
    b"UNO+1+a+b+5:1'''?'''UNP+5+1'",
    b"UNO+1+a+b+5000:1'''?'''UNP+5+1'",
    b"FTX+AAI+++?'?''",
    b"UNT+2+1'",
    b"UNZ+1+1'",
    b"UIB+UNOA:4+9'",
    b"UIZ+9+0'",
    b"STX=ANA:1+5000000000000:A+5010000000000:B+070315:130233+7+X+ORDHDR'",
    b"MHD=1+ORDERS:9'",
    b"MTR=2'",
    b"END=1'",
    b"51102CUST     SUPPLIER 0000000001260101                                                                                         ",
    b"512",
    b"51901000000100000000000000000000000000000000000000000000100000000                                                                ",
    b"\r\n",
    b"\n",
    b"   ",
    b"\x1A\0",
    b"\xEF\xBB\xBF",
    b"?",
    b"'",
    b"~",
    b"some junk that is no EDI ",
    b"<a b='c'>&amp;</a>",
];

fn parcel() -> impl Strategy<Value = Vec<u8>> {
    let long = (0..PIECES.len(), 1500usize..5000).prop_map(|(n, repeat)| {
        let mut bytes = PIECES[n].to_vec();
        bytes.extend(std::iter::repeat_n(b'x', repeat));
        bytes
    });
    let piece = prop_oneof![20 => (0..PIECES.len()).prop_map(|n| PIECES[n].to_vec()), 1 => long];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn check(bytes: &[u8], expected: &Log, found: &Log) -> Result<(), TestCaseError> {
    for (a, b) in expected.0.iter().zip(&found.0) {
        prop_assert_eq!(a, b, "in {:?}", String::from_utf8_lossy(bytes));
    }
    prop_assert_eq!(expected.0.len(), found.0.len());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_parcel_reads_the_same_in_any_chunks(bytes in parcel(), sizes in prop::collection::vec(1usize..600, 1..8)) {
        let expected = whole(&bytes);
        let mut next = 0;
        let random = chunked(&bytes, || { next += 1; sizes[next % sizes.len()] });
        check(&bytes, &expected, &random)?;
        if bytes.len() < 4000 {
            check(&bytes, &expected, &chunked(&bytes, || 1))?;
        }
        let (behind, start) = behind_a_long_one(&bytes);
        let (mut first, mut next) = (Some(start), 0);
        let random = chunked(&behind, || first.take().unwrap_or_else(|| { next += 1; sizes[next % sizes.len()] }));
        check(&bytes, &whole(&behind), &random)?;
    }

    #[test]
    fn filler_and_interchanges_cover_any_parcel(bytes in parcel()) {
        let text = String::from_utf8_lossy(&bytes);
        let found = edi::interchanges(&bytes);
        let mut parts: Vec<(u64, u64)> = found.filler.iter().map(|f| (f.start, f.end)).collect();
        parts.extend(found.interchanges.iter().map(|i| (i.start, i.end_nl)));
        parts.sort_unstable();
        let mut at = 0;
        for (start, end) in parts {
            prop_assert_eq!(start, at, "{:?} {:?}", text, found.filler);
            prop_assert!(end > start, "{:?} {:?}", text, found.filler);
            at = end;
        }
        prop_assert_eq!(at, bytes.len() as u64);
    }
}
