//! Spans of a session as OTLP requests, with their resources and scopes.

use std::{
    fs::File,
    io::{self, BufReader},
    mem,
    ops::ControlFlow,
    path::Path,
};

use agentops_core::{
    push::SpanBatch,
    store::{JsonLines, LineError},
};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;

use super::{Store, StoreError, faults::Faults, ids::SessionId};

/// Bytes read at once.
const PIECE: usize = 256 << 10;

/// Spans that were written for other tools, and what could not be read.
pub(crate) struct WrittenSpans {
    /// Number of spans.
    pub(crate) spans: usize,
    pub(crate) faults: Faults,
}

/// Calls `line` with each line of a session as OTLP, a request in JSON.
///
/// # Errors
/// Returns an error if the session cannot be read, or the first error of `line`.
pub(crate) fn write_otlp<E: From<StoreError> + From<io::Error>>(
    store: &dyn Store,
    session: SessionId,
    line: &mut dyn FnMut(&str) -> io::Result<()>,
) -> Result<WrittenSpans, E> {
    let (mut spans, mut written) = (0, Ok(()));
    let faults = store.visit_requests(session, &mut |request| {
        let scopes = request.resource_spans.iter().flat_map(|resource| &resource.scope_spans);
        spans += scopes.map(|scope| scope.spans.len()).sum::<usize>();
        written = serde_json::to_string(request).map_err(io::Error::from).and_then(|it| line(&it));
        if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    written?;
    Ok(WrittenSpans { spans, faults })
}

/// Calls `visit` with the spans of a session in a file, a batch at a time and in the order of the file, until it breaks.
/// Returns what could not be read.
pub(super) fn visit_requests(
    path: &Path,
    session: SessionId,
    visit: &mut dyn FnMut(&ExportTraceServiceRequest) -> ControlFlow<()>,
) -> io::Result<Faults> {
    let mut lines = JsonLines::new(BufReader::with_capacity(PIECE, File::open(path)?));
    let (mut batch, mut faults) = (SpanBatch::default(), Faults::default());
    let mut flow = ControlFlow::Continue(());
    let mut send = |batch: &mut SpanBatch| {
        let request = mem::take(batch).into_request();
        request.map_or(ControlFlow::Continue(()), |request| visit(&request))
    };
    while flow.is_continue() {
        let read = lines.next_line(|line| {
            if !session.is_of(&line.span.trace_id) {
                batch.leave_out(&line);
                return;
            }
            batch.add(line);
            if batch.is_full() && flow.is_continue() {
                flow = send(&mut batch);
            }
        });
        match read {
            None => {
                _ = send(&mut batch);
                break;
            }
            Some(Ok(())) => {}
            Some(Err(LineError::Unreadable(error))) => return Err(error),
            Some(Err(problem)) => faults.add_file(path, &problem),
        }
    }
    Ok(faults)
}
