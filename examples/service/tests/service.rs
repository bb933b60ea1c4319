//! The service runs as it is: what it prints, what it shows, and what its files hold.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{fs, process::Command};

/// A line without the times in it.
fn without_times(line: &str) -> String {
    let is_time = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
    let words = line
        .split(' ')
        .filter(|word| !is_time(word) && !["ms", "µs", "s", "ms)", "µs)"].contains(word));
    words.collect::<Vec<_>>().join(" ").trim_end().to_owned()
}

#[test]
fn each_request_is_a_session_and_the_job_in_the_background_is_late() {
    let dir = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_agentops-service"))
        .env("AGENTOPS_LOCAL_DIR", dir.path())
        .env("RUST_LOG", "info")
        .env_remove("NO_COLOR")
        .output()
        .unwrap();
    let (stdout, stderr) = (String::from_utf8(output.stdout), String::from_utf8(output.stderr));
    let (stdout, stderr) = (stdout.unwrap(), stderr.unwrap());
    assert!(output.status.success(), "{stderr}");
    assert_eq!(
        stdout,
        "TEA\n\
         http status: 422\n\
         theirs: POST /answer, POST /answer, answer, answer, index, look_up, think\n\
         ours: 5 sent, 1 late, 0 outside of a session\n"
    );
    assert!(stderr.contains("a question comes in"), "the log goes on: {stderr}");
    let shown: Vec<_> = stderr.lines().map(without_times).collect();
    for line in [
        "session answer",
        "└─ agent think",
        "   └─ tool look_up",
        "session answer   ✗ Unprocessable Entity",
        "session answer  after its end",
    ] {
        assert!(shown.iter().any(|shown| shown == line), "{line}: {shown:#?}");
    }
    assert!(stderr.contains("(+") && stderr.contains("tool index"), "{stderr}");
    let files = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path());
    let files: Vec<_> =
        files.filter(|path| path.extension().is_some_and(|it| it == "jsonl")).collect();
    assert_eq!(files.len(), 2);
    let all: String = files.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    assert!(
        all.contains("<redacted>") && !all.contains("hunter2") && !all.contains("t-0815"),
        "{all}"
    );
    assert!(all.contains("\"user.id\"") && all.contains("ada"));
}
