//! Sessions whose process died: a root for each, as it would have looked when that was last seen.

use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;

use super::{read_bounded, segment::Segment};
use crate::journal::Aborted;

/// Their roots, but for those that are known to have ended.
pub(super) fn roots_of(aborted: &Aborted, ended: &[String]) -> impl Iterator<Item = Segment> {
    let open = aborted.names.iter().filter(|root| !ended.contains(root));
    let files = open.filter_map(|root| read_bounded(&aborted.path_of(root)).ok());
    files.filter_map(|bytes| ended_at(bytes, aborted.last_seen))
}

pub(super) fn ended_at(bytes: Vec<u8>, moment: Duration) -> Option<Segment> {
    let Segment { label, body } = Segment::decode(bytes).ok()?;
    let mut request = ExportTraceServiceRequest::decode(body).ok()?;
    let moment = u64::try_from(moment.as_nanos()).unwrap_or(u64::MAX);
    let scopes = request.resource_spans.iter_mut().flat_map(|resource| &mut resource.scope_spans);
    for span in scopes.flat_map(|scope| &mut scope.spans) {
        span.end_time_unix_nano = moment.max(span.start_time_unix_nano);
    }
    Some(Segment { label, body: request.encode_to_vec().into() })
}
