//! Sessions whose process died: a root for each, ended when the process was last seen.

use std::time::Duration;

use super::{
    otlp_scan::{end_span_at, visit_spans},
    segment::{Label, Segment, SegmentDamage},
    spool_file::read_segment,
    unread_file::UnreadFile,
};
use crate::disk::journal::Aborted;

/// Returns the root of this name, ended.
pub(super) fn root_of(aborted: &Aborted, name: &str) -> Result<Segment, UnreadFile> {
    let path = aborted.path_of(name);
    let bytes = read_segment(&path).map_err(|error| UnreadFile::of_error(&path, &error))?;
    ended_at(bytes, aborted.last_seen).map_err(|damage| UnreadFile::of_damage(&path, damage))
}

/// Ends the span of a journal file at a moment. The file must hold exactly one span, whatever its label states.
pub(super) fn ended_at(bytes: Vec<u8>, moment: Duration) -> Result<Segment, SegmentDamage> {
    let Segment { label, body } = Segment::decode(bytes)?;
    let mut body = body.to_vec();
    let mut spans = 0_u64;
    let mut place = 0..0;
    visit_spans(&body, &mut |span| {
        spans = spans.saturating_add(1);
        place = span;
    })
    .filter(|()| spans == 1)
    .ok_or(SegmentDamage::Body)?;
    let moment = u64::try_from(moment.as_nanos()).unwrap_or(u64::MAX);
    end_span_at(&mut body, place, moment).ok_or(SegmentDamage::Body)?;
    Ok(Segment { label: Label { spans, ..label }, body: body.into() })
}
