//! X12 004010 and 005010 purchase orders.

use super::{Addressed, Chance, Plan, date, words};
use crate::finding::Code;

pub(super) const FAULTS: &[Code] = &[
    Code::W101,
    Code::W102,
    Code::W103,
    Code::E104,
    Code::W201,
    Code::E201,
    Code::W202,
    Code::E202,
    Code::W203,
    Code::W204,
    Code::E203,
    Code::W205,
    Code::W206,
    Code::W207,
    Code::W208,
    Code::E210,
    Code::W211,
    Code::E211,
    Code::E212,
    Code::W212,
    Code::W213,
    Code::W214,
    Code::W215,
    Code::W216,
    Code::W217,
    Code::W218,
    Code::W219,
    Code::E220,
    Code::E231,
    Code::W236,
    Code::W250,
];

struct Delimiters {
    element: char,
    component: &'static str,
    terminator: &'static str,
    repetition: char,
}

fn delimiters(plan: &Plan<'_>, fault: Option<Code>, chance: &mut Chance) -> Delimiters {
    let usual = plan.usual_delimiters || fault.is_some();
    let mut d = Delimiters { element: '*', component: ">", terminator: "~", repetition: '^' };
    if !usual {
        d.element = chance.pick(&['*', '|', '+', '\x1D']);
        d.component = chance.pick(&[">", ":", "\\", "\x1F"]);
        d.terminator = chance.pick(&["~", "!", "'", "\n", "\r\n", "\x15", "\x1C"]);
    }
    match fault {
        Some(Code::W204) => d.terminator = "Ö",
        Some(Code::E203) => d.component = "*",
        Some(Code::E202) => d.terminator = "",
        Some(Code::W203) => d.component = "",
        _ => {}
    }
    d
}

pub(super) fn write(out: &mut Vec<u8>, plan: &Plan<'_>, fault: Option<Code>, n: usize, chance: &mut Chance) {
    let is = |code: Code| fault == Some(code);
    let d = delimiters(plan, fault, chance);
    let number = 1 + (n as u64 + chance.below(1000)) % 999_999_999;
    let mut segments = Vec::new();
    if !is(Code::E220) {
        segments.push(isa(&d, plan, fault, number, chance));
    }
    if is(Code::W219) {
        segments.push("ISE*260101*1200*UT".to_owned());
    }
    let groups = u64::from(!is(Code::W217));
    if groups > 0 {
        group(&mut segments, plan, fault, number, chance);
    }
    let counted = if is(Code::W213) { groups + 1 } else { groups };
    let trailer = match fault {
        Some(Code::E210) => format!("{:09}", number + 1),
        Some(Code::W211) => number.to_string(),
        Some(Code::W208) => format!("{number:08}"),
        _ => format!("{number:09}"),
    };
    if !is(Code::E211) && !is(Code::E212) {
        segments.push(format!("IEA*{counted}*{trailer}"));
    }
    let line_end = if (plan.line_ends || is(Code::W203)) && !d.terminator.ends_with('\n') { "\n" } else { "" };
    let last = segments.len();
    let mut text = String::new();
    for (i, segment) in segments.iter().enumerate() {
        let element = d.element.to_string();
        text.push_str(&if i == 0 && !is(Code::E220) { segment.clone() } else { segment.replace('*', &element) });
        if !(is(Code::W212) && i + 1 == last) {
            text.push_str(if is(Code::W203) { "~" } else { d.terminator });
            text.push_str(line_end);
        }
    }
    if is(Code::W202) {
        let lines: Vec<String> = text.as_bytes().chunks(80).map(|line| String::from_utf8_lossy(line).into()).collect();
        text = lines.join("\r\n");
    }
    out.extend(text.bytes());
    if is(Code::E212) {
        write(out, plan, None, n + 1, chance);
    }
}

