//! Batch of spans read from files, as one OTLP request with their resources and scopes.

use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    trace::v1::{ResourceSpans, ScopeSpans, Span},
};
use prost::Message;

use crate::export::LineSpan;

/// Number of spans at which a batch is full.
const BATCH: u64 = 2048;
/// Size in bytes at which a batch is full.
const BATCH_BYTES: usize = 2 << 20;

/// Batch of spans read from files.
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct SpanBatch {
    request: ExportTraceServiceRequest,
    spans: u64,
    /// Encoded size, which is about the size in memory.
    bytes: usize,
    /// Left-out spans were the first of their resource, or of their scope.
    begins_resource: bool,
    begins_scope: bool,
}

impl SpanBatch {
    /// Adds a span.
    pub fn add(&mut self, line: LineSpan<'_>) {
        self.leave_out(&line);
        let LineSpan { span, resource, resource_schema, scope, scope_schema, .. } = line;
        self.spans += 1;
        self.bytes += size_of::<Span>() + span.encoded_len();
        let resources = &mut self.request.resource_spans;
        if std::mem::take(&mut self.begins_resource) || resources.is_empty() {
            self.bytes += resource.map_or(0, Message::encoded_len);
            resources.push(ResourceSpans {
                resource: resource.cloned(),
                schema_url: resource_schema.to_owned(),
                scope_spans: Vec::new(),
            });
        }
        let Some(ResourceSpans { scope_spans: scopes, .. }) = resources.last_mut() else { return };
        if std::mem::take(&mut self.begins_scope) || scopes.is_empty() {
            self.bytes += scope.map_or(0, Message::encoded_len);
            scopes.push(ScopeSpans {
                scope: scope.cloned(),
                schema_url: scope_schema.to_owned(),
                spans: Vec::new(),
            });
        }
        if let Some(last) = scopes.last_mut() {
            last.spans.push(span);
        }
    }

    /// Leaves a span out: the next one may be of another resource and scope than the last one.
    pub fn leave_out(&mut self, line: &LineSpan<'_>) {
        self.begins_resource |= line.is_first_of_resource;
        self.begins_scope |= line.is_first_of_scope;
    }

    /// Returns `true` if the batch is large enough for a request.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.spans >= BATCH || self.bytes >= BATCH_BYTES
    }

    /// Returns the number of spans.
    #[must_use]
    pub fn spans(&self) -> u64 {
        self.spans
    }

    /// Returns the request; `None` if there are no spans.
    #[must_use]
    pub fn into_request(self) -> Option<ExportTraceServiceRequest> {
        (self.spans > 0).then_some(self.request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::JsonLines;

    /// Returns resource, scope and name of each span of a batch.
    fn told(batch: SpanBatch) -> Vec<String> {
        let mut told = Vec::new();
        for resource in batch.into_request().unwrap().resource_spans {
            for scope in resource.scope_spans {
                let scope_name = scope.scope.unwrap().name;
                let names = scope.spans.into_iter().map(|span| span.name);
                told.extend(
                    names.map(|name| format!("{}/{scope_name}/{name}", resource.schema_url)),
                );
            }
        }
        told
    }

    #[test]
    fn span_batch_keeps_resources_of_spans_behind_left_out_ones() {
        let of = |scope: &str, names: [&str; 2]| {
            let spans = names.map(|name| format!(r#"{{"name":"{name}"}}"#)).join(",");
            format!(r#"{{"scope":{{"name":"{scope}"}},"spans":[{spans}]}}"#)
        };
        let line = format!(
            r#"{{"resourceSpans":[{{"schemaUrl":"r1","scopeSpans":[{},{}]}},{{"schemaUrl":"r2","scopeSpans":[{}]}}]}}"#,
            of("s1", ["a", "out"]),
            of("s2", ["out", "b"]),
            of("s3", ["out", "c"]),
        );
        let mut batch = SpanBatch::default();
        let mut lines = JsonLines::new(line.as_bytes());
        let read = lines.next_line(|line| match &*line.span.name {
            "out" => batch.leave_out(&line),
            _ => batch.add(line),
        });
        assert!(read.unwrap().is_ok());
        assert_eq!(told(batch), ["r1/s1/a", "r1/s2/b", "r2/s3/c"]);
        assert!(SpanBatch::default().into_request().is_none());
    }
}
