//! Tests that sessions beyond the bounds are removed, and nothing else.

use std::fs::File;

use super::*;

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Creates an exporter with no other bounds than those that a test sets.
fn bounded(dir: &Path, bound: impl FnOnce(&mut LocalSettings)) -> LocalExporter {
    let usual = LocalSettings::at(dir.to_owned());
    let mut settings =
        LocalSettings { max_sessions: None, max_bytes: None, max_age: None, ..usual };
    bound(&mut settings);
    LocalExporter::new(settings, Reporter::LogOnly)
}

/// Creates a span that is not the last of its session.
fn child(trace: u128) -> SpanData {
    super::child(trace, "child")
}

/// Sets the age of a file.
fn age(dir: &Path, name: &str, age: Duration) {
    let file = File::options().write(true).open(dir.join(name)).unwrap();
    file.set_modified(SystemTime::now() - age).unwrap();
}

fn name(trace: u128) -> String {
    format!("{trace:032x}.jsonl")
}

/// Creates sessions of another process, each of this age.
fn leave(dir: &Path, sessions: &[(u128, Duration)]) {
    let exporter = bounded(dir, |_| ());
    for (trace, when) in sessions {
        export(&exporter, vec![span(*trace, "left")]);
        age(dir, &name(*trace), *when);
    }
}

/// Returns the traces of the sessions in the folder.
fn there(dir: &Path) -> Vec<u128> {
    let names = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name());
    let mut traces: Vec<_> = names
        .filter_map(|name| u128::from_str_radix(name.to_str()?.strip_suffix(".jsonl")?, 16).ok())
        .collect();
    traces.sort_unstable();
    traces
}

#[test]
fn max_sessions_removes_oldest() {
    let dir = tempdir().unwrap();
    leave(dir.path(), &[(1, 2 * HOUR), (2, 4 * HOUR), (3, HOUR), (4, 3 * HOUR)]);
    let scores = |trace| dir.path().join(name(trace)).with_extension("scores");
    [1, 2].iter().for_each(|trace| fs::write(scores(*trace), "{}").unwrap());
    let exporter = bounded(dir.path(), |it| it.max_sessions = Some(3));
    export(&exporter, vec![span(5, "new")]);
    assert_eq!(there(dir.path()), [1, 3, 5]);
    assert_eq!([1, 2].map(|trace| scores(trace).exists()), [true, false]);
    age(dir.path(), &name(5), HOUR / 2);
    export(&exporter, vec![span(6, "newer")]);
    assert_eq!(there(dir.path()), [3, 5, 6], "and so it goes on");
}

#[test]
fn max_bytes_removes_oldest_sessions() {
    let dir = tempdir().unwrap();
    leave(dir.path(), &[(1, 2 * HOUR), (2, HOUR)]);
    let each = fs::metadata(dir.path().join(name(1))).unwrap().len();
    let exporter = bounded(dir.path(), |it| it.max_bytes = Some(2 * each + each / 2));
    export(&exporter, vec![span(3, "left")]);
    assert_eq!(there(dir.path()), [2, 3]);
    let tiny = bounded(dir.path(), |it| it.max_bytes = Some(1));
    export(&tiny, vec![span(4, "left")]);
    assert_eq!(there(dir.path()), [3, 4], "what was written just now stays");
}

#[test]
fn max_age_removes_expired_except_newest() {
    let dir = tempdir().unwrap();
    leave(dir.path(), &[(1, 40 * DAY), (2, 20 * DAY), (3, 31 * DAY)]);
    let mut bounds = Bounds::new(LocalSettings::at(dir.path().to_owned()));
    bounds.keep();
    assert_eq!(there(dir.path()), [2]);
    age(dir.path(), &name(2), 50 * DAY);
    Bounds::new(LocalSettings::at(dir.path().to_owned())).keep();
    assert_eq!(there(dir.path()), [2]);
}

#[test]
fn sessions_that_are_open_stay() {
    let dir = tempdir().unwrap();
    let other = bounded(dir.path(), |_| ());
    // Sessions without a root for hours, without one for days, and with one.
    for (trace, when) in [(1, 2 * HOUR), (2, 2 * DAY)] {
        export(&other, vec![child(trace)]);
        age(dir.path(), &name(trace), when);
    }
    leave(dir.path(), &[(3, HOUR), (4, Duration::from_secs(30))]);
    let exporter = bounded(dir.path(), |it| it.max_sessions = Some(1));
    export(&exporter, vec![child(5)]);
    assert_eq!(there(dir.path()), [1, 4, 5]);
    // A session of this process is kept, however long it is silent.
    age(dir.path(), &name(5), 40 * DAY);
    export(&exporter, vec![span(6, "new")]);
    assert_eq!(there(dir.path()), [1, 4, 5, 6]);
    age(dir.path(), &name(4), HOUR);
    export(&exporter, vec![span(5, "root"), span(7, "new")]);
    age(dir.path(), &name(5), HOUR);
    age(dir.path(), &name(6), HOUR);
    export(&exporter, vec![span(8, "new")]);
    assert_eq!(there(dir.path()), [1, 7, 8], "and goes when it has ended");
}

