//! A disk that fails at every call in turn, and a process that is killed: nothing that was answered is lost, nothing
//! is half there, and the store comes back by itself.
//!
//! The work is done by a child: this same program, with a small C library before the system's own that makes the
//! disk fail (`faults/shim.c`; it is compiled with `cc`).

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test panics, and sets children up"
)]

#[path = "faults/child.rs"]
mod child;
#[path = "faults/disk.rs"]
mod disk;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use child::{Answer, check};
use disk::{Disk, Step};

/// The child's part; does nothing unless it is told what to do.
#[test]
#[ignore = "run by the other tests"]
fn child() {
    child::main();
}

fn spawn(folder: &Path, role: &str, environment: &[(&str, &str)]) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--ignored", "--nocapture", "--quiet"])
        .env(child::ROLE, role)
        .env(child::FOLDER, folder)
        .envs(environment.iter().copied())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What the child answered, as far as it came.
fn answers(child: &mut Child) -> impl Iterator<Item = Answer> + use<> {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines.map_while(Result::ok).filter_map(|line| Answer::parse(&line))
}

/// A folder in memory where there is one: these tests make the disk fail by themselves, and a real one takes its time.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// The library, compiled once.
fn shim(folder: &Path) -> PathBuf {
    let library = folder.join("shim.so");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/faults/shim.c");
    let mut cc = Command::new("cc");
    let built =
        cc.args(["-shared", "-fPIC", "-O1", "-Wall", "-pthread", "-o"]).arg(&library).arg(source).arg("-ldl").status();
    assert!(built.unwrap().success(), "the fault library could not be compiled with cc");
    library
}

/// One child with a fault at one call. False when the work has fewer calls.
fn fail_at(shim: &Path, at: usize, kind: &str, lasting: bool) -> bool {
    let folder = folder();
    let (data, flag, hit) = (folder.path().join("data"), folder.path().join("flag"), folder.path().join("hit"));
    std::fs::create_dir(&data).unwrap();
    std::fs::write(&flag, "").unwrap();
    let number = at.to_string();
    let mut environment = vec![
        ("LD_PRELOAD", shim.to_str().unwrap()),
        ("FAULT_FOLDER", data.to_str().unwrap()),
        ("FAULT_AT", &number),
        ("FAULT_KIND", kind),
        ("FAULT_HIT", hit.to_str().unwrap()),
    ];
    if lasting {
        environment.push(("FAULT_FLAG", flag.to_str().unwrap()));
    }
    let mut child = spawn(&data, "trace", &environment);
    let answers: Vec<Answer> = answers(&mut child).collect();
    let place = format!("{kind} at call {at}, lasting: {lasting}: {answers:?}");
    assert!(child.wait().unwrap().success(), "the child died: {place}");
    assert!(matches!(answers.last(), Some(Answer::Healed)), "it did not come back: {place}");
    check(&data, &answers, &place);
    hit.exists()
}

/// Every call of the trace fails once, in every way.
#[test]
fn whatever_call_fails_nothing_answered_is_lost_and_the_store_comes_back() {
    let folder = folder();
    let shim = shim(folder.path());
    let next = AtomicUsize::new(0);
    let ended = AtomicUsize::new(usize::MAX);
    const WAYS: [(&str, bool); 5] =
        [("EIO", false), ("ENOSPC", false), ("SHORT", false), ("EIO", true), ("SHORT", true)];
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().unwrap().get().max(2) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed) + 1;
                    if at > ended.load(Ordering::Relaxed) {
                        break;
                    }
                    let hits = WAYS.map(|(kind, lasting)| fail_at(&shim, at, kind, lasting));
                    if !hits.contains(&true) {
                        ended.fetch_min(at, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let calls = ended.into_inner();
    println!("{calls} calls, each failing in {} ways", WAYS.len());
    assert!(calls > 50, "the trace has only {calls} calls: is the fault library in place?");
}

/// `CROSSDOCK_TEST_KILLS` sets how often; the default is 30.
#[test]
fn a_killed_process_has_lost_nothing_it_answered() {
    let kills = std::env::var("CROSSDOCK_TEST_KILLS").map_or(30, |kills| kills.parse().unwrap());
    let folder = folder();
    let mut all = Vec::new();
    for kill in 0..kills {
        let mut child = spawn(folder.path(), "write", &[]);
        let mut answers = answers(&mut child);
        // Another moment each time, early and late.
        let before: usize = 1 + kill * 37 % 200;
        let mut seen: Vec<Answer> = answers.by_ref().take(before).collect();
        child.kill().unwrap();
        // What was printed before the kill was answered too.
        seen.extend(answers);
        child.wait().unwrap();
        assert!(seen.len() >= before, "the child ended by itself: {seen:?}");
        all.extend(seen);
    }
    check(folder.path(), &all, "after the kills");
}

/// What comes after a failed sync.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Then {
    GoOn,
    /// The next one fails too: the one by which SQLite would tidy up after the first.
    FailAgain,
    /// The process dies.
    Die,
}

