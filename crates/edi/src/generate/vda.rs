//! VDA 4905 delivery schedules.

use super::{Chance, Plan, date};
use crate::finding::Code;

pub(super) const FAULTS: &[Code] =
    &[Code::W103, Code::E231, Code::W250, Code::W260, Code::E260, Code::E261, Code::W261, Code::W262];

pub(super) fn write(out: &mut Vec<u8>, plan: &Plan<'_>, fault: Option<Code>, n: usize, chance: &mut Chance) {
    transmission(out, plan, fault, n + 1, n, chance);
    if fault == Some(Code::W262) {
        transmission(out, plan, None, n + 7, n + 5, chance);
    }
}

fn transmission(out: &mut Vec<u8>, plan: &Plan<'_>, fault: Option<Code>, new: usize, old: usize, chance: &mut Chance) {
    let is = |code: Code| fault == Some(code);
    let date = if is(Code::W250) { "261399".to_owned() } else { date(chance) };
    let receiver = if is(Code::E231) { "" } else { "SUPPLIER" };
    let mut records = vec![format!("51102CUSTOMER {receiver:<9}{old:05}{new:05}{date}")];
    let parts = plan.sets.max(1);
    for _ in 0..parts {
        records.push(format!("51201001260101{}", chance.digits(20)));
        records.extend((0..plan.lines).map(|_| format!("51301{}", chance.digits(60))));
    }
    let lines = parts * plan.lines;
    let stated = parts + usize::from(is(Code::W261));
    if !is(Code::E261) {
        let count = |n: usize| format!("{n:07}");
        let counts = [1, stated, lines, 0, 0, 0, 1, 0].map(count).concat();
        records.push(format!("51902{counts}"));
    }
    // Text before or behind a grid without line ends would be taken for its records.
    let line_ends = plan.line_ends || is(Code::W260) || is(Code::W103);
    for (i, record) in records.iter().enumerate() {
        let width = if is(Code::W260) && i == 1 { 129 } else { 128 };
        out.extend(format!("{record:<width$}").bytes());
        if is(Code::E260) && i == 1 {
            out.push(b' ');
        }
        if line_ends {
            out.extend(b"\r\n");
        }
    }
}
