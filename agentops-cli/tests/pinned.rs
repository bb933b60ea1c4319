//! Tests that `agentops pin` has printed, and the sessions that they were printed from.
//!
//! `UPDATE_SNAPSHOTS=1` writes them anew.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

// A test beside a library calls it by the name of its crate, as the recorded functions are named.
extern crate self as pinned;

#[path = "pinned/program.rs"]
pub mod program;

/// Tests as they were printed. They are included, since `rustfmt` would change them.
#[expect(clippy::let_unit_value, reason = "what a function returns is not recorded")]
mod printed {
    mod ask {
        include!("pinned/ask.rs");
    }
    mod day_shift {
        include!("pinned/day_shift.rs");
    }
    mod fetch_both {
        include!("pinned/fetch_both.rs");
    }
}

use std::{fs, path::Path, process::Command};

use agentops_tests::process::{command, part};
use tempfile::TempDir;

#[test]
#[ignore = "a part of the other tests, played in a process of its own"]
fn plays_its_part() {
    let _guard = agentops::init().unwrap();
    match part().as_str() {
        "ask" => _ = program::ask("tea or \"coffee\"?", 2, &["a", "b\n"]),
        "day_shift" => program::day_shift(),
        "fetch_both" => {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(program::fetch_both("a.example", "b.example/\\"));
        }
        other => panic!("no part `{other}`"),
    }
}

/// Runs a part of the program, and returns the test that `agentops pin` prints of its session.
fn printed_test(part: &str, session: &str, options: &[&str]) -> String {
    let dir = TempDir::new().unwrap();
    let mut program = command(part, &[("AGENTOPS_LOCAL_DIR", dir.path().to_str().unwrap())]);
    assert!(program.output().unwrap().status.success(), "the program runs");
    let mut pin = Command::new(env!("CARGO_BIN_EXE_agentops"));
    pin.args(["pin", session]).args(options).arg("--dir").arg(dir.path()).env_clear();
    let output = pin.output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    String::from_utf8(output.stdout).unwrap()
}

/// Asserts that the test of a session is what stands in the file that is compiled above.
fn assert_printed(part: &str, session: &str, options: &[&str]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/pinned/{part}.rs"));
    let printed = printed_test(part, session, options);
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::write(&path, &printed).unwrap();
    }
    assert_eq!(printed, fs::read_to_string(path).unwrap());
}

#[test]
fn pin_prints_the_test_that_is_compiled() {
    assert_printed("ask", "last", &[]);
}

#[test]
fn pin_of_async_function_prints_the_test_that_is_compiled() {
    assert_printed("fetch_both", "last", &["--tokio"]);
}

#[test]
fn pin_of_session_around_another_prints_the_test_that_is_compiled() {
    // The inner session started later.
    assert_printed("day_shift", "last~1", &[]);
}
