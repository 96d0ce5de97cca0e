//! `crossdock inspect`: what is in a file, by the same reader that reads uploads. In constant memory, however long the file.

use crate::{Failed, out};
use clap::Args;
use edi::{
    Filler, Finding, Interchange, Kind, Sink, Summary,
    inspect::{Inspector, Report, Tally},
};
use std::{
    fs::File,
    io::{self, IsTerminal, Seek, Write},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// What `inspect` is told.
#[derive(Args)]
pub struct Inspect {
    /// Files to read; `-` or none for standard input
    files: Vec<PathBuf>,
    /// JSON Lines: an object for each interchange, and one that says there is none
    #[arg(long)]
    json: bool,
}

/// Reads each file and says what is in it.
pub fn run(asked: &Inspect) -> Result<(), Failed> {
    let standard_input = [PathBuf::from("-")];
    let files = if asked.files.is_empty() { &standard_input[..] } else { &asked.files };
    for file in files {
        let shown = if asked.json { lines(file) } else { tree(file) };
        shown.map_err(|error| Failed(format!("{}: {error}", file.display())))?;
    }
    Ok(())
}

/// Opens a file. Standard input goes through a temporary one: a wrong length in a binary segment, and a verdict that
/// stands on the first line, ask for it to be read again.
fn open(file: &Path) -> io::Result<File> {
    if file != Path::new("-") {
        return File::open(file);
    }
    let mut spooled = tempfile::tempfile()?;
    io::copy(&mut io::stdin().lock(), &mut spooled)?;
    spooled.rewind()?;
    Ok(spooled)
}

/// Reads a file from its beginning.
fn read(input: &mut File, sink: &mut impl Sink) -> io::Result<Summary> {
    input.rewind()?;
    let mut progress = Progress::new(input.metadata()?.len());
    hub::read_envelopes(input, sink, |_, length| {
        progress.more(length);
        Ok(())
    })
}

/// How far a long file has been read, told on a terminal once a second.
struct Progress {
    read: u64,
    of: u64,
    told: Instant,
    silent: bool,
}
impl Progress {
    fn new(of: u64) -> Self {
        Self { read: 0, of, told: Instant::now(), silent: !io::stderr().is_terminal() }
    }
    fn more(&mut self, bytes: usize) {
        self.read += bytes as u64;
        if !self.silent && self.told.elapsed() > Duration::from_secs(1) {
            self.told = Instant::now();
            let percent = self.read.saturating_mul(100) / self.of.max(1);
            let _ = write!(io::stderr(), "\r{percent} % of {} MB", self.of / 1_000_000);
        }
    }
}
impl Drop for Progress {
    fn drop(&mut self) {
        if !self.silent && self.read > 0 {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

/// Tells each item when it ends, and keeps none.
struct Telling<F> {
    inspector: Inspector,
    tell: F,
}
impl<F: FnMut(Told<'_>)> Sink for Telling<F> {
    fn filler(&mut self, filler: &Filler) {
        self.inspector.tally.filler(filler);
        (self.tell)(Told::Filler(filler));
    }
    fn group(&mut self, group: &edi::Group) {
        self.inspector.group(group);
    }
    fn set(&mut self, set: &edi::Set) {
        self.inspector.set(set);
    }
    fn acknowledgement(&mut self, acknowledgement: &edi::Acknowledgement) {
        self.inspector.acknowledgement(acknowledgement);
    }
    fn end(&mut self, interchange: Interchange) {
        self.inspector.end(interchange);
        for report in self.inspector.reports.drain(..) {
            (self.tell)(Told::Item(&report));
        }
    }
}

enum Told<'a> {
    Filler(&'a Filler),
    Item(&'a Report),
}

/// JSON Lines (ruling 41). The verdict is on the whole file: it is read once for that, and once to tell.
fn lines(file: &Path) -> io::Result<()> {
    let (mut input, name) = (open(file)?, file.display().to_string());
    let mut tally = Tally::default();
    let summary = read(&mut input, &mut tally)?;
    if tally.interchanges == 0 {
        let mut found = Inspector::default();
        let summary = read(&mut input, &mut found)?;
        found.json_lines(&name, &summary).iter().for_each(out::line);
        return Ok(());
    }
    let verdict = tally.verdict(&summary).to_string();
    let tell = |told: Told<'_>| match told {
        Told::Item(report) if report.interchange.kind == Kind::Interchange => out::line(report.json(&name, &verdict)),
        _ => {}
    };
    read(&mut input, &mut Telling { inspector: Inspector::default(), tell }).map(drop)
}

/// A tree for people: each item with its warnings and what to do, then the verdict on the file.
fn tree(file: &Path) -> io::Result<()> {
    let mut input = open(file)?;
    out::line(file.display());
    let tell = |told: Told<'_>| match told {
        Told::Filler(filler) => {
            out::line(format_args!("  {}..{} {:?}", filler.start, filler.end, filler.kind));
            filler.finding.iter().for_each(finding);
        }
        Told::Item(report) => branch(report),
    };
    let mut telling = Telling { inspector: Inspector::default(), tell };
    let summary = read(&mut input, &mut telling)?;
    summary.rejection.iter().for_each(finding);
    let standard = summary.standard.map_or("no data", |standard| standard.as_str());
    let (items, verdict) = (telling.inspector.tally.items, telling.inspector.verdict(&summary));
    out::line(format_args!("  = {standard}, {} bytes, {items} found: {verdict}", summary.bytes));
    Ok(())
}

fn branch(report: &Report) {
    let i = &report.interchange;
    let what = match i.kind {
        Kind::Interchange => "interchange",
        Kind::Fragment => "fragment",
        Kind::Document => "document",
    };
    let (from, to) = (&i.sender, &i.receiver);
    out::line(format_args!("  {}..{} {} {what} {} {}", i.start, i.end, i.standard, i.version, i.control_number));
    out::line(format_args!("    {}:{} -> {}:{}  {} {}", from.qualifier, from.id, to.qualifier, to.id, i.date, i.time));
    let sets = i.set_types.join(" ");
    out::line(format_args!("    {} groups, {} sets ({sets}), {} segments", i.groups, i.sets, i.segments));
    for group in &report.groups {
        let (kind, number) = (&group.functional_id, &group.control_number);
        out::line(format_args!("    group {kind} {number} {}, {} sets", group.version, group.sets));
    }
    for ack in &report.acknowledgements {
        out::line(format_args!("    {} {} {} {}", ack.kind.as_str(), ack.identifier, ack.reference, ack.action));
    }
    i.refusal.iter().chain(&i.warnings).for_each(finding);
    if i.more_warnings > 0 {
        out::line(format_args!("    and {} more warnings", i.more_warnings));
    }
}

fn finding(finding: &Finding) {
    out::line(format_args!("    {finding}\n      {}", finding.remedy));
}
