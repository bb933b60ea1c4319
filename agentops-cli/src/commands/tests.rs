//! Outputs of the commands on a fixed store at a fixed time.

mod sample;

use std::{fs, path::Path};

use clap::Parser;
use tempfile::TempDir;

use self::sample::{NOW, span, span_at, trace, write_ask, write_failed, write_unfinished};
use super::{Curl, Failure, Ls, Outcome, Pin, Show};
use crate::{
    store::fixture::line,
    terminal::{Colour, Screen, width},
};

/// Command line of the commands that are tested.
#[derive(Debug, Parser)]
enum Tested {
    Ls(Ls),
    Show(Show),
    Pin(Pin),
    Curl(Curl),
}

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
    let dir = dir.to_str().unwrap();
    let all = [&["agentops"], arguments, &["--dir", dir]].concat();
    let tested = Tested::try_parse_from(all).unwrap();
    let mut out = Vec::new();
    let mut screen = Screen::new(&mut out, columns, colour, NOW);
    let result = match tested {
        Tested::Ls(ls) => ls.run(&mut screen),
        Tested::Show(show) => show.run(&mut screen),
        Tested::Pin(pin) => pin.run(&mut screen),
        Tested::Curl(curl) => curl.run(&mut screen),
    };
    drop(screen);
    (String::from_utf8(out).unwrap(), result)
}

/// Command lines whose outputs are kept as files, for each width.
const LINES: [&[&str]; 16] = [
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
    &["pin", "416489201", "--call", "my_crate::ask()"],
    &["curl", "last/a"],
];

/// Asserts that a text is what the file with this name holds. `UPDATE_SNAPSHOTS=1` writes the file.
fn assert_snapshot(name: &str, text: &str) {
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
    for line in LINES {
        let (text, result) = run_on(store.path(), columns, colour, line);
        let is_document = ["--json", "--md", "pin", "curl"].iter().any(|word| line.contains(word));
        let widest = text.lines().map(width).max().unwrap_or_default();
        assert!(colour == Colour::Coloured || is_document || widest <= columns, "{text}");
        let line = line.join(" ");
        all.push_str(&format!("$ agentops {line}\n{text}# {:?}\n\n", result.unwrap()));
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
    assert_snapshot("80-coloured", &outputs(80, Colour::Coloured).replace('\x1b', "␛"));
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
        "`none.jsonl` cannot be read: No such file or directory (os error 2); make it readable"
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

/// Returns the tree of a file of session 1 without its times, or the message if there is none.
fn shown(content: impl AsRef<[u8]>) -> String {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join(format!("{}.jsonl", trace(1))), content).unwrap();
    let (text, result) = run_on(dir.path(), 200, Colour::Plain, &["show", &trace(1)]);
    if let Err(failure) = result {
        return failure.to_string();
    }
    let tree = text.lines().skip_while(|line| !line.is_empty()).skip(1);
    let tree: Vec<_> = tree.map(|line| line.split("   ").next().unwrap_or_default()).collect();
    tree.join("\n").replace(&*dir.path().to_string_lossy(), "STORE")
}

#[test]
fn broken_stores_show_what_is_whole() {
    let root = || span(1, 1, 0, "session run", [0, 100]);
    let tool = |id, parent| span(1, id, parent, &format!("tool t{id}"), [id, id + 10]);
    let whole = line(&[tool(2, 1), root()]);
    let tree = "session run\n└─ tool t2".to_owned();
    let with = |more: &[u8]| [whole.as_bytes(), more].concat();
    let faulty = |reason: &str| {
        let (place, bytes) = (format!("STORE/{}.jsonl", trace(1)), whole.len());
        format!("{tree}\n1 part could not be read, first `{place}` at byte {bytes}: {reason}")
    };
    let no_json = "no OTLP trace: expected value at line 1 column 1";
    let no_object = "no OTLP trace: invalid type: sequence, expected an object with `resourceSpans` at line 1 \
                     column 0";
    let second_root = line(&[span(1, 3, 0, "session again", [50, 90])]);
    let cycle = line(&[root(), tool(2, 3), tool(3, 2), tool(4, 4)]);
    let backwards = line(&[root(), span(1, 2, 1, "tool t2", [90, 10])]);
    let replaced = "1 span has the id of another one and is left out";
    let cases = [
        ("whole", with(b""), tree.clone()),
        ("cut line", with(&whole.as_bytes()[..40]), faulty("the last line is cut off")),
        ("garbage", with(b"garbage\n"), faulty(no_json)),
        ("other JSON", with(b"[1]\n"), faulty(no_object)),
        ("not UTF-8", with(b"\xff\xfe\n"), faulty(no_json)),
        (
            "long line",
            with(&[vec![b' '; 65 << 20], b"\n".to_vec()].concat()),
            faulty("the line is longer than 67108864 bytes"),
        ),
        ("two roots", with(second_root.as_bytes()), format!("{tree}\nsession again")),
        (
            "no root",
            line(&[tool(2, 1), tool(3, 1)]).into(),
            "span – not ended\n├─ tool t2\n└─ tool t3".to_owned(),
        ),
        ("cycle", cycle.into(), "session run\ntool t2\n└─ tool t3\ntool t4".to_owned()),
        ("id twice", line(&[tool(2, 1), root(), tool(2, 1)]).into(), format!("{tree}\n{replaced}")),
        ("times backwards", backwards.into(), tree.clone()),
        ("empty", Vec::new(), format!("session `{}` has no spans yet", trace(1))),
    ];
    for (name, content, expected) in cases {
        assert_eq!(shown(content), expected, "{name}");
    }
}

#[test]
fn chain_of_ten_thousand_spans_is_shown() {
    let spans: Vec<_> = (1..=10_000).map(|id| span_at(id, id - 1)).collect();
    assert_eq!(shown(line(&spans)).lines().count(), 10_000);
}

#[test]
fn links_folders_and_other_files_are_no_sessions() {
    let dir = store();
    let link = dir.path().join(format!("{}.jsonl", trace(3)));
    std::os::unix::fs::symlink("/etc/hostname", link).unwrap();
    fs::create_dir(dir.path().join(format!("{}.jsonl", trace(4)))).unwrap();
    fs::write(dir.path().join("notes.jsonl"), "{}").unwrap();
    let listed = |dir: &Path| run_on(dir, 80, Colour::Plain, &["ls"]).0;
    assert_eq!(listed(dir.path()), listed(store().path()));
}
