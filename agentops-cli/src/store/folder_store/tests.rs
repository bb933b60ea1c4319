//! Files of a folder that change between two looks at them.

use std::{fs::File, io::Write, path::PathBuf};

use super::*;
use crate::store::{
    Grouping, SessionList, TotalsList,
    fixture::{TestFolder, TestSpan, line},
    line_reader::{LineReader, LineText},
};

fn tool(id: u64) -> TestSpan {
    TestSpan::new(1, id, 1, &format!("tool t{id}")).at(2, 3)
}

fn root() -> TestSpan {
    TestSpan::new(1, 1, 0, "session run").at(1, 9).ended()
}

/// Returns a folder with session 1, its store, and the file of the session.
fn folder() -> (TestFolder, FolderStore, PathBuf) {
    let folder = TestFolder::new();
    let id = folder.write(1, &[&[tool(2)], &[root()]]);
    let store = folder.store();
    let path = store.path_of(id);
    (folder, store, path)
}

/// Returns the names of spans.
fn names(spans: &FileSpans) -> Vec<&str> {
    spans.table.rows().iter().map(|row| spans.table.text(row.name)).collect()
}

/// Summarises sessions that were listed before.
fn summaries(store: &FolderStore, ids: BTreeSet<SessionId>) -> SessionList {
    let version = store.look_at(ids, StoreVersion::default());
    let StoreChanges { changed, faults, .. } = version.changes_since(&StoreVersion::default());
    SessionList { sessions: changed, faults }
}

/// Returns the names of listed sessions, and the reasons of faults with their places.
fn told(list: SessionList) -> (Vec<String>, Vec<(Option<u64>, String)>) {
    let names = list.sessions.into_iter().map(|session| session.name).collect();
    let faults = list.faults.first().iter();
    (names, faults.map(|fault| (fault.offset, fault.reason.clone())).collect())
}

#[test]
fn sessions_of_several_threads_are_all_listed_in_order() {
    let folder = TestFolder::new();
    for session in 1..=200_u64 {
        let root = TestSpan::new(session.into(), 1, 0, &format!("session {session}"));
        folder.write(session.into(), &[&[root.at(session, session + 1).ended()]]);
    }
    let listed = folder.store().sessions().unwrap().sessions;
    let names: Vec<_> = listed.into_iter().map(|session| session.name).collect();
    let expected: Vec<_> = (1..=200).rev().map(|session: u64| session.to_string()).collect();
    assert_eq!(names, expected);
}

#[test]
fn file_that_vanished_since_listing_is_no_fault() {
    let (_folder, store, path) = folder();
    let ids = store.entries().unwrap();
    fs::remove_file(path).unwrap();
    assert_eq!(told(summaries(&store, ids)), (Vec::new(), Vec::new()));
}

#[test]
fn file_that_became_unreadable_since_listing_is_counted() {
    let (_folder, store, path) = folder();
    let ids = store.entries().unwrap();
    fs::remove_file(&path).unwrap();
    fs::create_dir(path).unwrap();
    let fault = (None, "Is a directory (os error 21)".to_owned());
    assert_eq!(told(summaries(&store, ids)), (Vec::new(), vec![fault]));
}

#[test]
fn file_that_grew_shows_whole_lines_and_reads_on() {
    let (_folder, store, path) = folder();
    let (id, second) = (store.ids().unwrap()[0], line(&[tool(3)]));
    let (start, end) = second.split_at(60);
    let first = fs::read_to_string(&path).unwrap();
    fs::write(&path, first.clone() + start).unwrap();
    let spans = store.spans(id).unwrap();
    assert_eq!((names(&spans), spans.faults.count()), (vec!["t2", "run"], 1));
    assert_eq!(spans.next, first.len() as u64);
    fs::write(&path, first.clone() + start + end).unwrap();
    let spans = store.spans_from(id, spans.next).unwrap();
    assert_eq!((names(&spans), spans.faults.count()), (vec!["t3"], 0));
    assert_eq!(spans.next, (first + &second).len() as u64);
}

/// Length of a line that fills whole reads, so that the one after it is not yet in memory.
const LONG: u64 = 1 << 20;

/// Returns the lines that are read after the first one, of a file that changes behind it.
fn read_behind(change: impl FnOnce(&Path)) -> Vec<(u64, String)> {
    let (_folder, _, path) = folder();
    let first = " ".repeat(LONG as usize - 1);
    fs::write(&path, first + "\nsecond\n").unwrap();
    let mut lines = LineReader::at(File::open(&path).unwrap(), 0).unwrap();
    assert_eq!(lines.next_line().unwrap().unwrap().end, LONG);
    change(&path);
    let mut rest = Vec::new();
    while let Some(line) = lines.next_line().unwrap() {
        let text = match line.text {
            LineText::Whole(text) => format!("{} whole", text.escape_ascii()),
            LineText::Unended(text) => format!("{} unended", text.escape_ascii()),
            LineText::TooLong => "too long".to_owned(),
        };
        rest.push((line.offset - LONG, text));
    }
    rest
}

#[test]
fn open_file_is_read_to_its_end_whatever_becomes_of_it() {
    let cut = |path: &Path, length| {
        File::options().write(true).open(path).unwrap().set_len(length).unwrap();
    };
    let grow = |path: &Path| {
        File::options().append(true).open(path).unwrap().write_all(b"third").unwrap();
    };
    let second = (0, "second whole".to_owned());
    assert_eq!(read_behind(|path| fs::remove_file(path).unwrap()), std::slice::from_ref(&second));
    assert_eq!(read_behind(|path| cut(path, LONG)), []);
    assert_eq!(read_behind(|path| cut(path, LONG + 3)), [(0, "sec unended".to_owned())]);
    assert_eq!(read_behind(grow), [second, (7, "third unended".to_owned())]);
}

#[test]
fn content_of_file_that_was_cut_is_none() {
    let (_folder, store, path) = folder();
    let id = store.ids().unwrap()[0];
    let place = store.spans(id).unwrap().table.rows()[1].place;
    assert!(store.content(id, place).unwrap().is_some());
    File::options().write(true).open(path).unwrap().set_len(place.offset).unwrap();
    assert_eq!(store.content(id, place).unwrap(), None);
}

#[test]
fn totals_count_session_that_became_unreadable() {
    let (folder, store, path) = folder();
    folder.write(2, &[&[TestSpan::new(2, 1, 0, "tool other").at(1, 2)]]);
    let list = store.sessions().unwrap();
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    let totals =
        TotalsList::of_list(&store, list, Grouping::Tool, &SessionFilter::default()).unwrap();
    let reasons: Vec<_> = totals.faults.first().iter().map(|fault| &*fault.reason).collect();
    assert_eq!((totals.all.calls, reasons), (1, vec!["Is a directory (os error 21)"]));
}
