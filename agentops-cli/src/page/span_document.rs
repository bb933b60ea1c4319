//! Document of a span: all that its line says of it.

use std::{borrow::Cow, path::Path};

use serde::Serialize;
use serde_json::{Value, json};

use super::shared_texts::SharedTexts;
use crate::store::{SessionId, SpanContent, SpanEvent, SpanLink, SpanRow, SpanTable};

/// Attributes by name, in the order in which they were recorded.
type Attributes<'c> = Vec<(Cow<'c, str>, Value)>;

/// Span with its content.
#[derive(Serialize)]
pub(super) struct SpanDocument<'c> {
    id: String,
    parent: Option<String>,
    name: Cow<'c, str>,
    kind: &'c str,
    start: String,
    end: String,
    status: Value,
    attributes: Attributes<'c>,
    /// Key of the attribute that is the input, and of that which is the output.
    input: Option<&'static str>,
    output: Option<&'static str>,
    events: Vec<Value>,
    links: Vec<Value>,
    resource: Attributes<'c>,
    scope: Value,
    code: Option<Value>,
    place: Option<Value>,
}

impl<'c> SpanDocument<'c> {
    /// Creates the document of a row with its content. `file` is that of the session, and `is_here` tells of a linked
    /// session whether the store has it.
    pub(super) fn new(
        table: &'c SpanTable,
        row: &SpanRow,
        content: &'c SpanContent,
        file: Option<&Path>,
        texts: &SharedTexts,
        is_here: &dyn Fn(SessionId) -> bool,
    ) -> Self {
        let file = file.and_then(Path::file_name).map(|name| name.to_string_lossy());
        Self {
            id: row.id.to_string(),
            parent: row.caller().map(|caller| caller.to_string()),
            name: texts.name("name", table.text(row.name)),
            kind: table.text(row.kind),
            start: row.start.to_string(),
            end: row.end.to_string(),
            status: status(content, texts),
            attributes: texts.attributes(content.attributes()),
            input: content.input_key(),
            output: content.output_key(),
            events: content.events().map(|found| event(found, texts)).collect(),
            links: content.links().filter_map(|found| link(found, texts, is_here)).collect(),
            resource: texts.attributes(content.resource()),
            scope: json!({
                "name": texts.name("scope", &content.scope.name),
                "version": texts.name("scope", &content.scope.version),
            }),
            code: code(content, texts),
            place: file.map(|file| json!({ "file": file, "offset": row.place.offset })),
        }
    }
}

fn status(content: &SpanContent, texts: &SharedTexts) -> Value {
    let status = content.span.status.as_ref();
    let (code, message) = status.map_or((0, ""), |status| (status.code, &*status.message));
    json!({ "code": code, "message": if message.is_empty() { "".into() } else { texts.error(message) } })
}

fn event(event: SpanEvent<'_>, texts: &SharedTexts) -> Value {
    json!({
        "name": texts.name("event", event.name),
        "time": event.time.to_string(),
        "attributes": texts.attributes(event.attributes),
    })
}

fn link(
    link: SpanLink<'_>,
    texts: &SharedTexts,
    is_here: &dyn Fn(SessionId) -> bool,
) -> Option<Value> {
    let (session, span) = link.ids?;
    Some(json!({
        "trace": session.to_string(),
        "span": span.to_string(),
        "attributes": texts.attributes(link.attributes),
        "is_here": is_here(session),
    }))
}

/// Returns the place in the source of the function that the span is of.
fn code(content: &SpanContent, texts: &SharedTexts) -> Option<Value> {
    let path = content.attribute("code.file.path")?;
    let line: u64 = content.attribute("code.line.number")?.parse().ok()?;
    Some(json!({ "path": texts.name("code.file.path", &path), "line": line }))
}
