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

use super::{faults::Faults, ids::SessionId};

/// Bytes read at once.
const PIECE: usize = 256 << 10;

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
