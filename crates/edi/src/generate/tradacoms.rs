//! TRADACOMS order files.

use super::{Chance, Plan, date, words};
use crate::finding::Code;

pub(super) const FAULTS: &[Code] = &[
    Code::W101,
    Code::W102,
    Code::W103,
    Code::E104,
    Code::W202,
    Code::E211,
    Code::E212,
    Code::W212,
    Code::W213,
    Code::W214,
    Code::E221,
    Code::E231,
    Code::W236,
    Code::W250,
    Code::W263,
];

pub(super) fn write(out: &mut Vec<u8>, plan: &Plan<'_>, fault: Option<Code>, n: usize, chance: &mut Chance) {
    let is = |code: Code| fault == Some(code);
    let invented = (format!("5000000{}", chance.digits(6)), format!("5010000{}", chance.digits(6)));
    let (sender, receiver) = plan.addressed.map_or((&*invented.0, &*invented.1), |to| (to.sender.1, to.receiver.1));
    let receiver = match fault {
        Some(Code::E231) => "",
        Some(Code::W236) => sender,
        _ => receiver,
    };
    let date = if is(Code::W250) { "990231".to_owned() } else { date(chance) };
    let mut segments = Vec::new();
    if !is(Code::E221) {
        segments.push(format!(
            "STX=ANA:1+{sender}:SOME STORES LTD+{receiver}:SUPPLIER+{date}:120000+{:06}++ORDHDR+B",
            n + 1
        ));
    }
    let kinds = std::iter::once("ORDHDR").chain(std::iter::repeat_n("ORDERS", plan.sets.max(1))).chain(["ORDTLR"]);
    let mut messages = 0;
    for kind in kinds {
        messages += 1;
        let from = segments.len();
        let shown = messages + usize::from(is(Code::W263) && messages == 2);
        segments.push(format!("MHD={shown}+{kind}:9"));
        for line in 1..=plan.lines {
            segments.push(format!("OLD={line}+{}+++12+60++++{}?'S", chance.digits(13), words(chance, 2)));
        }
        let count = segments.len() - from + 1 + usize::from(is(Code::W214) && messages == 1);
        segments.push(format!("MTR={count}"));
    }
    if !is(Code::E211) && !is(Code::E212) {
        segments.push(format!("END={}", messages + usize::from(is(Code::W213))));
    }
    let line_end = if plan.line_ends { "\r\n" } else { "" };
    let mut text = segments.join(&format!("'{line_end}"));
    if !is(Code::W212) {
        text.push('\'');
        text.push_str(line_end);
    }
    if is(Code::W202) {
        let lines: Vec<String> = text.as_bytes().chunks(40).map(|line| String::from_utf8_lossy(line).into()).collect();
        text = lines.join("\n");
    }
    out.extend(text.bytes());
    if is(Code::E212) {
        write(out, plan, None, n + 1, chance);
    }
}
