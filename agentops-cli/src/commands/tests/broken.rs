//! Broken stores: what is whole is shown, the rest is counted in one line with reason and place.

use std::{
    fs::{self, Permissions},
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
};

use tempfile::TempDir;

use super::{
    assert_snapshot, run_on,
    sample::{span, span_at, trace},
    store,
};
use crate::{
    commands::{Failure, Outcome},
    store::fixture::{TestSpan, line},
    terminal::Colour,
};

/// Columns of a screen on which no path is cut.
const WIDE: usize = 400;

/// Content at the place of the file of session 1.
pub(super) enum Broken {
    Bytes(Vec<u8>),
    /// File that its user may not read; the superuser may.
    Locked,
    Folder,
    DanglingLink,
}

impl From<String> for Broken {
    fn from(text: String) -> Self {
        Self::Bytes(text.into())
    }
}

impl Broken {
    pub(super) fn write(&self, path: &Path) {
        match self {
            Self::Bytes(bytes) => fs::write(path, bytes).unwrap(),
            Self::Locked => {
                fs::write(path, line(&[root()])).unwrap();
                fs::set_permissions(path, Permissions::from_mode(0o0)).unwrap();
            }
            Self::Folder => fs::create_dir(path).unwrap(),
            Self::DanglingLink => symlink(path.with_extension("none"), path).unwrap(),
        }
    }
}

fn root() -> TestSpan {
    span(1, 1, 0, "session run", [0, 100])
}

fn tool(id: u64, parent: u64) -> TestSpan {
    span(1, id, parent, &format!("tool t{id}"), [id, id + 10])
}

/// Returns each broken file by its name.
pub(super) fn cases() -> Vec<(&'static str, Broken)> {
    let whole = line(&[tool(2, 1), root().ended().count("agentops.session.calls.tool", 1)]);
    let with = |more: &[u8]| Broken::Bytes([whole.as_bytes(), more].concat());
    let open = |more: &[u8]| Broken::Bytes([line(&[tool(2, 1)]).as_bytes(), more].concat());
    let long = [vec![b' '; 65 << 20], b"\n".to_vec()].concat();
    let elsewhere = [span(2, 2, 1, "tool t2", [2, 12]), span(2, 1, 0, "session other", [0, 90])];
    vec![
        ("whole", with(b"")),
        ("cut line", with(&whole.as_bytes()[..40])),
        ("cut line without a root", open(&whole.as_bytes()[..40])),
        ("garbage", with(b"garbage\n")),
        ("garbage without a root", open(b"garbage\n\0\0\n")),
        ("only garbage", Broken::Bytes(b"garbage\n".into())),
        ("other JSON", with(b"[1]\n")),
        ("not UTF-8", with(b"\xff\xfe\n")),
        ("65 MiB line", open(&long)),
        ("two roots", with(line(&[span(1, 3, 0, "session again", [50, 90])]).as_bytes())),
        ("no root", line(&[tool(2, 1), tool(3, 1)]).into()),
        ("cycle", line(&[root(), tool(2, 3), tool(3, 2), tool(4, 4)]).into()),
        ("id twice", line(&[tool(2, 1), root(), tool(2, 1)]).into()),
        ("times backwards", line(&[root(), span(1, 2, 1, "tool t2", [90, 10])]).into()),
        ("foreign session", line(&elsewhere).into()),
        ("foreign session beside its own", with(line(&elsewhere).as_bytes())),
        ("empty", Broken::Bytes(Vec::new())),
        ("folder", Broken::Folder),
        ("dangling link", Broken::DanglingLink),
    ]
}

fn outcome(result: Result<Outcome, Failure>) -> String {
    result.map_or_else(|failure| failure.to_string(), |outcome| format!("{outcome:?}"))
}

/// Returns what a command prints, without the bars of its spans, and how it ends.
fn ran(dir: &Path, arguments: &[&str]) -> String {
    let (text, result) = run_on(dir, WIDE, Colour::Plain, arguments);
    let mut ran = String::new();
    for line in text.lines() {
        ran += line.split("     ").next().unwrap();
        ran += "\n";
    }
    ran + &format!("# {}\n", outcome(result))
}

