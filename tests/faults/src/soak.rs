//! Minutes of steady work before a collector whose faults come and go: flat memory, an exact account.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use crate::{
    collector::Collector,
    fault::{Fault, Plan},
    program::{Counts, Program},
    scenario::drain,
};

/// Sessions of 21 spans, each followed by a pause: some 2,700 spans a second.
const SPANS: u64 = 20;
const PAUSE: Duration = Duration::from_millis(7);
const EVERY: Duration = Duration::from_secs(15);

/// Of a hundred requests a third meets some fault, never more than three in a row.
const FAULTS: Plan = |number| match number % 100 {
    10..13 => Fault::Status(503, ""),
    20..23 => Fault::Reset,
    30..32 => Fault::Hang,
    40..43 => Fault::Garbage,
    50..52 => Fault::Status(429, "retry-after: 1\r\n"),
    60..62 => Fault::TakenUnanswered,
    70..85 => Fault::Slow(Duration::from_millis(250)),
    _ => Fault::None,
};

/// Soaks a program with a spool beside one without.
pub fn soak(minutes: u64) -> Result<(), String> {
    let spool = tempfile::tempdir().unwrap();
    println!("minutes of work: {minutes}; resident memory in KiB every {} s", EVERY.as_secs());
    let runs = [("in memory", None), ("with a spool", Some(spool.path()))];
    std::thread::scope(|scope| {
        let runs = runs.map(|(name, spool)| scope.spawn(move || run(name, minutes, spool)));
        runs.into_iter().try_for_each(|run| run.join().unwrap())
    })
}

fn run(name: &str, minutes: u64, spool: Option<&Path>) -> Result<(), String> {
    let sessions = minutes * 60_000 / (PAUSE.as_millis() as u64);
    let collector = Collector::start(FAULTS);
    let mut variables = vec![
        ("AGENTOPS_EXPORTER_ENDPOINT".to_owned(), collector.address().to_owned()),
        ("OTEL_EXPORTER_OTLP_TIMEOUT".to_owned(), "1000".to_owned()),
    ];
    variables.extend(spool.map(|dir| ("AGENTOPS_SPOOL_DIR".to_owned(), dir.display().to_string())));
    let flags =
        format!("--sessions {sessions} --spans {SPANS} --attrs 4 --pause {}", PAUSE.as_millis());
    let flags: Vec<_> = flags.split(' ').map(str::to_owned).collect();
    let mut program = Program::start("burst", &flags, &variables);
    let began = Instant::now();
    let mut samples = Vec::new();
    let mut due = EVERY;
    while program.still_runs() {
        std::thread::sleep(Duration::from_millis(100));
        if began.elapsed() >= due
            && let Some(memory) = program.memory()
        {
            samples.push(memory >> 10);
            due += EVERY;
        }
    }
    let counts = ["produced", "final"].map(|phase| program.counts(phase).unwrap());
    let later = spool.map(|spool| drain(spool, &variables)).unwrap_or_default();
    report(name, sessions * (SPANS + 1), &collector, &samples, &counts, &later, began.elapsed())
}

fn report(
    name: &str,
    produced: u64,
    collector: &Collector,
    samples: &[u64],
    counts: &[Counts; 2],
    later: &[Counts],
    took: Duration,
) -> Result<(), String> {
    let taken = collector.taken();
    let (received, [_, last]) = (taken.len() as u64, counts);
    let duplicates = taken.values().filter(|it| it.times > 1).count();
    let lost = last.lost() + later.iter().map(Counts::lost).sum::<u64>();
    // The first quarter is for warming up.
    let warm = &samples[samples.len() / 4..];
    let (first, second) = warm.split_at(warm.len() / 2);
    let most = |half: &[u64]| half.iter().copied().max().unwrap_or_default();
    let (first, second) = (most(first), most(second));
    println!(
        "\n{name}: {produced} produced in {took:.0?}, {received} received ({duplicates} of them twice: at \
         least once), {lost} counted lost\n{last:?}\n{samples:?}\nmost after warming up: {first} KiB, then {second} KiB"
    );
    let claims = [
        (counts.iter().chain(later).all(Counts::adds_up), "the account does not add up"),
        (received + lost == produced, "received + counted losses are not what was produced"),
        (lost == 0, "something was lost"),
        (second <= first + first / 4, "memory grows"),
    ];
    claims
        .iter()
        .find(|(holds, _)| !holds)
        .map_or(Ok(()), |(_, claim)| Err(format!("{name}: {claim}")))
}
