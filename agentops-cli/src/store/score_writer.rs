//! Scores that are added to their file.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
};

use serde_json::{Value, json};

use super::{
    ids::SessionId,
    score::{AUTHOR, EVENT, EXPLANATION, LABEL, NAME, Score, VALUE},
    score_file::ScoreFile,
};

/// Severity of a record: information.
const SEVERITY: u8 = 9;

impl ScoreFile {
    /// Checks that a score can be added, as far as that is known before.
    pub(super) fn check(&self) -> io::Result<()> {
        let is_there = self.is_there()?;
        let written =
            if is_there { &*self.path } else { self.path.parent().unwrap_or(Path::new(".")) };
        if fs::metadata(written)?.permissions().readonly() {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        Ok(())
    }

    /// Adds a score as the last line.
    pub(super) fn append(&self, session: SessionId, score: &Score) -> io::Result<()> {
        self.check()?;
        let mut file = self.open()?;
        // Another process may add one, too; a file system without locks still has lines that are written at once.
        _ = file.lock();
        let separator = if ends_line(&mut file)? { "" } else { "\n" };
        file.write_all(format!("{separator}{}\n", record(session, score)).as_bytes())
    }

    fn open(&self) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&self.path)
    }
}

/// Returns `true` if what is added to a file begins a line: a writer that died may have left half of one.
fn ends_line(file: &mut File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last == [b'\n'])
}

