//! Sessions as files on this machine: OTLP as JSON lines, one file per session, named by its trace id.
//!
//! The format is the OpenTelemetry file exporter's, so that a collector's `otlpjsonfile` receiver reads it
//! as it is. A file grows while its session runs; the root's line comes last. The folder keeps within bounds.

mod bounds;

use std::{
    collections::HashMap,
    fs::OpenOptions,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use opentelemetry::{
    Array, KeyValue, Value,
    trace::{SpanId, TraceId},
};
use opentelemetry_proto::{
    tonic::trace::v1::TracesData,
    transform::{
        common::tonic::ResourceAttributesWithSchema,
        trace::tonic::group_spans_by_resource_and_scope,
    },
};
use opentelemetry_sdk::{
    Resource,
    error::{OTelSdkError, OTelSdkResult},
    trace::{SpanData, SpanExporter},
};

use self::bounds::{Bounds, Written};
use crate::{
    config::LocalSettings,
    private_files::{make_private_dir, open_private},
};

/// Appends each batch to the files of its sessions.
#[derive(Debug)]
pub(crate) struct LocalExporter {
    dir: PathBuf,
    bounds: Mutex<Bounds>,
    resource: ResourceAttributesWithSchema,
}

impl LocalExporter {
    pub(crate) fn new(settings: LocalSettings) -> Self {
        Self {
            dir: settings.dir.clone(),
            bounds: Mutex::new(Bounds::new(settings)),
            resource: ResourceAttributesWithSchema::default(),
        }
    }

    fn write(&self, batch: Vec<SpanData>) -> io::Result<()> {
        make_private_dir(&self.dir)?;
        let mut sessions: HashMap<TraceId, Vec<SpanData>> = HashMap::new();
        for span in batch {
            sessions.entry(span.span_context.trace_id()).or_default().push(span);
        }
        let mut bounds = self.bounds.lock().unwrap_or_else(PoisonError::into_inner);
        let written = sessions
            .into_iter()
            .map(|(trace, spans)| self.append(trace, spans).map(|written| bounds.note(written)));
        // One session's trouble must not cost the others: all are tried before the first error counts.
        let written: Vec<io::Result<()>> = written.collect();
        bounds.keep();
        written.into_iter().collect()
    }

    fn append(&self, trace: TraceId, spans: Vec<SpanData>) -> io::Result<Written> {
        let has_ended = spans.iter().any(ends_session);
        let line = self.line(spans)?;
        let before = append_line(&file_of(&self.dir, trace), &line)?;
        Ok(Written { trace, bytes: line.len() as u64, is_new: before == 0, has_ended })
    }

    fn line(&self, mut spans: Vec<SpanData>) -> io::Result<Vec<u8>> {
        spans.iter_mut().for_each(spell_out);
        let resource_spans = group_spans_by_resource_and_scope(spans, &self.resource);
        let mut line = serde_json::to_vec(&TracesData { resource_spans })?;
        line.push(b'\n');
        Ok(line)
    }
}

impl SpanExporter for LocalExporter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.write(batch).map_err(|error| {
            let dir = self.dir.display();
            OTelSdkError::InternalFailure(format!(
                "the folder `{dir}` cannot be written: {error}; \
                 make it writable or set `AGENTOPS_LOCAL_DIR` to another one"
            ))
        })
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.resource = resource.into();
    }
}

/// JSON has neither NaN nor infinity, and the library would write `null`, which readers of OTLP refuse: such
/// a number is told as a text.
fn spell_out(span: &mut SpanData) {
    let of_events = span.events.events.iter_mut().flat_map(|event| &mut event.attributes);
    for KeyValue { value, .. } in span.attributes.iter_mut().chain(of_events) {
        match value {
            Value::F64(number) if !number.is_finite() => *value = name_of(*number).into(),
            Value::Array(Array::F64(numbers)) if numbers.iter().any(|it| !it.is_finite()) => {
                let names = numbers.iter().map(|number| name_of(*number).into());
                *value = Value::Array(Array::String(names.collect()));
            }
            _ => {}
        }
    }
}

/// A number as protobuf's JSON has it.
fn name_of(number: f64) -> String {
    match number {
        f64::INFINITY => "Infinity".to_owned(),
        f64::NEG_INFINITY => "-Infinity".to_owned(),
        number => number.to_string(),
    }
}

/// The file of a session.
pub(super) fn file_of(dir: &Path, trace: TraceId) -> PathBuf {
    dir.join(format!("{trace}.jsonl"))
}

/// Whether a span is the last that this process has to say of its session.
fn ends_session(span: &SpanData) -> bool {
    span.parent_span_id == SpanId::INVALID || span.parent_span_is_remote
}

/// Appends a line whole or not at all: what a full disk has cut is taken back. What the file held before, in
/// bytes.
fn append_line(path: &Path, line: &[u8]) -> io::Result<u64> {
    let mut file = open_private(OpenOptions::new().append(true).create(true), path)?;
    let before = file.metadata()?.len();
    file.write_all(line).inspect_err(|_| _ = file.set_len(before))?;
    Ok(before)
}

#[cfg(test)]
mod tests;
