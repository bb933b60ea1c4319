//! Hits in the lines of a file.

use std::{collections::HashSet, fs::File, io, ops::ControlFlow, path::Path};

use opentelemetry_proto::tonic::common::v1::AnyValue;
use serde_json::Value;

use super::{
    super::{
        faults::Faults,
        ids::SessionId,
        known_attributes::KnownAttributes,
        line_reader::LineReader,
        line_spans::for_each_span,
        raw_span::{RawAttribute, RawSpan},
        span_content::as_json,
        span_table::SpanPlace,
    },
    Hit, SearchQuery, SearchStep,
    needle::{Excerpt, Needle},
    raw_filter::RawFilter,
};

/// Attribute with the name of a span as agentops shows it.
const SHOWN_NAME: &str = "operation.name";

/// Search in files.
#[derive(Debug)]
pub(crate) struct LineSearch<'q> {
    needle: &'q Needle,
    kind: Option<&'q str>,
    pub(crate) filter: RawFilter,
}

/// Fields of a span with the needle. A text that stands in two fields is found in the first.
struct FieldHits<'s> {
    search: &'s LineSearch<'s>,
    found: Vec<(String, Excerpt)>,
    seen: HashSet<Excerpt>,
}

impl<'q> LineSearch<'q> {
    /// Creates a search for spans of every kind.
    pub(crate) fn new(needle: &'q Needle) -> Self {
        Self { needle, kind: None, filter: RawFilter::new(needle) }
    }

    /// Creates the search of a query; the sessions are selected elsewhere.
    pub(crate) fn of(query: &'q SearchQuery) -> Self {
        Self { kind: query.kind.as_deref(), ..Self::new(&query.needle) }
    }

    /// Calls `step` with the hits in a file and before each line, in spans of the sessions that are wanted.
    pub(crate) fn search(
        &self,
        path: &Path,
        wants: impl Fn(SessionId) -> bool,
        faults: &mut Faults,
        step: &mut dyn FnMut(SearchStep) -> ControlFlow<()>,
    ) -> io::Result<ControlFlow<()>> {
        let mut lines = LineReader::at(File::open(path)?, 0)?;
        while let Some(line) = lines.next_line()? {
            if step(SearchStep::Part).is_break() {
                return Ok(ControlFlow::Break(()));
            }
            let searched = line.read(|text| {
                if !self.filter.passes(text) || text.iter().all(u8::is_ascii_whitespace) {
                    return Ok(ControlFlow::Continue(()));
                }
                // Of a line with an error no span counts, and the error may be at its end.
                for_each_span(text, |_| {})?;
                self.search_line(text, line.offset, &wants, step)
            });
            match searched {
                Ok(ControlFlow::Continue(())) => {}
                Ok(ControlFlow::Break(())) => return Ok(ControlFlow::Break(())),
                Err(reason) => faults.add_line(path, line.offset, &reason),
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn search_line(
        &self,
        text: &[u8],
        offset: u64,
        wants: &impl Fn(SessionId) -> bool,
        step: &mut dyn FnMut(SearchStep) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, serde_json::Error> {
        let (mut index, mut flow) = (0, ControlFlow::Continue(()));
        for_each_span(text, |span| {
            let place = SpanPlace { offset, index };
            index += 1;
            let session = span.trace_id.parse().ok().filter(|session| wants(*session));
            if let Some(session) = session.filter(|_| flow.is_continue()) {
                let mut hits = self.search_span(&span, session, place).into_iter();
                flow = hits.try_for_each(|hit| step(SearchStep::Hit(hit)));
            }
        })?;
        Ok(flow)
    }

    fn search_span(&self, span: &RawSpan<'_>, session: SessionId, place: SpanPlace) -> Vec<Hit> {
        let (Ok(id), fields) = (span.span_id.parse(), self.fields(span)) else { return Vec::new() };
        if fields.is_empty() {
            return Vec::new();
        }
        let known = KnownAttributes::of(span);
        let kind = known.kind();
        if self.kind.is_some_and(|wanted| wanted != kind) {
            return Vec::new();
        }
        let name = known.name.as_deref().unwrap_or(&span.name);
        let hit = |(field, excerpt)| Hit {
            session,
            span: id,
            kind: kind.to_owned(),
            name: name.to_owned(),
            field,
            excerpt,
            place,
        };
        fields.into_iter().map(hit).collect()
    }

    /// Returns the fields of a span that hold the needle.
    fn fields(&self, span: &RawSpan<'_>) -> Vec<(String, Excerpt)> {
        let mut hits = FieldHits { search: self, found: Vec::new(), seen: HashSet::new() };
        hits.add("name", &span.name);
        let has_name = !hits.found.is_empty();
        hits.add("error", span.error().unwrap_or_default());
        span.for_each_attribute(|attribute| match &*attribute.key {
            SHOWN_NAME if has_name => {}
            // The kind is what the reader sees beside each hit; nobody wrote it.
            "agentops.span.kind" | "openinference.span.kind" => {}
            SHOWN_NAME => hits.add_attribute("name", &attribute),
            key => hits.add_attribute(key, &attribute),
        });
        if self.filter.passes(span.events().as_bytes()) {
            span.for_each_event(|event| {
                hits.add("event", &event.name);
                event
                    .for_each_attribute(|attribute| hits.add_attribute(&attribute.key, &attribute));
            });
        }
        hits.found
    }

    /// Finds the needle in the first text or number within a value.
    // The parser limits how deep a value is, so the recursion is bounded.
    fn excerpt_in(&self, value: &Value) -> Option<Excerpt> {
        match value {
            Value::String(text) => self.needle.excerpt(text),
            Value::Array(list) => list.iter().find_map(|value| self.excerpt_in(value)),
            Value::Object(map) => map.values().find_map(|value| self.excerpt_in(value)),
            other => self.needle.excerpt(&other.to_string()),
        }
    }
}

/// Step that ends a search with its first hit.
pub(crate) fn stop_at_hit(step: &SearchStep) -> ControlFlow<()> {
    if matches!(step, SearchStep::Hit(_)) {
        ControlFlow::Break(())
    } else {
        ControlFlow::Continue(())
    }
}

impl FieldHits<'_> {
    fn add(&mut self, field: &str, text: &str) {
        if let Some(excerpt) = self.search.needle.excerpt(text) {
            self.add_excerpt(field, excerpt);
        }
    }

    fn add_attribute(&mut self, field: &str, attribute: &RawAttribute<'_>) {
        if !self.search.filter.passes(attribute.raw().as_bytes()) {
            return;
        }
        if let Some(text) = attribute.text() {
            return self.add(field, &text);
        }
        let value = serde_json::from_str::<AnyValue>(attribute.raw());
        let found = value.ok().and_then(|value| self.search.excerpt_in(&as_json(&value)));
        if let Some(excerpt) = found {
            self.add_excerpt(field, excerpt);
        }
    }

    fn add_excerpt(&mut self, field: &str, excerpt: Excerpt) {
        if self.seen.insert(excerpt.clone()) {
            self.found.push((field.to_owned(), excerpt));
        }
    }
}
