use std::{collections::BTreeMap, fs};

use super::*;
use crate::store::{
    FileStore, SpanId, Store, StoreError,
    fixture::{TestFolder, TestSpan, line},
};

/// Reader that follows a store, and knows of it only what the changes tell.
#[derive(Default)]
struct Follower {
    version: StoreVersion,
    sessions: BTreeMap<SessionId, SessionSummary>,
}

impl Follower {
    /// Returns what has changed, each session as `NAME STATE SPANS`, with its steps.
    fn look(&mut self, store: &impl Store) -> Vec<String> {
        let StoreChanges { changed, gone, version, .. } = store.changes(&self.version).unwrap();
        let mut seen: Vec<_> = changed.iter().map(shown).collect();
        seen.extend(gone.iter().map(|id| format!("gone {}", self.sessions[id].name)));
        self.version = version;
        self.sessions.extend(changed.into_iter().map(|session| (session.id, session)));
        self.sessions.retain(|id, _| !gone.contains(id));
        let mut all = store.sessions().unwrap().sessions;
        all.sort_by_key(|session| session.id);
        assert_eq!(self.sessions.values().cloned().collect::<Vec<_>>(), all);
        seen
    }
}

fn shown(session: &SessionSummary) -> String {
    let step = session.step.join(" › ");
    let text = format!("{} {:?} {} {step}", session.name, session.state, session.spans);
    text.trim_end().to_owned()
}

fn root(session: u128, name: &str) -> TestSpan {
    let start = u64::try_from(session).unwrap();
    TestSpan::new(session, 1, 0, &format!("session {name}")).at(start, start + 100)
}

/// Writes a session that has ended.
fn write_ended(folder: &TestFolder, session: u128, name: &str) -> SessionId {
    folder.write(session, &[&[root(session, name).ended()]])
}

fn tool(id: u64, parent: u64) -> TestSpan {
    TestSpan::new(1, id, parent, &format!("tool t{id}")).at(id, id + 1)
}

const NONE: [&str; 0] = [];

#[test]
fn changes_begin_with_everything_newest_first() {
    let (folder, mut follower) = (TestFolder::new(), Follower::default());
    write_ended(&folder, 1, "ask");
    write_ended(&folder, 2, "plan");
    assert_eq!(follower.look(&folder.store()), ["plan Succeeded 1", "ask Succeeded 1"]);
    assert_eq!(follower.look(&folder.store()), NONE);
    write_ended(&folder, 3, "new");
    assert_eq!(follower.look(&folder.store()), ["new Succeeded 1"]);
}

#[test]
fn running_session_changes_with_steps_spans_and_end() {
    let (folder, mut follower) = (TestFolder::new(), Follower::default());
    let (store, process) = (folder.store(), folder.process());
    process.start(&root(1, "ask"));
    assert_eq!(follower.look(&store), ["ask Running 0"]);
    process.start(&tool(2, 1));
    assert_eq!(follower.look(&store), ["ask Running 0 t2"]);
    assert_eq!(follower.look(&store), NONE);
    process.end(&[tool(3, 2), tool(2, 1)]);
    assert_eq!(follower.look(&store), ["ask Running 2"]);
    process.end(&[tool(4, 1)]);
    assert_eq!(follower.look(&store), ["ask Running 3"]);
    let totals = root(1, "ask").count("agentops.session.calls.tool", 3);
    process.end_session(&totals.ended());
    assert_eq!(follower.look(&store), ["ask Succeeded 4"]);
    assert_eq!(follower.look(&store), NONE);
}

#[test]
fn session_whose_process_died_is_aborted() {
    let (folder, mut follower) = (TestFolder::new(), Follower::default());
    let (store, process) = (folder.store(), folder.process());
    process.start(&root(1, "ask"));
    process.end(&[tool(2, 1)]);
    assert_eq!(follower.look(&store), ["ask Running 1"]);
    // Nothing is written by it: the list of files and all files stay as they are.
    folder.settle();
    assert_eq!(follower.look(&store), NONE);
    process.die();
    assert_eq!(follower.look(&store), ["ask Aborted 1"]);
    assert_eq!(follower.look(&store), NONE);
}