/// Runs the trace and keeps the log of the disk. With `at`, that sync fails; false says that there are fewer.
fn logged(shim: &Path, data: &Path, log: &Path, at: Option<(usize, Then)>) -> bool {
    let (number, hit) = (at.map(|at| at.0.to_string()), log.with_extension("hit"));
    let then = at.map(|at| at.1);
    let mut environment = vec![
        ("LD_PRELOAD", shim.to_str().unwrap()),
        ("FAULT_FOLDER", data.to_str().unwrap()),
        ("FAULT_LOG", log.to_str().unwrap()),
        ("FAULT_HIT", hit.to_str().unwrap()),
        ("FAULT_ONLY", "sync"),
        ("FAULT_KIND", "EIO"),
    ];
    if let Some(number) = &number {
        environment.push(("FAULT_AT", number));
    }
    match then {
        Some(Then::FailAgain) => environment.push(("FAULT_TIMES", "2")),
        Some(Then::Die) => environment.push((child::FRAGILE, "1")),
        Some(Then::GoOn) | None => {}
    }
    let mut child = spawn(data, "trace", &environment);
    let last = answers(&mut child).last();
    assert!(
        then == Some(Then::Die) || matches!(last, Some(Answer::Healed)),
        "it did not come back from a failed sync: {at:?}"
    );
    child.wait().unwrap();
    hit.exists()
}

/// Cuts the power after each of the steps that `at` picks, and looks whether all that was answered is there.
fn cut(data: &Path, log: &Path, seed: u64, picks: impl Fn(usize, usize) -> bool) -> usize {
    let steps = Step::parse_all(&std::fs::read(log).unwrap());
    let (mut disk, mut said, mut cuts) = (Disk::default(), Vec::new(), 0);
    for (number, step) in steps.iter().enumerate() {
        disk.play(step);
        said.extend(step.said().unwrap_or("").lines().filter_map(Answer::parse));
        if !picks(number, steps.len()) {
            continue;
        }
        // Never what was not synced, always all of it, and twice by chance.
        for way in 0..4_u64 {
            let mut state = (seed << 32) ^ (number as u64) << 2 ^ way ^ 0x9E37_79B9_7F4A_7C15;
            let chance = || {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                way == 1 || way > 1 && state >> 40 & 1 == 1
            };
            let survivor = folder();
            disk.cut(data, survivor.path(), chance);
            check(survivor.path(), &said, &format!("power cut after step {number} ({step:?}), way {way}"));
            cuts += 1;
        }
    }
    cuts
}

fn data() -> (tempfile::TempDir, PathBuf, PathBuf) {
    let folder = folder();
    let (data, log) = (folder.path().join("data"), folder.path().join("log"));
    std::fs::create_dir(&data).unwrap();
    (folder, data, log)
}

/// `CROSSDOCK_TEST_CUTS` sets how many traces are cut at every step; the default is 1.
#[test]
fn a_power_cut_at_any_step_loses_nothing_that_was_answered() {
    let rounds = std::env::var("CROSSDOCK_TEST_CUTS").map_or(1, |rounds| rounds.parse().unwrap());
    let library = folder();
    let shim = shim(library.path());
    for round in 0..rounds {
        let (_folder, data, log) = data();
        logged(&shim, &data, &log, None);
        let cuts = cut(&data, &log, round, |_, _| true);
        assert!(cuts > 400, "{cuts}: is the fault library in place?");
    }
}

/// Once the store is open, the answer that follows a failed sync is a refusal.
fn no_success_rests_on_a_failed_sync(log: &Path) {
    let steps = Step::parse_all(&std::fs::read(log).unwrap());
    let answer = |step: &Step| step.said().and_then(|line| Answer::parse(line.trim_end()));
    let open = steps.iter().position(|step| answer(step).is_some()).unwrap_or(steps.len());
    for failed in (open..steps.len()).filter(|number| steps[*number].is_failed_sync()) {
        let next = steps[failed..].iter().find_map(answer);
        assert!(!matches!(next, Some(Answer::Done(_) | Answer::Healed)), "{next:?} after {:?}", steps[failed]);
    }
}

/// A sync fails, the process goes on or is started anew, works again, and then the power goes.
#[test]
fn what_is_built_upon_a_failed_sync_survives_a_power_cut() {
    let library = folder();
    let shim = shim(library.path());
    for then in [Then::GoOn, Then::FailAgain, Then::Die] {
        for at in 1.. {
            let (_folder, data, log) = data();
            if !logged(&shim, &data, &log, Some((at, then))) {
                assert!(at > 20, "the trace has only {at} syncs");
                break;
            }
            no_success_rests_on_a_failed_sync(&log);
            logged(&shim, &data, &log, None);
            cut(&data, &log, at as u64, |number, of| number % 29 == 0 || number + 1 == of);
        }
    }
}
