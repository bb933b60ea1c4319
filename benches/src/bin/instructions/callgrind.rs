//! Counting by callgrind: each case in a process of its own.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::case::{CASES, Case, PEER};

/// Each case with its instructions.
pub fn table() -> Vec<(&'static Case, f64)> {
    let count = |(number, case): (usize, &'static Case)| {
        // All others are compared with the peer, which hands over to another thread span by span.
        let rounds = if case.name == PEER { 3 } else { 1 };
        let mut counts: Vec<_> = (0..rounds).map(|_| for_each(number)).collect();
        counts.sort_by(f64::total_cmp);
        (case, counts[rounds / 2])
    };
    let whole: Vec<_> = CASES.iter().enumerate().map(count).collect();
    let find = |name: &str| whole.iter().find(|(case, _)| case.name == name).map(|it| it.1);
    let rest = |(case, count): &(&'static Case, f64)| {
        let without = case.without.and_then(find).unwrap_or_default();
        (*case, (count - without) / case.times as f64)
    };
    whole.iter().map(rest).collect()
}

/// The instructions of the caller's thread for each call.
fn for_each(case: usize) -> f64 {
    let calls = CASES[case].calls;
    let [once, twice] = [1, 2].map(|times| instructions(case, calls * times));
    (twice - once) as f64 / calls as f64
}

/// The instructions of the caller's thread for so many calls.
fn instructions(case: usize, calls: u64) -> u64 {
    let dir = tempdir();
    let status = Command::new("valgrind")
        .args(["--tool=callgrind", "--quiet", "--separate-threads=yes", "--fair-sched=yes"])
        .arg("--toggle-collect=*agentops_benches_counted*")
        .arg(format!("--callgrind-out-file={}", dir.join("out").display()))
        .arg(env::current_exe().expect("this program"))
        .args(["run", &case.to_string(), &calls.to_string()])
        .env_clear()
        .status()
        .expect("valgrind is installed");
    assert!(status.success(), "{}", CASES[case].name);
    let counted = fs::read_dir(&dir).expect("it was written").flatten().map(|it| total(&it.path()));
    let counted = counted.max().unwrap_or_default();
    fs::remove_dir_all(dir).expect("it is ours");
    counted
}

fn total(file: &Path) -> u64 {
    let text = fs::read_to_string(file).unwrap_or_default();
    let total = text.lines().rev().find_map(|line| line.strip_prefix("totals: "));
    total.and_then(|total| total.trim().parse().ok()).unwrap_or_default()
}

fn tempdir() -> PathBuf {
    let dir = env::temp_dir().join(format!("agentops-benches-{}", std::process::id()));
    fs::create_dir_all(&dir).expect("a folder for a moment");
    dir
}

/// Versions that the counts depend on, beside the code.
pub fn toolchain() -> String {
    let said = |program: &str, arg: &str| {
        let output = Command::new(program).arg(arg).output().map(|output| output.stdout);
        String::from_utf8_lossy(&output.unwrap_or_default()).trim().to_owned()
    };
    let all = [("rustc", "--version"), ("getconf", "GNU_LIBC_VERSION"), ("valgrind", "--version")];
    all.map(|(program, arg)| said(program, arg)).join(", ")
}
