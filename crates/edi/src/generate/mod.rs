//! Synthetic parcels: any standard, seeded, valid or with one fault named by the code the reader must answer with.
//!
//! Partners, numbers and goods are invented. The same plan and seed give the same bytes, on every machine.
//!
//! ```
//! use edi::generate::{Plan, parcel};
//! use edi::{Code, Standard};
//!
//! let valid = parcel(&Plan::new(Standard::Edifact), 7);
//! assert_eq!(edi::interchanges(&valid).interchanges[0].refusal, None);
//!
//! let faulty = parcel(&Plan { fault: Some(Code::E210), ..Plan::new(Standard::X12) }, 7);
//! let refusal = edi::interchanges(&faulty).interchanges[0].refusal.clone();
//! assert_eq!(refusal.map(|finding| finding.code), Some(Code::E210));
//! ```

mod edifact;
mod tradacoms;
mod vda;
mod x12;
mod xml;

use crate::finding::Code;
use crate::standard::Standard;

/// What to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan<'a> {
    /// The standard.
    pub standard: Standard,
    /// Interchanges in the parcel; XML, PDF, text and binary are always one.
    pub interchanges: usize,
    /// Sets or messages per interchange.
    pub sets: usize,
    /// Order lines per set.
    pub lines: usize,
    /// Whether a line end follows each segment or record.
    pub line_ends: bool,
    /// Use the delimiters most people use, instead of picking some.
    pub usual_delimiters: bool,
    /// Who sends to whom; invented where nothing is said. VDA and documents do not take it.
    pub addressed: Option<Addressed<'a>>,
    /// One fault, made in the first interchange: see [`faults`]. Others are ignored.
    pub fault: Option<Code>,
}

/// Sender and receiver of every interchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Addressed<'a> {
    /// Qualifier and id. The id must not hold a delimiter.
    pub sender: (&'a str, &'a str),
    /// Qualifier and id. The id must not hold a delimiter.
    pub receiver: (&'a str, &'a str),
    /// Whether it is marked as test data, where the standard can say so.
    pub test: bool,
}

impl Plan<'_> {
    /// One valid interchange of two sets of three lines.
    #[must_use]
    pub const fn new(standard: Standard) -> Self {
        Self {
            standard,
            interchanges: 1,
            sets: 2,
            lines: 3,
            line_ends: false,
            usual_delimiters: false,
            addressed: None,
            fault: None,
        }
    }
}

/// The faults that can be made in a standard.
#[must_use]
pub const fn faults(standard: Standard) -> &'static [Code] {
    match standard {
        Standard::X12 => x12::FAULTS,
        Standard::Edifact => edifact::FAULTS,
        Standard::Tradacoms => tradacoms::FAULTS,
        Standard::Vda => vda::FAULTS,
        Standard::Xml => xml::FAULTS,
        Standard::Txt => &[Code::P001, Code::P002],
        Standard::Pdf | Standard::Binary => &[],
    }
}

/// Writes a parcel.
#[must_use]
pub fn parcel(plan: &Plan<'_>, seed: u64) -> Vec<u8> {
    let mut chance = Chance(seed);
    let mut out = Vec::new();
    match plan.fault {
        Some(Code::P001) => return out,
        Some(Code::P002) => return b"\r\n \x1A\0".to_vec(),
        Some(Code::W101) => out.extend(b"\xEF\xBB\xBF"),
        Some(Code::W102) => out.extend(b"Subject: orders of today\r\n\r\n"),
        _ => {}
    }
    for n in 0..plan.interchanges.max(1) {
        let fault = plan.fault.filter(|_| n == 0);
        let write = match plan.standard {
            Standard::X12 => x12::write,
            Standard::Edifact => edifact::write,
            Standard::Tradacoms => tradacoms::write,
            Standard::Vda => vda::write,
            standard => {
                document(&mut out, standard, &mut chance, fault);
                break;
            }
        };
        write(&mut out, plan, fault, n, &mut chance);
        if fault == Some(Code::W103) {
            out.extend(b"\r\n-- end of transmission --\r\n");
        }
    }
    if plan.fault == Some(Code::E104) {
        out = out.iter().flat_map(|&b| [b, 0]).collect();
    }
    out
}

fn document(out: &mut Vec<u8>, standard: Standard, chance: &mut Chance, fault: Option<Code>) {
    match standard {
        Standard::Xml => xml::write(out, fault, chance),
        Standard::Pdf => out.extend(b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"),
        Standard::Binary => out.extend((0..256).map(|_| u8::try_from(chance.below(256)).unwrap_or(0)).chain([0])),
        _ => (0..20).for_each(|_| {
            out.extend(words(chance, 8).to_lowercase().bytes());
            out.push(b'\n');
        }),
    }
}

/// A seeded sequence (`SplitMix64`).
#[derive(Debug, Clone)]
pub struct Chance(pub u64);

impl Chance {
    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `limit`; 0 when `limit` is 0.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.number().checked_rem(limit).unwrap_or(0)
    }

    /// One of the items.
    pub fn pick<T: Copy + Default>(&mut self, items: &[T]) -> T {
        let at = usize::try_from(self.below(items.len() as u64)).unwrap_or(0);
        items.get(at).copied().unwrap_or_default()
    }

    fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0' + u8::try_from(self.below(10)).unwrap_or(0))).collect()
    }
}

const WORDS: [&str; 16] = [
    "STEEL", "BOLT", "HEX", "GALV", "WASHER", "BRACKET", "HINGE", "PANEL", "VALVE", "GASKET", "FILTER", "SEAL", "PUMP",
    "HOSE", "CLAMP", "BEARING",
];

fn words(chance: &mut Chance, count: usize) -> String {
    (0..count).map(|_| chance.pick(&WORDS)).collect::<Vec<_>>().join(" ")
}

/// YYMMDD in 2026.
fn date(chance: &mut Chance) -> String {
    format!("26{:02}{:02}", 1 + chance.below(12), 1 + chance.below(28))
}
