//! File with the scores that people gave a session: beside that of its spans, one log record of OTLP a line.

use std::{
    borrow::Cow,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    ids::SessionId,
    line_reader::{LineReader, LineText},
    raw_span::{Integer, for_each_element},
    score::{EVENT, Score, ScoreList},
};

/// Ending of the file.
pub(super) const ENDING: &str = "scores";

/// File of scores.
#[derive(Debug)]
pub(super) struct ScoreFile {
    pub(super) path: PathBuf,
}

impl ScoreFile {
    /// Returns the file of scores beside a file of spans.
    pub(super) fn beside(spans: &Path) -> Self {
        Self { path: spans.with_extension(ENDING) }
    }

    /// Reads the scores of a session. What cannot be read is counted.
    pub(super) fn read(&self, session: SessionId) -> ScoreList {
        let mut list = ScoreList::default();
        if let Err(error) = self.read_lines(session, &mut list) {
            list.faults.add_file(&self.path, &error);
        }
        list
    }

    fn read_lines(&self, session: SessionId, list: &mut ScoreList) -> io::Result<()> {
        if !self.is_there()? {
            return Ok(());
        }
        let mut lines = LineReader::new(File::open(&self.path)?, 0);
        while let Some(line) = lines.next_line()? {
            let mut add = |score| list.scores.push(score);
            let reason = match line.text {
                LineText::TooLong => Some("the line is too long".to_owned()),
                LineText::Whole(text) => {
                    let read = read_scores(text, session, &mut add);
                    read.err().map(|error| format!("no OTLP log: {error}"))
                }
                LineText::Unended(text) => {
                    let read = read_scores(text, session, &mut add);
                    read.err().map(|_| "the last line is cut off".to_owned())
                }
            };
            if let Some(reason) = reason {
                list.faults.add_line(&self.path, line.offset, &reason);
            }
        }
        Ok(())
    }

    /// Returns `true` if the file is there. A link is none: it may lead anywhere.
    pub(super) fn is_there(&self) -> io::Result<bool> {
        match fs::symlink_metadata(&self.path) {
            Ok(found) if found.is_file() => Ok(true),
            Ok(_) => Err(io::Error::other("it is no file")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// Line of OTLP logs.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawLogs<'l> {
    #[serde(borrow)]
    resource_logs: Vec<RawResourceLogs<'l>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawResourceLogs<'l> {
    #[serde(borrow, default)]
    scope_logs: Vec<RawScopeLogs<'l>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawScopeLogs<'l> {
    #[serde(borrow, default)]
    log_records: Vec<RawRecord<'l>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RawRecord<'l> {
    time_unix_nano: Integer,
    #[serde(borrow)]
    event_name: Cow<'l, str>,
    #[serde(borrow)]
    trace_id: Cow<'l, str>,
    #[serde(borrow)]
    span_id: Cow<'l, str>,
    #[serde(borrow)]
    attributes: Option<&'l RawValue>,
}

/// Calls `found` with the scores of a session in a line. Other records are none of ours.
fn read_scores(
    line: &[u8],
    session: SessionId,
    found: &mut impl FnMut(Score),
) -> Result<(), serde_json::Error> {
    if line.iter().all(u8::is_ascii_whitespace) {
        return Ok(());
    }
    let logs: RawLogs<'_> = serde_json::from_slice(line)?;
    let scopes = logs.resource_logs.into_iter().flat_map(|resource| resource.scope_logs);
    for record in scopes.flat_map(|scope| scope.log_records) {
        if record.event_name == EVENT && record.trace_id.parse() == Ok(session) {
            found(score(&record));
        }
    }
    Ok(())
}

fn score(record: &RawRecord<'_>) -> Score {
    let Integer(time) = record.time_unix_nano;
    let mut score = Score { span: record.span_id.parse().ok(), time, ..Score::default() };
    for_each_element(record.attributes, |attribute| score.read(&attribute));
    score
}
