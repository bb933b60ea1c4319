//! The main thread goes down last, after the guard: its thread-locals, too, may call whatever there is.
//!
//! No test of the library for tests runs there, so this is a program of its own, which starts itself again.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on fails")]

use std::{
    cell::RefCell,
    env,
    process::{Command, exit},
};

use agentops::{Session, session, tool};

#[tool]
fn step(n: u8) -> u8 {
    n
}

#[session]
fn run() {
    step(1);
}

/// Calls what is annotated when it is dropped.
struct Cleanup;

impl Drop for Cleanup {
    fn drop(&mut self) {
        step(2);
        run();
        Session::start("cleanup").in_scope(|| step(3));
        println!("clean");
    }
}

thread_local! {
    static FIRST: RefCell<Option<Cleanup>> = const { RefCell::new(None) };
    static LAST: RefCell<Option<Cleanup>> = const { RefCell::new(None) };
}

/// Leaves a program in which annotated calls came before, between and after the thread-locals.
fn play(part: &str) {
    let guard = (part != "off").then(|| agentops::init().unwrap());
    FIRST.set(Some(Cleanup));
    run();
    LAST.set(Some(Cleanup));
    match part {
        "forgets" => std::mem::forget(guard),
        "exits" => exit(0),
        _ => drop(guard),
    }
}

fn main() {
    if let Ok(part) = env::var("PART") {
        return play(&part);
    }
    let dir = tempfile::tempdir().unwrap();
    for part in ["off", "returns", "forgets", "exits"] {
        let mut program = Command::new(env::current_exe().unwrap());
        program.env("PART", part).env("AGENTOPS_LOCAL_DIR", dir.path());
        let output = program.env("AGENTOPS_CONSOLE", "off").output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{part}: {output:?}");
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(said, "clean\nclean\n", "{part}");
        assert!(output.stderr.is_empty(), "{part}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
