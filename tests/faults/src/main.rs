//! A table of what can go wrong between a program and its collector, and what becomes of the spans.
//!
//! `agentops-faults [WORDS]` plays the scenarios whose names contain the words; each compares what the program
//! counted with what the collector has truly taken. `agentops-faults soak [MINUTES]` works steadily before faults
//! that come and go.

mod collector;
mod crash;
mod fault;
mod program;
mod scenario;
mod soak;
mod table;

use std::{
    num::ParseIntError,
    process::{Command, ExitCode},
};

use crash::Rounds;
use fault::Fault;
use program::Program;
use scenario::Scenario;

fn main() -> ExitCode {
    let args: Vec<_> = std::env::args().skip(1).collect();
    match args.first().map(String::as_str) {
        Some("soak") => soak_for(args.get(1).map_or(Ok(10), |minutes| minutes.parse())),
        _ => play(&args.join(" ")),
    }
}

fn soak_for(minutes: Result<u64, ParseIntError>) -> ExitCode {
    let Ok(minutes) = minutes else {
        eprintln!("say for how many minutes, as a whole number");
        return ExitCode::from(2);
    };
    match soak::soak(minutes) {
        Ok(()) => println!("\nit holds"),
        Err(problem) => {
            println!("\nFAILED: {problem}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// Scenario with a course of its own, which returns what it comes to.
type Play = fn() -> Result<String, String>;

/// Plays the scenarios whose names contain the words.
fn play(wanted: &str) -> ExitCode {
    let mut failed = 0;
    println!(
        "{:60} {:>9} {:>9} {:>5} {:>9} {:>7} {:>7} {:>7} {:>7}",
        "scenario",
        "produced",
        "received",
        "twice",
        "sent",
        "dropped",
        "failed",
        "queued",
        "spooled"
    );
    for scenario in table::scenarios().iter().filter(|it| it.name.contains(wanted)) {
        failed += u32::from(!played(scenario));
    }
    let others: [(&str, Play); 7] = [
        ("a disk that is full", full_disk),
        ("a disk that cannot be written", read_only_disk),
        ("attributes of a megabyte", large_attributes),
        ("killed when all is on disk", || crash::when_all_is_on_disk(false).map(|it| told(&it))),
        ("killed in a session", || crash::when_all_is_on_disk(true).map(|it| told(&it))),
        ("killed at random, 100 rounds", || crash::at_random(100).map(|it| told(&it))),
        ("a million spans flat out with Overflow::Block", million),
    ];
    for (name, play) in others.into_iter().filter(|(name, _)| name.contains(wanted)) {
        match play() {
            Ok(said) => println!("{name:60} ok: {said}"),
            Err(problem) => {
                failed += 1;
                println!("{name:60} FAILED: {problem}");
            }
        }
    }
    println!(
        "\n{}",
        if failed == 0 { "all scenarios hold".to_owned() } else { format!("{failed} FAILED") }
    );
    ExitCode::from(u8::from(failed > 0))
}

fn played(scenario: &Scenario) -> bool {
    let result = scenario.play();
    let (counts, spool) = (&result.counts, if scenario.spool.is_some() { ", spool" } else { "" });
    println!(
        "{:60} {:>9} {:>9} {:>5} {:>9} {:>7} {:>7} {:>7} {:>7}{}",
        format!("{}{spool}", scenario.name),
        result.produced,
        result.received,
        result.duplicates,
        counts.sent,
        counts.dropped,
        counts.failed,
        counts.queued,
        counts.spooled,
        if scenario.at_least_once { "  at least once" } else { "" },
    );
    let checked = scenario.check(&result);
    if let Err(problem) = &checked {
        println!("  FAILED: {problem}: {result:?}");
    }
    checked.is_ok()
}

fn told(rounds: &Rounds) -> String {
    let Rounds { on_disk, aborted, duplicates, received } = rounds;
    format!(
        "{on_disk} spans on disk, all sent; {aborted} sessions closed as Aborted; {received} received, \
         {duplicates} of them twice (at least once)"
    )
}

/// A small disk: a file system in memory.
struct Disk(tempfile::TempDir);

impl Disk {
    fn mount(options: &str) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(dir.path());
        let is_there = mount.status().is_ok_and(|status| status.success());
        is_there.then_some(Self(dir))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

const NO_MOUNT: &str = "skipped: a small disk cannot be mounted here (it takes root)";

/// Of what the disk does not take, all that the collector takes in time arrives; the rest is counted.
fn full_disk() -> Result<String, String> {
    let mut said = Vec::new();
    for scenario in table::on_a_small_disk() {
        let Some(disk) = Disk::mount("size=256k") else { return Ok(NO_MOUNT.to_owned()) };
        let scenario = Scenario { spool: Some(disk.0.path().join("spool")), ..scenario };
        let result = scenario.play();
        scenario.check(&result).map_err(|problem| format!("{problem}: {result:?}"))?;
        let lost = result.counts.lost();
        said.push(format!(
            "{} of {} received, {lost} counted lost",
            result.received, result.produced
        ));
    }
    Ok(said.join("; "))
}

fn read_only_disk() -> Result<String, String> {
    let Some(disk) = Disk::mount("size=256k,ro") else { return Ok(NO_MOUNT.to_owned()) };
    let spool = Some(disk.0.path().join("spool"));
    let scenario = Scenario { spool, ..table::healthy() };
    let result = scenario.play();
    scenario.check(&result).map_err(|problem| format!("{problem}: {result:?}"))?;
    Ok(format!("{} of {} received", result.received, result.produced))
}

fn large_attributes() -> Result<String, String> {
    const SPANS: u64 = 200;
    let collector = collector::Collector::start(|_| Fault::None);
    let endpoint = ("AGENTOPS_EXPORTER_ENDPOINT".to_owned(), collector.address().to_owned());
    let mut program = Program::start("large", &[SPANS.to_string()], &[endpoint]);
    let counts = program.counts("final").ok_or("it says nothing")?;
    let succeeded = program.wait().success();
    let received = collector.taken().len() as u64;
    let is_whole = counts.adds_up() && counts.lost() == 0 && received == SPANS + 1 && succeeded;
    let said = format!("{received} spans, {SPANS} of them of 1 MiB");
    if is_whole { Ok(said) } else { Err(format!("{said}: {counts:?}")) }
}

/// The most memory that producing may take, beyond that of the idle program.
const MEMORY: u64 = 64 << 20;

fn million() -> Result<String, String> {
    let collector = collector::Collector::start(|_| Fault::None);
    let endpoint = [("AGENTOPS_EXPORTER_ENDPOINT".to_owned(), collector.address().to_owned())];
    let run = |sessions: &str| {
        let flags = ["--sessions", sessions, "--spans", "999", "--attrs", "4", "--block"];
        let flags = flags.into_iter().chain(["--finish", "wait"]).map(str::to_owned);
        let mut program = Program::start("burst", &flags.collect::<Vec<_>>(), &endpoint);
        let counts = program.counts("produced").expect("it says what it has produced");
        (program.peak_memory(), counts, program)
    };
    let (idle, _, program) = run("0");
    program.kill();
    let (peak, counts, program) = run("1000");
    let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while collector.taken().len() < 1_000_000 && std::time::Instant::now() < until {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    program.kill();
    let (received, above) = (collector.taken().len(), peak - idle);
    let said =
        format!("{received} received, {} dropped, {} KiB above idle", counts.dropped, above >> 10);
    let holds = received == 1_000_000 && counts.dropped + counts.failed == 0 && above <= MEMORY;
    if holds { Ok(said) } else { Err(said) }
}
