//! Programs that are killed: what had reached the disk arrives, and every trace has its root.

use std::time::{Duration, Instant};

use crate::{
    collector::Collector,
    fault::{Fault, Plan},
    program::{Program, spans_in},
    scenario::{check_shape, drain},
};

/// Outcome of the rounds.
#[derive(Debug, Default)]
pub struct Rounds {
    /// Spans that were on disk when the program died.
    pub on_disk: u64,
    /// Sessions that were closed as `Aborted`.
    pub aborted: u64,
    /// Spans that came more than once: the program died between the answer and forgetting.
    pub duplicates: u64,
    /// Spans that arrived in all.
    pub received: u64,
}

fn variables(collector: &Collector, spool: &std::path::Path) -> Vec<(String, String)> {
    let pairs = [
        ("AGENTOPS_EXPORTER_ENDPOINT", collector.address().to_owned()),
        ("AGENTOPS_SPOOL_DIR", spool.display().to_string()),
        ("AGENTOPS_MAX_WAIT_TIME", "20".to_owned()),
    ];
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn args(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// Kills a program at random moments, as often as that, before a collector that is healthy every other time.
pub fn at_random(rounds: u64) -> Result<Rounds, String> {
    let mut sum = Rounds::default();
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    for round in 0..rounds {
        // xorshift: the same moments in each run.
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let plan: Plan = if round % 2 == 0 {
            |_| Fault::None
        } else {
            |_| Fault::Status(503, "retry-after: 0\r\n")
        };
        let spool = tempfile::tempdir().unwrap();
        let collector = Collector::start(plan);
        let variables = variables(&collector, spool.path());
        let flags = args("--sessions 100000 --spans 20 --attrs 2 --pause 2 --threads 2");
        let program = Program::start("burst", &flags, &variables);
        std::thread::sleep(Duration::from_micros(random % 300_000));
        program.kill();
        let round = after_death(&collector, spool.path(), &variables)
            .map_err(|problem| format!("round {round}: {problem}"))?;
        sum = Rounds {
            on_disk: sum.on_disk + round.on_disk,
            aborted: sum.aborted + round.aborted,
            duplicates: sum.duplicates + round.duplicates,
            received: sum.received + round.received,
        };
    }
    Ok(sum)
}

/// Runs the next program over what a dead one has left.
fn after_death(
    collector: &Collector,
    spool: &std::path::Path,
    variables: &[(String, String)],
) -> Result<Rounds, String> {
    let before = collector.taken();
    let on_disk = spans_in(spool);
    collector.heal();
    let later = drain(spool, variables);
    let taken = collector.taken();
    check_shape(&taken)?;
    let is_aborted = |states: &Vec<String>| states.iter().any(|state| state == "Aborted");
    let aborted = taken.values().filter(|it| is_aborted(&it.end_states)).count() as u64;
    let recovered: u64 = later.iter().map(|it| it.recovered).sum();
    let sent: u64 = later.iter().map(|it| it.sent).sum();
    let duplicates = taken.values().filter(|it| it.times > 1).count() as u64;
    let claims = [
        (recovered == on_disk + aborted, "what was on disk was not all found"),
        (sent == recovered, "what was found was not all sent"),
        (before.keys().all(|span| taken.contains_key(span)), "the collector has lost something"),
        (
            taken.len() as u64 + duplicates >= before.len() as u64 + recovered,
            "what was sent has not arrived",
        ),
    ];
    if let Some((_, claim)) = claims.iter().find(|(holds, _)| !holds) {
        return Err(format!(
            "{claim}: {on_disk} on disk, {before} before, {later:?}",
            before = before.len()
        ));
    }
    Ok(Rounds { on_disk, aborted, duplicates, received: taken.len() as u64 })
}

/// Kills a program after its spans had time to reach the disk, with a session that is open or not.
pub fn when_all_is_on_disk(is_open: bool) -> Result<Rounds, String> {
    const SESSIONS: u64 = 50;
    const SPANS: u64 = 40;
    let spool = tempfile::tempdir().unwrap();
    let collector = Collector::start(|_| Fault::Status(503, ""));
    let variables = variables(&collector, spool.path());
    let finish = if is_open { "hang" } else { "wait" };
    let flags = args(&format!("--sessions {SESSIONS} --spans {SPANS} --finish {finish}"));
    let mut program = Program::start("burst", &flags, &variables);
    let produced = program.counts("produced").ok_or("it does not say what it has produced")?.ended;
    let until = Instant::now() + Duration::from_secs(30);
    while spans_in(spool.path()) < produced {
        if Instant::now() > until {
            return Err("not all spans reach the disk".to_owned());
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    program.kill();
    let rounds = after_death(&collector, spool.path(), &variables)?;
    let expected = (SESSIONS * (SPANS + 1), u64::from(is_open));
    match (rounds.received, rounds.aborted) == expected {
        true => Ok(rounds),
        false => Err(format!("{rounds:?} in place of {expected:?}")),
    }
}