#[test]
fn foreign_session_removed_after_local_root_ended() {
    let dir = tempdir().unwrap();
    let remote = |trace| SpanData { parent_span_is_remote: true, ..child(trace) };
    export(&bounded(dir.path(), |_| ()), vec![child(1), remote(1), child(2)]);
    [1, 2].into_iter().for_each(|trace| age(dir.path(), &name(trace), 2 * HOUR));
    let exporter = bounded(dir.path(), |it| it.max_sessions = Some(1));
    export(&exporter, vec![span(3, "new")]);
    assert_eq!(there(dir.path()), [2, 3]);
}

#[test]
fn recently_ended_sessions_spared_up_to_limit() {
    let dir = tempdir().unwrap();
    let spans = |traces: std::ops::Range<u128>| traces.map(|trace| span(trace, "new")).collect();
    export(&bounded(dir.path(), |_| ()), spans(1..1101));
    export(&bounded(dir.path(), |_| ()), vec![child(2000)]);
    // One check takes half a second at most.
    let settings =
        LocalSettings { max_sessions: Some(20), ..LocalSettings::at(dir.path().to_owned()) };
    let looks = (0..100).map(|_| Bounds::new(settings.clone()).keep());
    looks.take_while(|()| there(dir.path()).len() > 1020).count();
    assert_eq!((there(dir.path()).len(), there(dir.path()).last()), (1020, Some(&2000)));
}

#[cfg(unix)]
#[test]
fn sessions_of_another_user_are_not_touched() {
    let dir = tempdir().unwrap();
    leave(dir.path(), &[(1, 2 * HOUR), (2, HOUR)]);
    // Only root may give a file to another user.
    if std::os::unix::fs::chown(dir.path().join(name(1)), Some(65_533), None).is_ok() {
        let exporter = bounded(dir.path(), |it| it.max_sessions = Some(1));
        export(&exporter, vec![span(3, "new")]);
        assert_eq!(there(dir.path()), [1, 3]);
    }
}

#[test]
fn attribute_resembling_root_does_not_end_session() {
    let dir = tempdir().unwrap();
    let text = KeyValue::new("text", r#""parentSpanId":"""#);
    export(&bounded(dir.path(), |_| ()), vec![SpanData { attributes: vec![text], ..child(1) }]);
    age(dir.path(), &name(1), 2 * HOUR);
    let exporter = bounded(dir.path(), |it| it.max_sessions = Some(1));
    export(&exporter, vec![span(2, "new")]);
    assert_eq!(there(dir.path()), [1, 2]);
}

#[test]
fn bounds_remove_only_session_files() {
    let dir = tempdir().unwrap();
    let long = "0123456789abcdef0123456789abcdef";
    let strangers = [
        "notes.jsonl".to_owned(),
        format!("{}.jsonl", long.to_uppercase()),
        format!("{long}0.jsonl"),
        format!("{long}.json"),
        format!("{long}.jsonl.bak"),
    ];
    for stranger in &strangers {
        fs::write(dir.path().join(stranger), "").unwrap();
        age(dir.path(), stranger, 90 * DAY);
    }
    fs::create_dir(dir.path().join(name(1))).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(dir.path().join("notes.jsonl"), dir.path().join(name(2))).unwrap();
    leave(dir.path(), &[(3, 90 * DAY), (4, 80 * DAY)]);
    let exporter = bounded(dir.path(), |it| {
        (it.max_sessions, it.max_bytes, it.max_age) = (Some(1), Some(1), Some(DAY));
    });
    export(&exporter, vec![span(5, "new")]);
    for stranger in &strangers {
        assert!(dir.path().join(stranger).exists(), "{stranger}");
    }
    let kept = if cfg!(unix) { [1, 2, 5].as_slice() } else { &[1, 5] };
    let named = there(dir.path());
    let own: Vec<_> = named.into_iter().filter(|trace| *trace < 100).collect();
    assert_eq!(own, kept);
}

#[test]
fn unbounded_exporter_keeps_all_sessions() {
    let dir = tempdir().unwrap();
    leave(dir.path(), &[(1, 900 * DAY), (2, 800 * DAY)]);
    export(&bounded(dir.path(), |_| ()), vec![span(3, "new")]);
    assert_eq!(there(dir.path()), [1, 2, 3]);
}

#[test]
fn bounds_rescan_folder_after_fraction_of_limit() {
    let dir = tempdir().unwrap();
    leave(dir.path(), &(1..=32).map(|trace| (trace, HOUR)).collect::<Vec<_>>());
    let exporter = bounded(dir.path(), |it| it.max_sessions = Some(32));
    let write = |trace| {
        export(&exporter, vec![span(trace, "new")]);
        there(dir.path()).len()
    };
    assert_eq!([write(33), write(34), write(35)], [32, 33, 32]);
}
