//! Shows what is in a file: `cargo run -p crossdock-edi --example inspect -- [--json] [FILE …]`, or standard input without FILE.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line program")]

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::process::ExitCode;

use edi::inspect::{Inspector, Report};
use edi::{Finding, Finish, Kind, Limits, Reader, Step, Summary};

fn main() -> ExitCode {
    let mut json = false;
    let mut files = Vec::new();
    for argument in std::env::args().skip(1) {
        if argument == "--json" { json = true } else { files.push(argument) }
    }
    let mut code = ExitCode::SUCCESS;
    if files.is_empty() {
        files.push("-".to_owned());
    }
    for file in &files {
        match inspect(file) {
            Ok((found, summary)) if json => {
                found.json_lines(file, &summary).iter().for_each(|line| println!("{line}"));
            }
            Ok((found, summary)) => tree(file, &found, &summary),
            Err(error) => {
                eprintln!("{file}: {error}");
                code = ExitCode::FAILURE;
            }
        }
    }
    code
}

fn inspect(file: &str) -> io::Result<(Inspector, Summary)> {
    let mut found = Inspector::default();
    let summary = if file == "-" {
        // Standard input cannot be read again, which a wrong binary length may ask for.
        let mut bytes = Vec::new();
        io::stdin().read_to_end(&mut bytes)?;
        edi::read(&bytes, &mut found)
    } else {
        stream(&mut File::open(file)?, &mut found)?
    };
    Ok((found, summary))
}

fn stream(input: &mut (impl Read + Seek), found: &mut Inspector) -> io::Result<Summary> {
    let mut reader = Reader::new(Limits::default());
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let length = input.read(&mut buffer)?;
        let again = if length == 0 {
            match reader.finish(found) {
                Finish::Done(summary) => return Ok(summary),
                Finish::Rewind(offset) => offset,
            }
        } else {
            match reader.push(&buffer[..length], found) {
                Step::More => continue,
                Step::Rewind(offset) => offset,
            }
        };
        input.seek(SeekFrom::Start(again))?;
    }
}

fn tree(file: &str, found: &Inspector, summary: &Summary) {
    let standard = summary.standard.map_or("no data", |standard| standard.as_str());
    println!("{file}: {standard}, {} bytes, {}", summary.bytes, found.verdict(summary));
    if let Some(rejection) = &summary.rejection {
        finding("  ", rejection);
    }
    for filler in &found.filler {
        println!("  {}..{} {:?}", filler.start, filler.end, filler.kind);
        if let Some(why) = &filler.finding {
            finding("    ", why);
        }
    }
    found.reports.iter().for_each(branch);
}

fn branch(report: &Report) {
    let i = &report.interchange;
    let what = match i.kind {
        Kind::Interchange => "interchange",
        Kind::Fragment => "fragment",
        Kind::Document => "document",
    };
    println!("  {}..{} {} {what} {} {}", i.start, i.end, i.standard, i.version, i.control_number);
    println!(
        "    {}:{} -> {}:{}  {} {}",
        i.sender.qualifier, i.sender.id, i.receiver.qualifier, i.receiver.id, i.date, i.time
    );
    println!("    {} groups, {} sets, {} TA1, {} segments, {:?}", i.groups, i.sets, i.ta1, i.segments, i.delimiters);
    for group in &report.groups {
        println!("    group {} {} {}, {} sets", group.functional_id, group.control_number, group.version, group.sets);
    }
    if !i.set_types.is_empty() {
        println!("    sets: {}", i.set_types.join(" "));
    }
    for ack in &report.acknowledgements {
        println!("    {} {} {} {}", ack.kind.as_str(), ack.identifier, ack.reference, ack.action);
    }
    i.refusal.iter().chain(&i.warnings).for_each(|why| finding("    ", why));
}

fn finding(indent: &str, finding: &Finding) {
    println!("{indent}{finding}\n{indent}     {}", finding.remedy);
}
