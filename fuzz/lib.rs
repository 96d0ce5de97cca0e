//! What every fuzz target asserts.

use edi::{
    Acknowledgement, Filler, Finding, Finish, Group, Interchange, Limits, Reader, Set, Sink, Standard, Step, Summary,
};

/// The most a reader may keep of its input.
pub const KEPT: usize = 26 * 1024;

/// Everything told, for comparison.
#[derive(Default, Debug, PartialEq, Eq)]
pub struct Log {
    pub interchanges: Vec<Interchange>,
    pub filler: Vec<Filler>,
    pub groups: Vec<Group>,
    pub sets: Vec<Set>,
    pub acknowledgements: Vec<Acknowledgement>,
    pub findings: Vec<Finding>,
    pub summary: Summary,
}

impl Sink for Log {
    fn filler(&mut self, filler: &Filler) {
        self.filler.push(filler.clone());
    }
    fn group(&mut self, group: &Group) {
        self.groups.push(group.clone());
    }
    fn set(&mut self, set: &Set) {
        self.sets.push(set.clone());
    }
    fn acknowledgement(&mut self, acknowledgement: &Acknowledgement) {
        self.acknowledgements.push(acknowledgement.clone());
    }
    fn finding(&mut self, finding: &Finding) {
        self.findings.push(finding.clone());
    }
    fn end(&mut self, interchange: Interchange) {
        self.interchanges.push(interchange);
    }
}

/// Reads a slice; filler and interchanges must cover it, and what is refused or complete must be told consistently.
pub fn whole(bytes: &[u8]) -> Log {
    let mut log = Log::default();
    log.summary = edi::read(bytes, &mut log);
    let mut parts: Vec<(u64, u64)> = log.filler.iter().map(|f| (f.start, f.end)).collect();
    for i in &log.interchanges {
        assert!(i.start < i.end && i.end <= i.end_nl && i.end_nl - i.end <= 2, "{i:?}");
        assert!(i.complete || i.refusal.is_some(), "neither complete nor refused: {i:?}");
        assert!(i.warnings.len() <= Limits::default().warnings);
        parts.push((i.start, i.end_nl));
    }
    parts.sort_unstable();
    let mut at = 0;
    for (start, end) in parts {
        assert_eq!(start, at, "a gap or an overlap");
        assert!(end > start);
        at = end;
    }
    assert_eq!(at, bytes.len() as u64);
    assert_eq!(log.summary.rejection.is_some(), log.interchanges.is_empty());
    log
}

/// Bytes on which a parcel is judged before anything is told of it: a shorter one is read in one piece, however it comes.
const JUDGED: usize = 22 * 1024;

/// Puts something of the standard that is longer than what is judged before the bytes, so that these are read as they come.
pub fn behind_a_long_one(standard: Standard, bytes: &[u8]) -> Vec<u8> {
    let filling = |unit: &str| unit.repeat(JUDGED / unit.len() + 1);
    let long = match standard {
        Standard::Xml => format!("<!--{}-->", filling("x")),
        Standard::Vda => {
            let line = |text: &str| format!("{text:<128}\r\n");
            let header = line("51102CUSTOMER SUPPLIER 0000100002260101");
            format!("{header}{}{}", filling(&line("51201")), line("51902"))
        }
        _ => format!("UNB+UNOA:1+A+B+260101:1200+1'{}UNZ+0+1'", filling("FTX+AAI'")),
    };
    [long.as_bytes(), bytes].concat()
}

/// Reads in chunks of the sizes given, again and again, behind a first one that is as long as what is judged.
pub fn chunked(bytes: &[u8], sizes: &[usize]) -> Log {
    let mut log = Log::default();
    let mut reader = Reader::new(Limits::default());
    let (mut at, mut turn, mut rewinds) = (0, 0, 0);
    loop {
        let size = match sizes.get(turn % sizes.len().max(1)).copied().unwrap_or(1).max(1) {
            _ if turn == 0 && bytes.len() > JUDGED => JUDGED,
            size => size,
        };
        turn += 1;
        let end = bytes.len().min(at + size);
        let again = if at == end {
            match reader.finish(&mut log) {
                Finish::Done(summary) => {
                    log.summary = summary;
                    return log;
                }
                Finish::Rewind(offset) => offset,
            }
        } else {
            let step = reader.push(&bytes[at..end], &mut log);
            at = end;
            assert!(reader.kept() <= KEPT, "{} bytes kept", reader.kept());
            match step {
                Step::More => continue,
                Step::Rewind(offset) => offset,
            }
        };
        rewinds += 1;
        assert!(rewinds <= 17 * (log.interchanges.len() + 1), "too many rewinds");
        at = usize::try_from(again).unwrap();
    }
}

/// The input as it is, or, to get deep at once, behind a valid header and before a valid trailer of the standard.
pub fn parcel(standard: Standard, data: &[u8]) -> Vec<u8> {
    let (header, trailer): (&[u8], &[u8]) = match standard {
        Standard::X12 => (
            b"ISA*00*          *00*          *ZZ*A              *ZZ*B              *260101*1200*U*00401*000000001*0*P*>~",
            b"~IEA*1*000000001~",
        ),
        Standard::Edifact => (b"UNB+UNOA:1+A+B+260101:1200+1'", b"'UNZ+1+1'"),
        Standard::Tradacoms => (b"STX=ANA:1+1:A+2:B+260101:1200+1++ORDHDR'", b"'END=1'"),
        Standard::Vda => (
            b"51102CUSTOMER SUPPLIER 0000100002260101                                                                                         \r\n",
            b"\r\n51902\r\n",
        ),
        _ => (b"<StandardBusinessDocumentHeader>", b"</StandardBusinessDocumentHeader>"),
    };
    let Some((choice, data)) = data.split_first() else { return Vec::new() };
    // A short input must be able to make a segment longer than the reader keeps, and must not become slow by that.
    let mut long = 5;
    let data: Vec<u8> = data
        .iter()
        .flat_map(|&b| match b {
            0xFF if long > 0 => {
                long -= 1;
                std::iter::repeat_n(b'x', 700)
            }
            _ => std::iter::repeat_n(b, 1),
        })
        .collect();
    if choice % 2 == 1 { [header, &data, trailer].concat() } else { data }
}

/// The assertions for one standard: the slice is covered, and a division into two sizes tells the same.
pub fn check(standard: Standard, data: &[u8]) {
    let bytes = parcel(standard, data);
    whole(&bytes);
    let bytes = behind_a_long_one(standard, &bytes);
    let size = 1 + data.first().map_or(0, |&b| usize::from(b));
    assert_eq!(whole(&bytes), chunked(&bytes, &[size, 1]));
}
