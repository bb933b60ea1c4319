//! Ended spans in line, in the batches in which they go out.

use std::{collections::VecDeque, sync::Arc};

use opentelemetry_sdk::trace::SpanData;

use crate::session::SessionState;

/// An ended span with the session that stamps it.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) span: Box<SpanData>,
    pub(crate) session: Arc<SessionState>,
}

/// Batches in line; only the last one is still filling up.
#[derive(Debug, Default)]
pub(super) struct Line {
    batches: VecDeque<Filling>,
    spans: usize,
    bytes: usize,
}

#[derive(Debug)]
struct Filling {
    entries: Vec<Entry>,
    bytes: usize,
}

/// When a batch is full.
#[derive(Clone, Copy, Debug)]
pub(super) struct Full {
    pub(super) spans: usize,
    pub(super) bytes: usize,
}

/// A batch has room for so many spans from its start, unless fewer make it full.
const ROOM: usize = 128;

impl Line {
    pub(super) fn spans(&self) -> usize {
        self.spans
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn push(&mut self, entry: Entry, bytes: usize, full: Full) {
        let is_full = |it: &Filling| it.entries.len() >= full.spans || it.bytes >= full.bytes;
        if self.batches.back().is_none_or(is_full) {
            let entries = Vec::with_capacity(ROOM.min(full.spans));
            self.batches.push_back(Filling { entries, bytes: 0 });
        }
        if let Some(last) = self.batches.back_mut() {
            last.bytes += bytes;
            last.entries.push(entry);
        }
        self.spans += 1;
        self.bytes += bytes;
    }

    /// The batch that is first in line, full or not.
    pub(super) fn take(&mut self) -> Vec<Entry> {
        let Filling { entries, bytes } =
            self.batches.pop_front().unwrap_or(Filling { entries: Vec::new(), bytes: 0 });
        self.spans -= entries.len();
        self.bytes -= bytes;
        entries
    }
}