/// Returns a score as a log record of OTLP, whole with resource and scope.
fn record(session: SessionId, score: &Score) -> Value {
    let text = |key: &str, text: &str| json!({ "key": key, "value": { "stringValue": text } });
    let value = score.value.map(|it| json!({ "key": VALUE, "value": { "doubleValue": it } }));
    let texts = [(LABEL, &score.label), (EXPLANATION, &score.explanation), (AUTHOR, &score.author)];
    let texts = texts.iter().filter_map(|(key, it)| Some(text(key, it.as_deref()?)));
    let attributes: Vec<_> =
        [text(NAME, &score.name)].into_iter().chain(value).chain(texts).collect();
    let mut record = json!({
        "timeUnixNano": score.time.to_string(),
        "observedTimeUnixNano": score.time.to_string(),
        "severityNumber": SEVERITY,
        "eventName": EVENT,
        "attributes": attributes,
        "traceId": session.to_string(),
    });
    if let Some(span) = score.span {
        record["spanId"] = span.to_string().into();
    }
    let scope = json!({ "name": "agentops", "version": env!("CARGO_PKG_VERSION") });
    let scopes = json!([{ "scope": scope, "logRecords": [record] }]);
    json!({ "resourceLogs": [{ "resource": { "attributes": [] }, "scopeLogs": scopes }] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{
        SpanTable, Store, StoreError,
        fixture::{TestFolder, TestSpan},
        score_file::ENDING,
    };

    fn given(value: f64, label: &str, time: u64) -> Score {
        Score {
            name: "correctness".to_owned(),
            value: Some(value),
            label: Some(label.to_owned()),
            time,
            ..Score::default()
        }
    }

    /// Returns a folder with a session of one span.
    fn folder() -> (TestFolder, SessionId) {
        let folder = TestFolder::new();
        let id = folder.write(7, &[&[TestSpan::new(7, 1, 0, "session ask").at(1, 9).ended()]]);
        (folder, id)
    }

    fn text_of(folder: &TestFolder) -> String {
        fs::read_to_string(folder.path_of(7).with_extension(ENDING)).unwrap()
    }

    #[test]
    fn score_is_a_log_record_of_its_span() {
        let (folder, id) = folder();
        let score = Score {
            span: "000000000000000a".parse().ok(),
            explanation: Some("as\nexpected".to_owned()),
            author: Some("ada".to_owned()),
            ..given(0.5, "fair", 12)
        };
        folder.store().add_score(id, &score).unwrap();
        let version = env!("CARGO_PKG_VERSION");
        let attribute = |key: &str, value: Value| json!({ "key": key, "value": value });
        let record = json!({
            "timeUnixNano": "12",
            "observedTimeUnixNano": "12",
            "severityNumber": 9,
            "eventName": "gen_ai.evaluation.result",
            "attributes": [
                attribute("gen_ai.evaluation.name", json!({ "stringValue": "correctness" })),
                attribute("gen_ai.evaluation.score.value", json!({ "doubleValue": 0.5 })),
                attribute("gen_ai.evaluation.score.label", json!({ "stringValue": "fair" })),
                attribute("gen_ai.evaluation.explanation", json!({ "stringValue": "as\nexpected" })),
                attribute("user.id", json!({ "stringValue": "ada" })),
            ],
            "traceId": format!("{:032x}", 7),
            "spanId": "000000000000000a",
        });
        let scope = json!({ "name": "agentops", "version": version });
        let logs = json!({ "resourceLogs": [{
            "resource": { "attributes": [] },
            "scopeLogs": [{ "scope": scope, "logRecords": [record] }],
        }]});
        let text = text_of(&folder);
        assert_eq!((text.lines().count(), serde_json::from_str(&text).ok()), (1, Some(logs)));
        let read = folder.store().scores(id, &SpanTable::default());
        assert_eq!((read.scores, read.faults.count()), (vec![score], 0));
    }

    #[cfg(unix)]
    #[test]
    fn file_of_scores_is_for_its_user_alone() {
        use std::os::unix::fs::PermissionsExt;
        let (folder, id) = folder();
        folder.store().add_score(id, &given(1.0, "correct", 5)).unwrap();
        let found = fs::metadata(folder.path_of(7).with_extension(ENDING)).unwrap();
        assert_eq!(found.permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn half_written_score_is_a_fault_and_spoils_no_other() {
        let (folder, id) = folder();
        let store = folder.store();
        let [first, second] = [given(1.0, "correct", 5), given(0.0, "incorrect", 6)];
        store.add_score(id, &first).unwrap();
        let whole = text_of(&folder);
        folder.write_beside(7, ENDING, &format!("{whole}{}", &whole[..40]));
        let torn = store.scores(id, &SpanTable::default());
        assert!(torn.faults.to_string().contains("the last line is cut off"), "{}", torn.faults);
        store.add_score(id, &second).unwrap();
        let read = store.scores(id, &SpanTable::default());
        assert_eq!((read.scores, read.faults.count()), (vec![first, second], 1));
        let place = format!("at byte {}: no OTLP log: ", whole.len());
        assert!(read.faults.to_string().contains(&place), "{}", read.faults);
    }

    #[test]
    fn scores_of_other_sessions_and_other_records_are_left_out() {
        let (folder, id) = folder();
        let other = record(format!("{:032x}", 8).parse().unwrap(), &given(1.0, "a", 1));
        let mut log = record(id, &given(1.0, "b", 2));
        log["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0]["eventName"] = "other".into();
        folder.write_beside(7, ENDING, &format!("{other}\n\n{log}\n{{\"resourceLogs\":[{{}}]}}\n"));
        let read = folder.store().scores(id, &SpanTable::default());
        assert_eq!((read.scores, read.faults.count()), (Vec::new(), 0));
    }

    #[test]
    fn events_of_spans_are_scores() {
        let folder = TestFolder::new();
        let judged = |id: u64, value: Value, time: u64| {
            let attribute = |key: &str, value: &Value| json!({ "key": key, "value": value });
            let attributes =
                [attribute(NAME, &json!({ "stringValue": "quality" })), attribute(VALUE, &value)];
            let event = json!({ "name": EVENT, "timeUnixNano": time.to_string(), "attributes": attributes });
            TestSpan::new(7, id, 1, "llm answer").at(2, 3).with_event(event)
        };
        let spans = [
            judged(2, json!({ "intValue": "-3" }), 9),
            judged(3, json!({ "doubleValue": 0.25 }), 4),
            judged(4, json!({ "stringValue": "high" }), 6),
        ];
        let id = folder.write(7, &[&spans]);
        folder.store().add_score(id, &given(1.0, "correct", 5)).unwrap();
        let spans = folder.store().spans(id).unwrap();
        let read = folder.store().scores(id, &spans.table);
        let shown: Vec<_> = read.scores.iter().map(|it| (it.time, &*it.name, it.value)).collect();
        let expected = [
            (4, "quality", Some(0.25)),
            (5, "correctness", Some(1.0)),
            (6, "quality", None),
            (9, "quality", Some(-3.0)),
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn scores_go_with_their_session() {
        let (folder, id) = folder();
        let store = folder.store();
        store.add_score(id, &given(1.0, "correct", 5)).unwrap();
        assert_eq!((store.ids().unwrap(), folder.files().len()), (vec![id], 2));
        store.remove(id).unwrap();
        assert_eq!(folder.files(), Vec::<String>::new());
    }

    #[cfg(unix)]
    #[test]
    fn folder_without_permission_takes_no_scores() {
        use std::os::unix::fs::PermissionsExt;
        let (folder, id) = folder();
        let mode = |mode| fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode));
        mode(0o500).unwrap();
        let refused = folder.store().add_score(id, &given(1.0, "correct", 5)).unwrap_err();
        mode(0o700).unwrap();
        let path = folder.path_of(7).with_extension(ENDING);
        let reason = format!("`{}` cannot be written: permission denied", path.display());
        assert_eq!((refused.to_string(), folder.files().len()), (reason, 1));
    }

    #[cfg(unix)]
    #[test]
    fn link_is_no_file_of_scores() {
        let (folder, id) = folder();
        let outside = TestFolder::new();
        let target = outside.path_of(1);
        fs::write(&target, "").unwrap();
        let path = folder.path_of(7).with_extension(ENDING);
        std::os::unix::fs::symlink(&target, path).unwrap();
        let refused = folder.store().add_score(id, &given(1.0, "correct", 5)).unwrap_err();
        assert!(matches!(refused, StoreError::Unwritable(..)), "{refused}");
        let read = folder.store().scores(id, &SpanTable::default());
        assert_eq!((read.scores.len(), read.faults.count()), (0, 1));
        assert_eq!(fs::read_to_string(target).unwrap(), "");
    }
}