#[test]
fn removed_sessions_are_gone() {
    let (folder, mut follower) = (TestFolder::new(), Follower::default());
    let ended = write_ended(&folder, 1, "ask");
    let without_end = folder.write(2, &[&[TestSpan::new(2, 2, 1, "tool t").at(2, 3)]]);
    assert_eq!(follower.look(&folder.store()), [" Unfinished 1", "ask Succeeded 1"]);
    folder.store().remove(ended).unwrap();
    assert_eq!(follower.look(&folder.store()), ["gone ask"]);
    folder.store().remove(without_end).unwrap();
    assert_eq!(follower.look(&folder.store()), ["gone "]);
    assert_eq!(follower.look(&folder.store()), NONE);
}

#[test]
fn replaced_sessions_are_read_anew() {
    let (folder, mut follower) = (TestFolder::new(), Follower::default());
    folder.write(1, &[&[tool(2, 1)], &[tool(3, 1)]]);
    assert_eq!(follower.look(&folder.store()), [" Unfinished 2"]);
    folder.write(1, &[&[tool(4, 1)]]);
    assert_eq!(follower.look(&folder.store()), [" Unfinished 1"], "by a shorter one");
    let long = tool(5, 1).text("input.value", &"x".repeat(999));
    folder.write(1, &[&[long, tool(6, 1), tool(7, 1)]]);
    assert_eq!(follower.look(&folder.store()), [" Unfinished 3"], "by a longer one");
}

#[test]
fn line_that_was_cut_off_is_read_once_it_is_whole() {
    let (folder, mut follower) = (TestFolder::new(), Follower::default());
    let second = line(&[tool(3, 1)]);
    let (start, end) = second.split_at(60);
    folder.write_text(1, &(line(&[tool(2, 1)]) + start));
    assert_eq!(follower.look(&folder.store()), [" Unfinished 1"]);
    let faults =
        |follower: &Follower| folder.store().changes(&follower.version).unwrap().faults.count();
    assert_eq!(faults(&follower), 1);
    folder.append(1, end);
    assert_eq!(follower.look(&folder.store()), [" Unfinished 2"]);
    assert_eq!(faults(&follower), 0);
}

#[test]
fn line_of_running_session_that_is_cut_off_is_no_fault() {
    let folder = TestFolder::new();
    let process = folder.process();
    process.start(&root(1, "ask"));
    folder.write_text(1, &("garbage\n".to_owned() + &line(&[tool(2, 1)])[..60]));
    let faults = |folder: &TestFolder| {
        folder.store().sessions().unwrap().faults.first().iter().map(|fault| fault.offset).collect()
    };
    let all: Vec<_> = faults(&folder);
    assert_eq!(all, [Some(0)]);
    process.die();
    let all: Vec<_> = faults(&folder);
    assert_eq!(all, [Some(0), Some(8)]);
}

#[test]
fn file_that_cannot_be_read_keeps_its_last_summary() {
    let folder = TestFolder::new();
    let process = folder.process();
    process.start(&root(1, "ask"));
    process.end(&[tool(2, 1)]);
    let before = folder.store().changes(&StoreVersion::default()).unwrap();
    fs::remove_file(folder.path_of(1)).unwrap();
    fs::create_dir(folder.path_of(1)).unwrap();
    let now = folder.store().changes(&before.version).unwrap();
    assert_eq!((now.changed, now.gone), (Vec::new(), Vec::new()));
    assert_eq!(now.faults.first()[0].path, folder.path_of(1));
}

#[test]
fn version_of_another_store_makes_all_differ() {
    let (one, other, mut follower) = (TestFolder::new(), TestFolder::new(), Follower::default());
    write_ended(&one, 1, "ask");
    write_ended(&one, 2, "plan");
    write_ended(&other, 1, "ask");
    follower.look(&one.store());
    assert_eq!(follower.look(&other.store()), ["ask Succeeded 1", "gone plan"]);
}

