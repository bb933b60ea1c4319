//! Reader of OTLP as JSON lines, span by span: the format of the OpenTelemetry file exporter and of local sessions.
//!
//! A line is untrusted. In memory are the line itself and one span at a time; its lists are walked through as raw
//! text. A span or resource with too many parts for its length is rejected before it is built, since a part of two
//! bytes, `{}`, may take a hundred in memory.

use std::{
    fmt,
    io::{self, BufRead, Read},
    mem,
};

use opentelemetry_proto::tonic::{
    common::v1::InstrumentationScope,
    resource::v1::Resource,
    trace::v1::{Span, TracesData},
};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _, SeqAccess, Visitor},
};
use serde_json::{Error, value::RawValue};

use crate::{error::debug_as_display, process::presentable::presentable_ends};

/// Maximum length of a line; our writers split longer ones.
pub(super) const LONGEST_LINE: usize = 64 << 20;

/// Maximum length of a resource or scope, which is sent again with each batch of its spans.
pub(super) const LONGEST_RESOURCE: usize = 2 << 20;

/// Minimum average size of a part of a span, with key, type and value: `{"intValue":"1"},`.
const LEAST_OF_A_PART: usize = 8;
/// Number of parts that are always accepted.
const HARMLESS: usize = 1 << 10;

/// Maximum characters of the start and end of an error, which repeats parts of the line.
const MAX_ERROR: [usize; 2] = [150, 149];

/// Error of a line that yields no spans.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum LineError {
    /// The file cannot be read any further.
    #[error("{0}")]
    Unreadable(#[source] io::Error),
    /// The line is longer than the maximum.
    #[error("line {0} is longer than {LONGEST_LINE} bytes")]
    TooLong(u64),
    /// The last line is truncated: its writer is not done or has died.
    #[error("line {0} is cut off")]
    CutOff(u64),
    /// The line is not an OTLP trace; contains the line number and the problem.
    #[error("line {0} is no OTLP trace: {1}")]
    NoOtlp(u64, String),
}

debug_as_display!(LineError);

/// Span of a line, with the resource and scope it belongs to.
#[derive(Debug)]
#[non_exhaustive]
pub struct LineSpan<'l> {
    /// The span itself.
    pub span: Span,
    /// Resource: the process that emitted the span.
    pub resource: Option<&'l Resource>,
    /// Schema URL of the resource.
    pub resource_schema: &'l str,
    /// Instrumentation scope: the library that recorded the span.
    pub scope: Option<&'l InstrumentationScope>,
    /// Schema URL of the scope and its spans.
    pub scope_schema: &'l str,
    /// `true` for the first span with this resource.
    pub is_first_of_resource: bool,
    /// `true` for the first span with this scope of the resource.
    pub is_first_of_scope: bool,
}

/// Reader of the lines of a file; empty ones are skipped.
#[derive(Debug)]
pub struct JsonLines<R> {
    reader: R,
    number: u64,
    line: Vec<u8>,
}

impl<R: BufRead> JsonLines<R> {
    /// Creates a reader that starts at the current position.
    pub fn new(reader: R) -> Self {
        Self { reader, number: 0, line: Vec::new() }
    }

