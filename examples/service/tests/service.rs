//! The service runs as it is: what it prints, what it shows, and what its files hold.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{fs, process::Command};

/// A line without the times in it.
fn without_times(line: &str) -> String {
    let words: Vec<_> = line.split(' ').collect();
    // Of a run, the shortest time may have another unit than the longest: `287 µs–1.1 ms`.
    let unit = |word: &str| word.split('–').next().unwrap().trim_end_matches(')').to_owned();
    let is_unit = |word: &str| ["ms", "µs", "s"].contains(&unit(word).as_str());
    let is_of_time =
        |at: usize| is_unit(words[at]) || words.get(at + 1).is_some_and(|next| is_unit(next));
    let kept = (0..words.len()).filter(|at| !is_of_time(*at)).map(|at| words[at]);
    kept.collect::<Vec<_>>().join(" ").trim_end().to_owned()
}

#[test]
fn request_session_covers_answer_and_jobs() {
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
    assert_eq!(stdout, STDOUT);
    assert!(stderr.contains("a question comes in"), "the log goes on: {stderr}");
    let shown: Vec<_> = stderr.lines().map(without_times).collect();
    let shown = shown.join("\n");
    for tree in TREES {
        assert!(shown.contains(tree), "{tree}: {shown}");
    }
    let late = "1 call ended after the session had, and in no total of it: `count`";
    assert!(stderr.contains(late), "{stderr}");
    let outside = "1 call outside of any session not recorded: `count`";
    assert!(stderr.contains(outside), "{stderr}");
    let files = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path());
    let files: Vec<_> =
        files.filter(|path| path.extension().is_some_and(|it| it == "jsonl")).collect();
    assert_eq!(files.len(), 7);
    let all: String = files.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    assert!(
        all.contains("<redacted>") && !all.contains("hunter2") && !all.contains("t-0815"),
        "{all}"
    );
    assert!(all.contains("\"user.id\"") && all.contains("ada"));
}

const STDOUT: &str = "\
TEA
http status: 422
/rooms/7/sse: data: WHY data: IS data: TEA data: GREEN
/rooms/7/body: WHY IS TEA GREEN
/rooms/7/channel: WHY IS TEA GREEN
/sse: data: WHY data: IS data: TEA data: GREEN
/rooms/7/sse: data: WHY, and hung up
theirs: POST /answer, answer, chat, complete, count, index, look_up, remember, session, sse, think
ours: 40 sent, 1 late, 1 outside of a session
";

/// The trees as they are shown, without times.
const TREES: [&str; 4] = [
    "\
session answer   returned after
├─ agent think
│  └─ tool look_up
└─ tool index
",
    "\
session answer  after its end
└─ tool count
",
    "\
session POST /rooms/{room}/channel   4 → 4 tokens
├─ agent chat
│  └─ llm complete   parrot-1  4 → 4 tokens
│     └─ tool look_up ×4
└─ tool remember
",
    "\
session POST /rooms/{room}/sse   2 → 1 tokens  ⊘ cancelled
└─ agent chat   ⊘ cancelled
   └─ llm complete   parrot-1  2 → 1 tokens  ⊘ cancelled
      ├─ tool look_up
      └─ tool look_up   ⊘ cancelled
",
];
