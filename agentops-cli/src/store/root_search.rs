//! Search for the root of a session near the end of its file.
//!
//! The root is the last span that a process writes of a session, on a line of its own. Ten thousand sessions are
//! listed by 40 MB of reading in place of the whole of their files.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
};

use memchr::memmem;
use serde::Deserialize;

use super::raw_span::RawSpan;

/// Bytes read from the end of a file: first few, then more if they do not hold the root.
const WINDOWS: [u64; 3] = [4 << 10, 64 << 10, 1 << 20];

/// Text of a root in its line. It cannot occur within a JSON string, where the quotes are escaped.
const NO_PARENT: &[u8] = br#""parentSpanId":"""#;
/// Start of a span, as agentops and the OpenTelemetry collector write it.
const SPAN_START: &[u8] = br#"{"traceId":""#;

/// Calls `read` with the root that stands last in a file. Returns `None` if none is found near the end.
pub(super) fn read_root<T>(
    file: &mut File,
    bytes: u64,
    read: impl Fn(&RawSpan<'_>) -> T,
) -> io::Result<Option<T>> {
    let mut window = Vec::new();
    for length in WINDOWS {
        let start = bytes.saturating_sub(length);
        file.seek(SeekFrom::Start(start))?;
        window.clear();
        Read::by_ref(file).take(bytes - start).read_to_end(&mut window)?;
        if let Some(root) = last_root(&window) {
            return Ok(Some(read(&root)));
        }
        if start == 0 {
            break;
        }
    }
    Ok(None)
}

/// Returns the last root in a text that may start anywhere.
fn last_root(text: &[u8]) -> Option<RawSpan<'_>> {
    let mut before = text;
    while let Some(found) = memmem::rfind(before, NO_PARENT) {
        before = &text[..found];
        let start = memmem::rfind(before, SPAN_START)?;
        let mut json = serde_json::Deserializer::from_slice(&text[start..]);
        let root = RawSpan::deserialize(&mut json).ok();
        if let Some(root) = root.filter(|root| root.parent_span_id.is_empty()) {
            return Some(root);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(parent: &str, name: &str) -> String {
        format!(
            r#"{{"traceId":"{:032x}","spanId":"{:016x}","traceState":"","parentSpanId":"{parent}","name":{name}}}"#,
            1, 2
        )
    }

    fn name_of_root(text: &str) -> Option<String> {
        last_root(text.as_bytes()).map(|root| root.name.into_owned())
    }

    #[test]
    fn last_root_is_found_behind_other_spans() {
        let text = [span("", r#""a""#), span("", r#""b""#), span("0000000000000003", r#""c""#)];
        assert_eq!(name_of_root(&text.join(",")), Some("b".to_owned()));
        assert_eq!(name_of_root(&text[1][5..]), None);
        assert_eq!(name_of_root(&text[1][..50]), None);
        assert_eq!(name_of_root(""), None);
    }

    #[test]
    fn last_root_ignores_root_in_text() {
        let quoted = serde_json::to_string(&span("", r#""quoted""#)).unwrap();
        let text = [span("", r#""a""#), span("0000000000000003", &quoted)].join(",");
        assert_eq!(name_of_root(&text), Some("a".to_owned()));
    }
}
