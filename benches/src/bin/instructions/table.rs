//! The counts as a table, compared with the one that is known.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use crate::{
    callgrind::toolchain,
    case::{Case, PEER},
};

/// A change of more than this has to be explained.
const DRIFT: f64 = 0.02;

/// A change of so few instructions need not be.
const FEW: f64 = 16.0;

fn lines(table: &[(&Case, f64)]) -> String {
    let peer = count_of(table, PEER);
    let line = |(case, count): &(&Case, f64)| {
        let budget = case.budget(*count, count_of(table, case.beside));
        format!("{:60} {count:>8.0} {budget:>18} {:>6.3}\n", case.name, count / peer)
    };
    table.iter().map(line).collect()
}

pub fn report(table: &[(&Case, f64)]) -> ExitCode {
    let (what, budget) = ("instructions for each span", "budget");
    print!("{what:60} {:>8} {budget:>18} {:>6}\n{}", "", "× peer", lines(table));
    ExitCode::SUCCESS
}

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("instructions.txt")
}

pub fn update(table: &[(&Case, f64)]) -> ExitCode {
    let text = format!("{}\n{}", toolchain(), lines(table));
    fs::write(file(), text).expect("it can be written");
    report(table)
}

pub fn check(table: &[(&Case, f64)]) -> ExitCode {
    report(table);
    let known = fs::read_to_string(file()).unwrap_or_default();
    let missed =
        table.iter().filter(|(case, count)| case.misses(*count, count_of(table, case.beside)));
    let missed = missed.map(|(case, _)| format!("`{}` is beyond its budget", case.name));
    let (drifted, toolchain) = (drifted(table, &known), toolchain());
    let problems: Vec<_> = if known.lines().next() == Some(&toolchain) {
        missed.chain(drifted).collect()
    } else {
        println!(
            "`instructions.txt` was not counted with {toolchain}: what has changed counts for nothing"
        );
        missed.collect()
    };
    problems.iter().for_each(|problem| println!("{problem}"));
    ExitCode::from(u8::from(!problems.is_empty()))
}

/// Counts of ours that are not as they were. The ratios tell nothing here: the peer differs by 1 % from run to
/// run, since it meets another thread at each span.
fn drifted(table: &[(&Case, f64)], known: &str) -> Vec<String> {
    let known = |name: &str| {
        let line = known.lines().find(|line| line.get(..60).map(str::trim_end) == Some(name))?;
        line.get(60..)?.split_whitespace().next()?.parse::<f64>().ok()
    };
    let drift = |(case, count): &(&Case, f64)| match known(case.name) {
        Some(known) if (count - known).abs() <= (known * DRIFT).max(FEW) => None,
        Some(known) => Some(format!(
            "`{}` took {known:.0} and takes {count:.0}; say in the commit why, and run with `--update`",
            case.name
        )),
        None => Some(format!("`{}` is new; run with `--update`", case.name)),
    };
    let ours = table.iter().filter(|(case, _)| !case.varies && !case.name.starts_with("peer"));
    ours.filter_map(drift).collect()
}

fn count_of(table: &[(&Case, f64)], name: &str) -> f64 {
    table.iter().find(|(case, _)| case.name == name).map_or(1.0, |(_, count)| *count)
}

impl Case {
    /// Returns `true` if it costs more than it may, and not by chance.
    fn misses(&self, count: f64, other: f64) -> bool {
        let most = [self.most, self.ratio.map(|ratio| ratio * other)];
        !self.varies && most.into_iter().flatten().any(|most| count > most * (1.0 + DRIFT))
    }

    /// The budget, with a mark where it is missed.
    fn budget(&self, count: f64, other: f64) -> String {
        let most = self.most.map(|most| (most.to_string(), count > most));
        let share = self.ratio.map(|most| (format!("{most} ×"), count > most * other));
        let told: Vec<_> = [share, most].into_iter().flatten().collect();
        let texts: Vec<_> = told.iter().map(|(text, _)| text.as_str()).collect();
        let mark = if told.iter().any(|(_, missed)| *missed) { "✗ " } else { "" };
        format!("{mark}{}", texts.join(", "))
    }
}