/// Returns how a command ends, and its line about what could not be read.
fn ended(dir: &Path, arguments: &[&str]) -> String {
    let (text, result) = run_on(dir, WIDE, Colour::Plain, arguments);
    let faults = text.lines().last().filter(|line| line.contains("could not be read"));
    let faults = faults.map(|line| format!("; {line}")).unwrap_or_default();
    format!("{}: {}{faults}\n", arguments.join(" "), outcome(result))
}

/// Returns what `ls` and `show` print of a folder, and how each other command ends, with `STORE` for the folder.
fn seen(dir: &Path) -> String {
    let (id, path) = (trace(1), dir.to_str().unwrap());
    let file = format!("{path}/{id}.jsonl");
    let [list, shown, of_file] =
        [&["ls"][..], &["show", &id], &["show", &file]].map(|arguments| ran(dir, arguments));
    let mut seen = format!("$ agentops ls\n{list}$ agentops show ID\n{shown}");
    if of_file != shown {
        seen += &format!("$ agentops show STORE/ID.jsonl\n{of_file}");
    }
    let others: [&[&str]; 8] = [
        &["show", &id, "--io", "--json"],
        &["search", "t2"],
        &["ls", "--grep", "t2"],
        &["stats", "--by", "tool"],
        &["gc", "--keep-days", "0", "--dry-run"],
        &["diff", &id, &id],
        &["export", &id, "--perfetto"],
        &["export", &id, "--otlp"],
    ];
    others.iter().for_each(|arguments| seen += &ended(dir, arguments));
    seen.replace(path, "STORE").replace(&id, "ID")
}

#[test]
fn broken_stores_show_what_is_whole() {
    let mut all = String::new();
    for (name, broken) in cases() {
        let dir = TempDir::new().unwrap();
        broken.write(&dir.path().join(format!("{}.jsonl", trace(1))));
        all += &format!("== {name}\n{}\n", seen(dir.path()));
    }
    assert_snapshot("broken", &all);
}

#[test]
fn locked_file_is_counted_or_read_by_superuser() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join(format!("{}.jsonl", trace(1)));
    Broken::Locked.write(&path);
    let (listed, result) = run_on(dir.path(), WIDE, Colour::Plain, &["ls"]);
    assert_eq!(result.unwrap(), Outcome::Fine);
    let denied = format!(
        "0 of 1 sessions\n1 part could not be read, first `{}`: Permission denied (os error 13)\n",
        path.display()
    );
    let read = "41648920  run  4 min ago  100 µs  1 span  0 llm  –  –  ok\n1 of 1 sessions\n";
    let is_superuser = fs::File::open(&path).is_ok();
    assert_eq!(listed, if is_superuser { read.to_owned() } else { denied });
}

#[test]
fn chain_of_ten_thousand_spans_is_shown() {
    let dir = TempDir::new().unwrap();
    let spans: Vec<_> = (1..=10_000).map(|id| span_at(id, id - 1)).collect();
    fs::write(dir.path().join(format!("{}.jsonl", trace(1))), line(&spans)).unwrap();
    let id = trace(1);
    let commands: [(&[&str], usize); 9] = [
        (&["show", &id], 10_004),
        (&["show", &id, "--io", "--json"], 260_007),
        (&["show", &id, "--io", "--md"], 10_003),
        (&["search", "deep", "-n", "0"], 10_001),
        (&["stats", "--by", "tool"], 3),
        (&["diff", &id, &id, "--all"], 10_012),
        (&["export", &id, "--perfetto"], 10_005),
        (&["export", &id, "--otlp"], 5),
        (&["ls"], 2),
    ];
    let printed = commands.map(|(arguments, _)| {
        let (text, result) = run_on(dir.path(), 200, Colour::Plain, arguments);
        assert_eq!(result.unwrap(), Outcome::Fine, "{arguments:?}");
        (arguments, text.lines().count())
    });
    assert_eq!(printed, commands);
}

#[test]
fn links_folders_and_other_files_are_no_sessions() {
    let dir = store();
    symlink("/etc/hostname", dir.path().join(format!("{}.jsonl", trace(3)))).unwrap();
    fs::create_dir(dir.path().join(format!("{}.jsonl", trace(4)))).unwrap();
    fs::write(dir.path().join("notes.jsonl"), "{}").unwrap();
    let listed = |dir: &Path| run_on(dir, 80, Colour::Plain, &["ls"]).0;
    assert_eq!(listed(dir.path()), listed(store().path()));
}
