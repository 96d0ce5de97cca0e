//! EDIFACT D.96A orders.

use super::{Addressed, Chance, Plan, date, words};
use crate::finding::Code;

pub(super) const FAULTS: &[Code] = &[
    Code::W101,
    Code::W102,
    Code::W103,
    Code::E104,
    Code::W202,
    Code::E210,
    Code::W211,
    Code::E211,
    Code::E212,
    Code::W212,
    Code::W213,
    Code::W214,
    Code::W215,
    Code::W216,
    Code::W218,
    Code::E221,
    Code::E222,
    Code::W223,
    Code::W224,
    Code::E230,
    Code::E231,
    Code::W236,
    Code::W250,
];

/// Component, element, release, repetition, terminator.
type Delimiters = [char; 5];

const LEVEL_A: Delimiters = [':', '+', '?', ' ', '\''];

pub(super) fn write(out: &mut Vec<u8>, plan: &Plan<'_>, fault: Option<Code>, n: usize, chance: &mut Chance) {
    let is = |code: Code| fault == Some(code);
    let usual = plan.usual_delimiters || fault.is_some();
    let d: Delimiters =
        if usual { LEVEL_A } else { chance.pick(&[LEVEL_A, ['>', '*', '\\', ' ', '~'], ['=', ';', '!', '^', '#']]) };
    let syntax = if d[3] == ' ' { '3' } else { '4' };
    let una = d != LEVEL_A || chance.below(2) == 1 || is(Code::W223) || is(Code::E222);
    let una = una && !is(Code::E230) && !is(Code::E221) && !is(Code::W224);
    let number = 1 + n as u64 + chance.below(1000);
    let mut segments = Vec::new();
    if !is(Code::E221) && !is(Code::E222) {
        segments.push(header(plan, fault, syntax, number, chance));
    }
    let grouped = (chance.below(4) == 0 || is(Code::W216)) && !is(Code::E230) && !is(Code::E222);
    if grouped {
        segments.push(format!("UNG+ORDERS+APPS+APPR+260101:1200+{number}+UN+D:96A"));
    }
    for message in 1..=plan.sets.max(1) {
        order(&mut segments, plan, fault, message, chance);
    }
    if is(Code::E222) {
        // UNH behind UNA would be E221.
        segments.remove(0);
    }
    if grouped && !is(Code::W216) {
        segments.push(format!("UNE+{}+{number}", plan.sets.max(1)));
    }
    let count = if grouped { 1 } else { plan.sets.max(1) } + usize::from(is(Code::W213));
    let control = match fault {
        Some(Code::E210) => format!("{:09}", number + 1),
        Some(Code::W211) => number.to_string(),
        _ => format!("{number:09}"),
    };
    match fault {
        Some(Code::E211 | Code::E212) => {}
        Some(Code::E230) => segments.push(format!("UIZ+{control}+{count}")),
        _ => segments.push(format!("UNZ+{count}+{control}")),
    }
    let mut text = String::new();
    if una {
        let shown = if is(Code::W223) { [';', '*', '!', ' ', '#'] } else { d };
        text = format!("UNA{}{}.{}{}{}", shown[0], shown[1], shown[2], shown[3], shown[4]);
    }
    let terminator = if is(Code::W224) { '\n' } else { d[4] };
    let last = segments.len();
    for (i, segment) in segments.iter().enumerate() {
        text.extend(segment.chars().map(|c| LEVEL_A.iter().position(|&a| a == c && c != ' ').map_or(c, |at| d[at])));
        if !(is(Code::W212) && i + 1 == last) {
            text.push(terminator);
            text.push_str(if plan.line_ends && terminator != '\n' && !segment.starts_with("UNO") {
                "\r\n"
            } else {
                ""
            });
        }
        if segment.starts_with("UNO") {
            text.push_str("'?+:~#\0'");
        }
    }
    if is(Code::W202) {
        let lines: Vec<String> = text.as_bytes().chunks(80).map(|line| String::from_utf8_lossy(line).into()).collect();
        text = lines.join("\n");
    }
    out.extend(text.bytes());
    if is(Code::E212) {
        write(out, plan, None, n + 1, chance);
    }
}

fn header(plan: &Plan<'_>, fault: Option<Code>, syntax: char, number: u64, chance: &mut Chance) -> String {
    let invented = (format!("5412345{}", chance.digits(6)), format!("8798765{}", chance.digits(6)));
    let to =
        plan.addressed.unwrap_or(Addressed { sender: ("14", &invented.0), receiver: ("14", &invented.1), test: false });
    let party = |(qualifier, id): (&str, &str)| match qualifier {
        "" => id.to_owned(),
        _ => format!("{id}:{qualifier}"),
    };
    let sender = party(to.sender);
    let receiver = match fault {
        Some(Code::E231) => String::new(),
        Some(Code::W236) => sender.clone(),
        _ => party(to.receiver),
    };
    let test = if to.test { "++++1" } else { "" };
    let date = if fault == Some(Code::W250) { "999999".to_owned() } else { date(chance) };
    if fault == Some(Code::E230) {
        return format!("UIB+UNOA:{syntax}+{number:09}");
    }
    format!("UNB+UNOC:{syntax}+{sender}+{receiver}+{date}:1200+{number:09}++ORDERS{test}")
}

fn order(segments: &mut Vec<String>, plan: &Plan<'_>, fault: Option<Code>, n: usize, chance: &mut Chance) {
    let is = |code: Code| fault == Some(code) && n == 1;
    let interactive = fault == Some(Code::E230);
    let from = segments.len();
    segments.push(if interactive {
        format!("UIH+SKDUPD:D:04A+{n}")
    } else {
        format!("UNH+{n}+ORDERS:D:96A:UN:EAN008")
    });
    segments.push(format!("BGM+220+PO{}+9", chance.digits(10)));
    segments.push(format!(
        "NAD+BY+54123{}::9++ACME STORE ?+ SONS?'+{} COMMERCE ST",
        chance.digits(8),
        chance.below(999)
    ));
    for line in 1..=plan.lines {
        segments.push(format!("LIN+{line}++{}:EN", chance.digits(13)));
        segments.push(format!("IMD+F++:::{}??", words(chance, 4)));
        segments.push(format!("QTY+21:{}:PCE", 1 + chance.below(500)));
    }
    if is(Code::W218) || (fault.is_none() && !plan.usual_delimiters && chance.below(8) == 0) {
        let length = if is(Code::W218) { 5 } else { 8 };
        segments.push(format!("UNO+1+AID:1+OBJ:BIN+{length}:1"));
        segments.push(format!("UNP+{length}+1"));
    }
    let count = segments.len() - from + 1 + usize::from(is(Code::W214));
    let control = n + usize::from(is(Code::W215));
    segments.push(if interactive { format!("UIT+{control}+{count}") } else { format!("UNT+{count}+{control}") });
}
