//! The contract's tables, read.

use crate::contract::file;
use model::AuthLevel;

/// A status.
pub type Expected = u16;

/// How far from the caller a target is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distance {
    Own,
    Mailbox,
    Network,
    Other,
    Missing,
}
impl Distance {
    pub const ALL: [Self; 5] = [Self::Own, Self::Mailbox, Self::Network, Self::Other, Self::Missing];
}

/// A row of `access.csv` for one level.
#[derive(Clone, Debug)]
pub struct Row {
    /// Operation and field: `getUser.id`.
    pub row: String,
    /// The operation.
    pub operation: String,
    pub level: AuthLevel,
    /// By distance; none where it makes no sense.
    pub cells: [Option<Expected>; 5],
}

/// The lines that are no comments, header aside; each with whether a comment stands above it.
fn lines(text: &str, header: &str) -> Vec<(String, bool)> {
    let (mut rows, mut commented) = (Vec::new(), false);
    for line in text.lines().map(str::trim) {
        match line {
            "" => commented = false,
            line if line.starts_with('#') => commented = true,
            line => rows.push((line.to_owned(), commented)),
        }
    }
    assert_eq!(rows.remove(0).0, header);
    rows
}

/// `access.csv`, a row for each operation and level.
pub fn access() -> Vec<Row> {
    let mut rows = Vec::new();
    for (line, commented) in lines(&file("access.csv"), "operation,levels,self,mailbox,network,other,missing") {
        let fields: Vec<&str> = line.split(',').collect();
        let [row, levels, cells @ ..] = fields.as_slice() else { panic!("{line}") };
        let cells: Vec<Option<Expected>> =
            cells.iter().map(|cell| (*cell != "-").then(|| cell.parse().expect(&line))).collect();
        assert!(commented || cells.iter().all(Option::is_some), "no reason is given for a `-`: {line}");
        let cells: [Option<Expected>; 5] = cells.try_into().expect(&line);
        for level in levels.split('|') {
            let (row, operation) = ((*row).to_owned(), row.split('.').next().unwrap().to_owned());
            rows.push(Row { row, operation, level: level.parse().expect(&line), cells });
        }
    }
    rows
}

/// A row of `credentials.csv`.
pub struct Rule {
    operations: String,
    credentials: String,
    states: String,
    status: Expected,
}

fn holds(list: &str, word: &str) -> bool {
    list == "*" || list.split('|').any(|w| w == word)
}

/// `credentials.csv`.
pub fn credentials() -> Vec<Rule> {
    let rows = lines(&file("credentials.csv"), "operations,credentials,states,status");
    let rule = |(line, _): &(String, bool)| {
        let fields: Vec<&str> = line.split(',').collect();
        let [operations, credentials, states, status] = fields.as_slice() else { panic!("{line}") };
        let text = |text: &&str| (*text).to_owned();
        let status = status.parse().expect(line);
        Rule { operations: text(operations), credentials: text(credentials), states: text(states), status }
    };
    rows.iter().map(rule).collect()
}

/// What the last row that fits says.
pub fn expected(rules: &[Rule], operation: &str, credential: &str, state: &str) -> Expected {
    let fits = |rule: &&Rule| {
        holds(&rule.operations, operation) && holds(&rule.credentials, credential) && holds(&rule.states, state)
    };
    rules.iter().rev().find(fits).expect("no row fits").status
}

/// Every word the rules use, so that a misspelt one is noticed.
pub fn words(rules: &[Rule]) -> [Vec<&str>; 3] {
    let of = |list: fn(&Rule) -> &str| {
        rules.iter().flat_map(move |rule| list(rule).split('|')).filter(|word| *word != "*").collect()
    };
    [of(|r| &r.operations), of(|r| &r.credentials), of(|r| &r.states)]
}