    /// Reads the next line and passes its spans to `take`, one by one; returns `None` at the end of the file. No
    /// span is passed of a line with an error.
    ///
    /// ```
    /// use agentops_core::push::JsonLines;
    ///
    /// let file = br#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"plan"}]}]}]}"#;
    /// let (mut lines, mut names) = (JsonLines::new(&file[..]), Vec::new());
    /// while let Some(line) = lines.next_line(|line| names.push(line.span.name)) {
    ///     line?;
    /// }
    /// assert_eq!(names, ["plan"]);
    /// # Ok::<_, agentops_core::push::LineError>(())
    /// ```
    ///
    /// # Errors
    /// Returns an error if the line yields no spans; the next call reads the line after it.
    pub fn next_line(
        &mut self,
        mut take: impl FnMut(LineSpan<'_>),
    ) -> Option<Result<(), LineError>> {
        loop {
            match self.read_line() {
                Ok(false) => return None,
                Err(problem) => return Some(Err(problem)),
                Ok(true) if self.line.iter().all(u8::is_ascii_whitespace) => {}
                Ok(true) => return Some(self.hand_out(&mut take)),
            }
        }
    }

    fn hand_out(&mut self, take: &mut dyn FnMut(LineSpan<'_>)) -> Result<(), LineError> {
        let is_last = self.reader.fill_buf().is_ok_and(<[u8]>::is_empty);
        // The first pass only validates, since an error may be at the end of the line.
        let walked = walk(&self.line, &mut |_| {}).and_then(|()| walk(&self.line, take));
        walked.map_err(|error| match error {
            error if is_last && error.is_eof() => LineError::CutOff(self.number),
            error => {
                let error = presentable_ends(&error.to_string(), MAX_ERROR).into_owned();
                LineError::NoOtlp(self.number, error)
            }
        })
    }

    /// Reads the next line, without its line break; returns `false` at the end of the file.
    fn read_line(&mut self) -> Result<bool, LineError> {
        self.line.clear();
        self.number += 1;
        let most = LONGEST_LINE + 1;
        let mut reader = (&mut self.reader).take(most as u64);
        let read = reader.read_until(b'\n', &mut self.line).map_err(LineError::Unreadable)?;
        let has_end = self.line.pop_if(|last| *last == b'\n').is_some();
        if !has_end && read == most {
            self.pass_over()?;
            return Err(LineError::TooLong(self.number));
        }
        Ok(read > 0)
    }

    /// Skips the rest of a line that is too long, piece by piece.
    fn pass_over(&mut self) -> Result<(), LineError> {
        self.line = Vec::new();
        loop {
            let piece = self.reader.fill_buf().map_err(LineError::Unreadable)?;
            let end = piece.iter().position(|byte| *byte == b'\n');
            let (used, is_over) = (end.map_or(piece.len(), |end| end + 1), piece.is_empty());
            self.reader.consume(used);
            if is_over || end.is_some() {
                return Ok(());
            }
        }
    }
}

/// `TracesData` whose lists are kept as raw JSON, like those of its parts below.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Traces<'l> {
    #[serde(borrow)]
    resource_spans: &'l RawValue,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct OfResource<'l> {
    #[serde(borrow)]
    resource: Option<&'l RawValue>,
    #[serde(borrow)]
    scope_spans: Option<&'l RawValue>,
    schema_url: String,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct OfScope<'l> {
    #[serde(borrow)]
    scope: Option<&'l RawValue>,
    #[serde(borrow)]
    spans: Option<&'l RawValue>,
    schema_url: String,
}

/// Passes each span of a line to `take`.
fn walk(line: &[u8], take: &mut dyn FnMut(LineSpan<'_>)) -> Result<(), Error> {
    let traces: Traces<'_> = serde_json::from_slice(line)?;
    for_each(Some(traces.resource_spans), &mut |of_resource| {
        let of_resource: OfResource<'_> = serde_json::from_str(of_resource.get())?;
        check_length(&of_resource.schema_url)?;
        let resource: Option<Resource> = once_for_all(of_resource.resource)?;
        let mut is_first_of_resource = true;
        for_each(of_resource.scope_spans, &mut |of_scope| {
            let of_scope: OfScope<'_> = serde_json::from_str(of_scope.get())?;
            check_length(&of_scope.schema_url)?;
            let scope: Option<InstrumentationScope> = once_for_all(of_scope.scope)?;
            let mut is_first_of_scope = true;
            for_each(of_scope.spans, &mut |span| {
                take(LineSpan {
                    span: built(span)?,
                    resource: resource.as_ref(),
                    resource_schema: &of_resource.schema_url,
                    scope: scope.as_ref(),
                    scope_schema: &of_scope.schema_url,
                    is_first_of_resource: mem::take(&mut is_first_of_resource),
                    is_first_of_scope: mem::take(&mut is_first_of_scope),
                });
                Ok(())
            })
        })
    })
}

/// Parses a line at once, unless it has too many parts for its length.
pub(super) fn whole(line: &[u8]) -> Option<TracesData> {
    let json = str::from_utf8(line).ok()?;
    let is_built = parts_of(json) <= HARMLESS + json.len() / LEAST_OF_A_PART;
    if is_built { serde_json::from_str(json).ok() } else { None }
}

fn once_for_all<T: DeserializeOwned>(raw: Option<&RawValue>) -> Result<Option<T>, Error> {
    let Some(raw) = raw else { return Ok(None) };
    check_length(raw.get())?;
    built(raw).map(Some)
}

fn check_length(of_all_spans: &str) -> Result<(), Error> {
    if of_all_spans.len() <= LONGEST_RESOURCE {
        return Ok(());
    }
    Err(Error::custom(format_args!(
        "a resource or a scope is longer than {LONGEST_RESOURCE} bytes"
    )))
}

/// Builds a value from JSON, unless it has too many parts for its length.
fn built<T: DeserializeOwned>(raw: &RawValue) -> Result<T, Error> {
    let json = raw.get();
    if parts_of(json) > HARMLESS + json.len() / LEAST_OF_A_PART {
        return Err(Error::custom("a span has more parts than anybody writes"));
    }
    serde_json::from_str(json)
}

/// Counts the lists, objects and commas of JSON, outside of its strings.
fn parts_of(json: &str) -> usize {
    let (mut is_text, mut is_escaped) = (false, false);
    let is_part = |byte: &u8| {
        if is_text {
            is_text = is_escaped || *byte != b'"';
            is_escaped = *byte == b'\\' && !is_escaped;
            return false;
        }
        is_text = *byte == b'"';
        matches!(byte, b'{' | b'[' | b',')
    };
    json.as_bytes().iter().copied().filter(is_part).count()
}

type Act<'a> = dyn FnMut(&RawValue) -> Result<(), Error> + 'a;

/// Calls `act` with each item of a list.
fn for_each(list: Option<&RawValue>, act: &mut Act<'_>) -> Result<(), Error> {
    let Some(list) = list else { return Ok(()) };
    let mut problem = None;
    let each = Each { act, problem: &mut problem };
    let walked = serde_json::Deserializer::from_str(list.get()).deserialize_seq(each);
    problem.map_or(walked, Err)
}

struct Each<'a, 'b> {
    act: &'a mut Act<'b>,
    problem: &'a mut Option<Error>,
}

impl<'de> Visitor<'de> for Each<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while let Some(item) = items.next_element::<&RawValue>()? {
            if let Err(problem) = (self.act)(item) {
                *self.problem = Some(problem);
                return Err(A::Error::custom("an item is none"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use proptest::prelude::*;

    use super::*;

    const LINE: &str = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"a"}]}]}]}"#;

    /// Returns the names of the spans in all lines, and the errors of the others.
    fn all<R: BufRead>(mut lines: JsonLines<R>) -> Vec<String> {
        let mut all = Vec::new();
        while let Some(line) = lines.next_line(|line| all.push(line.span.name)) {
            all.extend(line.err().map(|problem| problem.to_string()));
        }
        all
    }

    /// Returns the names and errors of a text.
    fn read(text: &[u8]) -> Vec<String> {
        // The smallest pieces reveal errors at their boundaries.
        all(JsonLines::new(BufReader::with_capacity(1, text)))
    }

    #[test]
    fn json_lines_skip_only_invalid_lines() {
        let text = format!("{LINE}\n\n \r\n{{}}\n{LINE}\r\n{LINE}");
        let bad = "line 4 is no OTLP trace: missing field `resourceSpans` at line 1 column 2";
        assert_eq!(read(text.as_bytes()), ["a", bad, "a", "a"]);
        assert_eq!(read(b""), [""; 0]);
    }

    #[test]
    fn json_lines_distinguish_truncated_from_invalid_line() {
        let cut = &LINE[..LINE.len() - 9];
        assert_eq!(read(format!("{LINE}\n{cut}").as_bytes()), ["a", "line 2 is cut off"]);
        let early = read(format!("{cut}\n{LINE}\n").as_bytes());
        assert!(early[0].starts_with("line 1 is no OTLP trace: EOF while parsing"), "{early:?}");
    }

    #[test]
    fn overlong_line_is_rejected_without_buffering() {
        let endless = io::repeat(b'x').take(LONGEST_LINE as u64 * 2).chain(&b"\n"[..]);
        let mut lines = JsonLines::new(BufReader::new(endless.chain(LINE.as_bytes())));
        let problem = lines.next_line(|_| panic!("no span")).unwrap().unwrap_err();
        assert_eq!(problem.to_string(), "line 1 is longer than 67108864 bytes");
        assert!(lines.line.capacity() == 0);
        assert_eq!(all(lines), ["a"]);
    }

    #[test]
    fn line_span_carries_resource_and_scope() {
        let line = r#"{"resourceSpans":[
            {"scopeSpans":[
                {"spans":[{"name":"a"},{"name":"b"}],"schemaUrl":"s1","scope":{"name":"sc1"}},
                {"spans":[]},{"spans":[{"name":"c"}],"scope":{"name":"sc2"}}
            ],"resource":{"droppedAttributesCount":7},"schemaUrl":"r1","unknown":[{}]},
            {},
            {"resource":null,"scopeSpans":[{"spans":[{"name":"d"}]}]}
        ]}"#
        .replace('\n', " ");
        let (mut lines, mut told) = (JsonLines::new(line.as_bytes()), Vec::new());
        let read = lines.next_line(|line| {
            let resource = line.resource.map(|resource| resource.dropped_attributes_count);
            let scope = line.scope.map(|scope| scope.name.clone());
            let schemas = format!("{}/{}", line.resource_schema, line.scope_schema);
            let is_first = (line.is_first_of_resource, line.is_first_of_scope);
            told.push((line.span.name, resource, scope, schemas, is_first));
        });
        assert!(read.unwrap().is_ok());
        let span = |name: &str, resource, scope: Option<&str>, schemas: &str, is_first| {
            (name.to_owned(), resource, scope.map(str::to_owned), schemas.to_owned(), is_first)
        };
        assert_eq!(
            told,
            [
                span("a", Some(7), Some("sc1"), "r1/s1", (true, true)),
                span("b", Some(7), Some("sc1"), "r1/s1", (false, false)),
                span("c", Some(7), Some("sc2"), "r1/", (false, true)),
                span("d", None, None, "/", (true, true)),
            ]
        );
    }

    #[test]
    fn line_with_invalid_span_yields_no_spans() {
        let bad = LINE.replace(r#"{"name":"a"}"#, r#"{"name":"a"},{"name":["\u001b"]}"#);
        assert_eq!(
            read(format!("{bad}\n{LINE}").as_bytes()),
            [
                "line 1 is no OTLP trace: invalid type: sequence, expected a string at line 1 column 8",
                "a"
            ]
        );
    }

    #[test]
    fn line_error_is_short_and_escapes_control_characters() {
        let kind = format!("\"\u{202e}{}\"", "x".repeat(100_000));
        let bad = LINE.replace(r#"{"name""#, &format!("{{\"kind\":{kind},\"name\""));
        let told = read(bad.as_bytes());
        assert!(told[0].chars().count() < 400 && !told[0].contains('\u{202e}'), "{told:?}");
    }

    #[test]
    fn line_with_excessive_parts_is_rejected() {
        let refused = |list: &str, item: &str| {
            let items = vec![item; 100_000].join(",");
            let line = match list {
                "resource" => {
                    format!(r#"{{"resourceSpans":[{{"resource":{{"attributes":[{items}]}}}}]}}"#)
                }
                list => LINE.replace(r#""name""#, &format!(r#""{list}":[{items}],"name""#)),
            };
            read(line.as_bytes()).join(" ").contains("more parts than anybody writes")
        };
        for list in ["attributes", "events", "links", "resource"] {
            for item in ["{}", "[]", "1"] {
                assert!(refused(list, item), "{list} {item}");
            }
        }
        let attribute = r#"{"key":"","value":{"intValue":"1"}}"#;
        assert!(!refused("attributes", attribute));
        let list = format!(
            r#"{{"key":"","value":{{"arrayValue":{{"values":[{}]}}}}}}"#,
            vec![r#"{"intValue":"1"}"#; 100_000].join(",")
        );
        assert_eq!(
            read(LINE.replace(r#""name""#, &format!(r#""attributes":[{list}],"name""#)).as_bytes()),
            ["a"]
        );
    }

    #[test]
    fn resource_and_scope_length_is_bounded() {
        let long = "x".repeat(LONGEST_RESOURCE + 1);
        for line in [
            format!(r#"{{"resourceSpans":[{{"schemaUrl":"{long}"}}]}}"#),
            format!(r#"{{"resourceSpans":[{{"resource":{{"unknown":"{long}"}}}}]}}"#),
            format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"scope":{{"name":"{long}"}}}}]}}]}}"#),
        ] {
            let expected =
                "line 1 is no OTLP trace: a resource or a scope is longer than 2097152 bytes";
            assert_eq!(read(line.as_bytes()), [expected]);
        }
    }

    #[test]
    fn parts_are_counted_outside_of_texts() {
        assert_eq!(parts_of(r#"{"a,{[":"\",\\","b":[1,2]}"#), 4);
    }

    proptest! {
        #[test]
        fn segment_of_any_bytes_is_read_or_refused(text: Vec<u8>) {
            all(JsonLines::new(&text[..]));
        }

        #[test]
        fn mutated_line_is_read_or_rejected(at in 0..LINE.len(), byte: u8) {
            let mut line = LINE.as_bytes().to_vec();
            line[at] = byte;
            all(JsonLines::new(&line[..]));
        }
    }
}