fn isa(d: &Delimiters, plan: &Plan<'_>, fault: Option<Code>, number: u64, chance: &mut Chance) -> String {
    let is = |code: Code| fault == Some(code);
    let modern = chance.below(2) == 1;
    let version = if is(Code::W206) {
        "04010"
    } else if modern {
        "00501"
    } else {
        "00401"
    };
    let repeats = modern != is(Code::W205);
    let repetition = if repeats && !is(Code::W206) { d.repetition } else { 'U' };
    let repetition = if is(Code::W206) { '^' } else { repetition };
    let invented = (format!("SENDER{}", chance.digits(3)), format!("RECVR{}", chance.digits(3)));
    let to =
        plan.addressed.unwrap_or(Addressed { sender: ("ZZ", &invented.0), receiver: ("ZZ", &invented.1), test: false });
    let (sender, receiver) = match fault {
        Some(Code::E231) => (to.sender, (to.receiver.0, "")),
        Some(Code::W236) => (to.sender, to.sender),
        _ => (to.sender, to.receiver),
    };
    let width = if is(Code::W201) { 13 } else { 15 };
    let date = if is(Code::W250) { "000000".to_owned() } else { date(chance) };
    let usage = match (chance.pick(&['P', 'T', 'I']), plan.addressed) {
        _ if is(Code::W207) => 'X',
        (usage, None) => usage,
        (_, Some(to)) => {
            if to.test {
                'T'
            } else {
                'P'
            }
        }
    };
    let icn = if is(Code::W208) { format!("{number:08}") } else { format!("{number:09}") };
    let mut elements = vec![
        "ISA".to_owned(),
        "00".to_owned(),
        " ".repeat(10),
        "00".to_owned(),
        " ".repeat(10),
        format!("{:<2}", sender.0),
        format!("{:<width$}", sender.1),
        format!("{:<2}", receiver.0),
        format!("{:<15}", receiver.1),
        date,
        "1200".to_owned(),
        repetition.to_string(),
        version.to_owned(),
        icn,
        "0".to_owned(),
        usage.to_string(),
        d.component.to_owned(),
    ];
    if is(Code::E201) {
        elements.drain(9..12);
    }
    elements.join(&d.element.to_string())
}

fn group(segments: &mut Vec<String>, plan: &Plan<'_>, fault: Option<Code>, number: u64, chance: &mut Chance) {
    let is = |code: Code| fault == Some(code);
    segments.push(format!("GS*PO*APPSENDER*APPRECVR*20260101*1200*{number}*X*004010"));
    for n in 1..=plan.sets.max(1) {
        let from = segments.len();
        segments.push(format!("ST*850*{n:04}"));
        segments.push(format!("BEG*00*SA*PO{}**20{}", chance.digits(10), date(chance)));
        segments.push(format!("REF*DP*{}", chance.digits(3)));
        segments.push(format!("N1*ST*ACME STORE {}*92*{}", chance.below(4000), chance.digits(4)));
        for line in 1..=plan.lines {
            let (quantity, price) = (1 + chance.below(500), chance.below(99_999));
            let (upc, item) = (chance.digits(12), chance.digits(5));
            segments.push(format!(
                "PO1*{line}*{quantity}*EA*{}.{:02}*PE*UP*{upc}*VN*V{item}",
                price / 100,
                price % 100
            ));
            segments.push(format!("PID*F****{}", words(chance, 4)));
            segments.push(format!("PO4*{}*1*EA", 6 * (1 + chance.below(4))));
            segments.push(format!("SDQ*EA*92*{}*{quantity}", chance.digits(4)));
        }
        match fault {
            Some(Code::W218) if n == 1 => segments.push("BIN*900*ABC".to_owned()),
            None if chance.below(8) == 0 && !plan.usual_delimiters => segments.push("BIN*7*~!'\u{15}~~*".to_owned()),
            _ => {}
        }
        let count = segments.len() - from + 1 + usize::from(is(Code::W214) && n == 1);
        let control = n + usize::from(is(Code::W215) && n == 1);
        segments.push(format!("SE*{count}*{control:04}"));
    }
    if !is(Code::W216) {
        segments.push(format!("GE*{}*{number}", plan.sets.max(1)));
    }
}
