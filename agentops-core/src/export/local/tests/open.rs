//! Tests that an open session has a file that names it, and only as long as it is open.

use super::{
    dead::{at, begin, comes, died, root},
    *,
};
use crate::{
    export::local::{
        open_ids::{open_in, places_in},
        open_session::path_of,
    },
    record::semconv::{OPERATION_NAME, TAG_TAGS},
};

fn path(dir: &Path, trace: u128) -> PathBuf {
    path_of(dir, TraceId::from(trace))
}

fn read(dir: &Path, trace: u128) -> OpenSession {
    OpenSession::read(&path(dir, trace)).unwrap()
}

/// Creates the root of a part of a session that was continued from another process.
fn continued(trace: u128, id: u64) -> SpanData {
    let name = KeyValue::new(OPERATION_NAME, "continued");
    let attributes = vec![name];
    SpanData { parent_span_is_remote: true, attributes, ..at(trace, id, 2, 1, 1) }
}

#[test]
fn open_session_is_described_until_root_is_written() {
    let dir = tempdir().unwrap();
    let exporter = local(dir.path());
    let mut root = root(1);
    let tags = Value::Array(Array::String(vec!["a".into(), "b".into()]));
    root.attributes.push(KeyValue::new(TAG_TAGS, tags));
    begin(&exporter, vec![root, at(1, 2, 1, 1, 1)]);
    let executable = std::env::current_exe().unwrap();
    let expected = serde_json::json!({
        "name": "run",
        "trace_id": "00000000000000000000000000000001",
        "span_id": "0000000000000001",
        "start_unix_nano": 1_700_000_000_000_000_001_u64,
        "user_id": "ada",
        "tags": ["a", "b"],
        "program": executable.file_name().unwrap().to_str(),
        "pid": std::process::id(),
    });
    for ended in [at(1, 3, 2, 1, 2), at(1, 2, 1, 1, 2)] {
        let session = read(dir.path(), 1);
        assert_eq!(
            (serde_json::to_value(&session).unwrap(), session.is_alive()),
            (expected.clone(), true)
        );
        export(&exporter, vec![ended]);
    }
    let session = read(dir.path(), 1);
    export(&exporter, vec![at(1, 1, 0, 0, 2)]);
    assert_eq!((path(dir.path(), 1).exists(), session.is_alive()), (false, false));
}

#[cfg(unix)]
#[test]
fn file_of_open_session_is_private() {
    use std::os::unix::fs::PermissionsExt;

    let dir = tempdir().unwrap();
    let exporter = local(dir.path());
    begin(&exporter, vec![root(1)]);
    let mode = fs::metadata(path(dir.path(), 1)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn session_of_one_batch_has_no_open_file() {
    let dir = tempdir().unwrap();
    let exporter = local(dir.path());
    export(&exporter, vec![at(1, 2, 1, 0, 1), root(1)]);
    // Spans that end late do not open it again.
    export(&exporter, vec![at(1, 3, 1, 0, 1)]);
    assert!(!path(dir.path(), 1).exists());
}

#[test]
fn session_of_dead_process_is_not_alive_even_if_slot_is_held_again() {
    let dir = tempdir().unwrap();
    died(dir.path(), vec![root(1)], vec![at(1, 3, 1, 0, 1)]);
    let session = read(dir.path(), 1);
    assert!(!session.is_alive());
    let next = local(dir.path());
    begin(&next, vec![root(2)]);
    assert!(places_in(dir.path()).join("0/lock").exists());
    assert_eq!([session.is_alive(), read(dir.path(), 2).is_alive()], [false, true]);
}

#[test]
fn closed_session_loses_its_open_file() {
    let dir = tempdir().unwrap();
    died(dir.path(), vec![root(1), root(2)], vec![at(1, 3, 1, 0, 1)]);
    assert!(path(dir.path(), 1).exists() && path(dir.path(), 2).exists());
    drop(comes(dir.path()));
    assert!(!path(dir.path(), 1).exists() && !path(dir.path(), 2).exists());
}

#[test]
fn shutdown_removes_open_files() {
    let dir = tempdir().unwrap();
    let exporter = local(dir.path());
    begin(&exporter, vec![root(1)]);
    ErasedExporter::shutdown(&exporter, Duration::from_secs(1)).unwrap();
    assert!(!path(dir.path(), 1).exists());
}

#[test]
fn continued_session_gives_way_to_the_root() {
    let dir = tempdir().unwrap();
    let (service, client) = (local(dir.path()), local(dir.path()));
    let named = || read(dir.path(), 1).name;
    begin(&service, vec![continued(1, 5)]);
    assert_eq!(named(), "continued");
    begin(&client, vec![root(1)]);
    begin(&service, vec![continued(1, 6)]);
    assert_eq!(named(), "run");
    export(&service, vec![continued(1, 5), continued(1, 6)]);
    assert_eq!(named(), "run", "it still runs");
    export(&client, vec![root(1)]);
    assert!(!path(dir.path(), 1).exists());
}

#[test]
fn removed_folder_gets_its_open_files_again() {
    let dir = tempdir().unwrap();
    let sessions = dir.path().join("sessions");
    let exporter = local(&sessions);
    begin(&exporter, vec![root(1)]);
    fs::remove_dir_all(&sessions).unwrap();
    export(&exporter, vec![at(1, 3, 1, 0, 1)]);
    assert!(read(&sessions, 1).is_alive());
}

#[test]
fn unwritable_open_file_does_not_cost_the_batch() {
    let dir = tempdir().unwrap();
    fs::create_dir_all(path(dir.path(), 1).join("in the way")).unwrap();
    let exporter = local(dir.path());
    exporter.keep_starts(&mut exported(&mut [root(1)]));
    assert!(exporter.folder().trouble.is_some());
    assert!(open_in(dir.path()).eq([TraceId::from(1)]), "its start is recorded");
    export(&exporter, vec![at(1, 3, 1, 0, 1)]);
    assert!(exporter.folder().has_complained);
    export(&exporter, vec![at(1, 1, 0, 0, 2)]);
    assert_eq!(lines(dir.path()), [vec![vec!["s3"], vec!["s1"]]]);
}

#[test]
fn bounds_remove_open_file_with_its_session() {
    let dir = tempdir().unwrap();
    export(&local(dir.path()), vec![span(1, "old"), span(2, "new")]);
    let old = SystemTime::now() - Duration::from_secs(90 * 24 * 3600);
    let file = fs::File::options().write(true).open(file_of(dir.path(), TraceId::from(1))).unwrap();
    file.set_modified(old).unwrap();
    fs::write(path(dir.path(), 1), "{}").unwrap();
    Bounds::new(LocalSettings::at(dir.path().to_owned())).keep();
    assert!(!path(dir.path(), 1).exists());
}

#[test]
fn open_session_with_path_as_id_is_not_alive() {
    let dir = tempdir().unwrap();
    let exporter = local(dir.path());
    begin(&exporter, vec![root(1)]);
    let session = serde_json::json!({
        "name": "", "trace_id": "../open/00000000000000000000000000000001",
        "span_id": "0000000000000001", "start_unix_nano": 0, "pid": 1,
    });
    let planted = path(dir.path(), 2);
    fs::write(&planted, session.to_string()).unwrap();
    assert!(!OpenSession::read(&planted).unwrap().is_alive());
    fs::write(&planted, "{}").unwrap();
    assert_eq!(OpenSession::read(&planted).unwrap_err().kind(), io::ErrorKind::InvalidData);
}
