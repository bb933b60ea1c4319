//! Outputs of the commands on a fixed store at a fixed time.

mod broken;
#[cfg(feature = "view")]
mod page;
mod sample;

use std::{fs, path::Path};

use clap::Parser;
use tempfile::TempDir;

use self::sample::{NOW, trace, write_ask, write_ask_before, write_failed, write_unfinished};
use super::{Failure, Outcome};
use crate::{
    Cli,
    terminal::{Colour, Screen, width},
};

/// Store with fixed sessions.
fn store() -> TempDir {
    let dir = TempDir::new().unwrap();
    write_ask(dir.path());
    write_failed(dir.path());
    write_unfinished(dir.path());
    dir
}

/// Runs a command on a store, and returns what it prints and its result.
fn run_on(
    dir: &Path,
    columns: usize,
    colour: Colour,
    arguments: &[&str],
) -> (String, Result<Outcome, Failure>) {
    let dir = ["--dir", dir.to_str().unwrap()];
    let dir = if arguments.is_empty() { &[] } else { &dir[..] };
    let all = [&["agentops"], arguments, dir].concat();
    let mut out = Vec::new();
    let mut screen = Screen::new(&mut out, columns, colour, NOW);
    let result = Cli::try_parse_from(all).unwrap().run(&mut screen);
    drop(screen);
    (String::from_utf8(out).unwrap(), result)
}

/// Command lines whose outputs are kept as files, for each width.
const LINES: &[&[&str]] = &[
    &[],
    &["ls"],
    &["ls", "--failed", "--since", "4m"],
    &["ls", "--name", "ask", "--json"],
    &["show", "416489201"],
    &["show", "416489201", "--io"],
    &["show", "416489201", "--errors"],
    &["show", "416489201", "--kind", "llm"],
    &["show", "416489201", "--depth", "1"],
    &["show", "416489201/3"],
    &["show", "416489201", "--md", "--io"],
    &["show", "416489201/2", "--json"],
    &["show", "last"],
    &["show", "last~1"],
    &["show", "last~1", "--md"],
    &["diff", "416489201"],
    &["diff", "416489200", "416489201", "--all"],
    &["diff", "last", "last"],
    &["diff", "416489201", "--json"],
    &["search", "passages"],
    &["search", "-i", "faq", "-n", "1"],
    &["search", "find", "--kind", "llm"],
    &["search", "start?", "--json"],
    &["stats"],
    &["stats", "--by", "agent"],
    &["stats", "--by", "tool"],
    &["stats", "--by", "day"],
    &["stats", "--by", "day", "--failed"],
    &["stats", "--name", "ask"],
    &["stats", "--since", "30s"],
    &["stats", "--json"],
    &["export", "416489201", "--perfetto"],
    &["export", "416489201", "--otlp"],
    &["gc", "--keep", "2100B", "--dry-run"],
    &["gc", "--keep-days", "0", "--dry-run"],
    &["gc", "--keep-days", "1", "--dry-run"],
    &["pin", "416489201", "--call", "my_crate::ask()"],
    &["curl", "last/a"],
];

/// Asserts that a text is what the file with this name holds. `UPDATE_SNAPSHOTS=1` writes the file.
pub(super) fn assert_snapshot(name: &str, text: &str) {
    let path = format!("{}/src/commands/tests/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::write(&path, text).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap();
    // The first line that differs: the whole of both would fill screens.
    for (number, (line, expected)) in text.lines().zip(expected.lines()).enumerate() {
        assert_eq!(line, expected, "{path}:{}", number + 1);
    }
    assert_eq!(text.lines().count(), expected.lines().count(), "{path}");
}

fn outputs(columns: usize, colour: Colour) -> String {
    let (store, mut all) = (store(), String::new());
    write_ask_before(store.path());
    for line in LINES {
        let (text, result) = run_on(store.path(), columns, colour, line);
        let documents = ["--json", "--md", "--perfetto", "--otlp", "pin", "curl"];
        let is_document = documents.iter().any(|format| line.contains(format));
        let widest = text.lines().map(width).max().unwrap_or_default();
        assert!(colour == Colour::Coloured || is_document || widest <= columns, "{text}");
        let command = [&["agentops"], *line].concat().join(" ");
        all.push_str(&format!("$ {command}\n{text}# {:?}\n\n", result.unwrap()));
    }
    all
}

#[test]
fn outputs_fit_80_columns() {
    assert_snapshot("80", &outputs(80, Colour::Plain));
}

#[test]
fn outputs_fit_120_columns() {
    assert_snapshot("120", &outputs(120, Colour::Plain));
}

#[test]
fn outputs_are_coloured() {
    for columns in [80, 120] {
        let text = outputs(columns, Colour::Coloured).replace('\x1b', "␛");
        assert_snapshot(&format!("{columns}-coloured"), &text);
    }
}

/// Returns the message of a command that could not do its work.
fn failure(arguments: &[&str]) -> String {
    let (text, result) = run_on(store().path(), 80, Colour::Plain, arguments);
    assert_eq!(text, "");
    result.unwrap_err().to_string()
}

#[test]
fn selection_explains_itself() {
    let (one, two) = (trace(1), trace(2));
    assert_eq!(
        failure(&["show", "41648920"]),
        format!("`41648920` is the start of 2 ids, such as `{one}`, `{two}`; write more of it")
    );
    assert_eq!(failure(&["show", "9"]), "there is no session `9`; `agentops ls` lists them");
    assert_eq!(failure(&["show", "last~3"]), "there is no `last~3`; there are 3 sessions");
    assert_eq!(failure(&["show", "416489201/9"]), "the session has no span `9`");
    assert_eq!(
        failure(&["show", "none.jsonl"]),
        "`none.jsonl` cannot be read: No such file or directory (os error 2); check the path"
    );
}

#[test]
fn empty_folder_tells_what_to_do() {
    let dir = TempDir::new().unwrap();
    let (text, result) = run_on(dir.path(), 300, Colour::Plain, &["ls"]);
    let path = dir.path().display();
    assert_eq!(text, format!("no sessions in `{path}` yet; run a program with agentops first\n"));
    assert_eq!(result.unwrap(), Outcome::Fine);
    let (_, result) = run_on(&dir.path().join("none"), 80, Colour::Plain, &["ls"]);
    let remedy = "run a program with agentops first, or name the folder with `--dir`";
    assert_eq!(
        result.unwrap_err().to_string(),
        format!("there is no folder `{path}/none`; {remedy}")
    );
}