#[test]
fn folder_that_was_removed_holds_nothing() {
    let (folder, mut follower) = (TestFolder::new(), Follower::default());
    write_ended(&folder, 1, "ask");
    let store = folder.store();
    follower.look(&store);
    fs::remove_dir_all(folder.path()).unwrap();
    assert_eq!(follower.look(&store), ["gone ask"]);
}

#[test]
fn ended_sessions_of_a_quiet_folder_are_asked_seldom() {
    let folder = TestFolder::new();
    let (store, mut version) = (folder.store(), StoreVersion::default());
    write_ended(&folder, 1, "ask");
    folder.settle();
    version = store.changes(&version).unwrap().version;
    folder.append(1, &line(&[tool(2, 1)]));
    let looks = (1..100).find(|_| {
        let StoreChanges { changed, version: next, .. } = store.changes(&version).unwrap();
        version = next;
        !changed.is_empty()
    });
    assert_eq!(looks, Some(21));
}

#[test]
fn file_store_changes_by_what_was_appended() {
    let (folder, mut follower) = (TestFolder::new(), Follower::default());
    folder.write(9, &[&[tool(2, 1), root(2, "plan")]]);
    let store = FileStore::open(folder.path_of(9)).unwrap();
    assert_eq!(follower.look(&store), [" Unfinished 1", "plan Succeeded 1"]);
    assert_eq!(follower.look(&store), NONE);
    folder.append(9, &line(&[tool(3, 1), root(1, "ask")]));
    assert_eq!(follower.look(&store), ["ask Succeeded 3"]);
    folder.write(9, &[&[root(2, "plan")]]);
    assert_eq!(follower.look(&store), ["gone ask"]);
}

#[test]
fn spans_from_a_position_are_those_behind_it() {
    let (folder, ids) = (TestFolder::new(), |spans: &[u64]| spans.to_vec());
    let second = line(&[tool(3, 1)]);
    let session = folder.write_text(1, &(line(&[tool(2, 1)]) + &second[..60]));
    let mut position = 0;
    let mut read = |folder: &TestFolder| {
        let spans = folder.store().spans_from(session, position).unwrap();
        let from = spans.from;
        position = spans.next;
        let number = |id: SpanId| u64::from_str_radix(&id.to_string(), 16).unwrap();
        (from == 0, spans.table.rows().iter().map(|row| number(row.id)).collect::<Vec<_>>())
    };
    assert_eq!(read(&folder), (true, ids(&[2])));
    assert_eq!(read(&folder), (false, ids(&[])));
    folder.append(1, &second[60..]);
    assert_eq!(read(&folder), (false, ids(&[3])));
    folder.write(1, &[&[tool(4, 1)]]);
    assert_eq!(read(&folder), (true, ids(&[4])));
    fs::remove_file(folder.path_of(1)).unwrap();
    let gone = folder.store().spans_from(session, 7).unwrap_err();
    assert!(matches!(gone, StoreError::NoSession(_)), "{gone}");
}

#[test]
fn open_spans_are_those_that_run() {
    let folder = TestFolder::new();
    let process = folder.process();
    let session = folder.write(1, &[&[tool(9, 3)]]);
    process.start(&root(1, "ask"));
    process.start(&tool(2, 1));
    process.start(&tool(3, 2));
    let open = |folder: &TestFolder| {
        let spans = folder.store().open_spans(session).into_iter();
        spans.map(|span| [span.id, span.parent].map(|id| id.to_string())).collect::<Vec<_>>()
    };
    let ids = |ids: [u64; 2]| ids.map(|id| format!("{id:016x}"));
    assert_eq!(open(&folder), [ids([2, 1]), ids([3, 2])]);
    process.end(&[tool(3, 2)]);
    assert_eq!(open(&folder), [ids([2, 1])]);
    process.die();
    assert_eq!(open(&folder), Vec::<[String; 2]>::new());
}
