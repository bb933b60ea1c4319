//! Queued spans, grouped into the batches in which they are exported.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

use std::collections::VecDeque;

use crate::bridge::EndedSpan;

/// Queue of batches; only the last one is still being filled.
#[derive(Debug, Default)]
pub(super) struct Batches {
    batches: VecDeque<OpenBatch>,
    spans: usize,
    bytes: usize,
}

#[derive(Debug)]
struct OpenBatch {
    entries: Vec<EndedSpan>,
    bytes: usize,
}

/// Size at which a batch is full.
#[derive(Clone, Copy, Debug)]
pub(super) struct BatchLimit {
    pub(super) spans: usize,
    pub(super) bytes: usize,
}

/// Initial capacity of a batch in spans, unless fewer make it full.
const ROOM: usize = 128;

impl Batches {
    pub(super) fn spans(&self) -> usize {
        self.spans
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn push(&mut self, entry: EndedSpan, bytes: usize, full: BatchLimit) {
        let is_full = |it: &OpenBatch| it.entries.len() >= full.spans || it.bytes >= full.bytes;
        if self.batches.back().is_none_or(is_full) {
            let entries = Vec::with_capacity(ROOM.min(full.spans));
            self.batches.push_back(OpenBatch { entries, bytes: 0 });
        }
        if let Some(last) = self.batches.back_mut() {
            last.bytes = last.bytes.saturating_add(bytes);
            last.entries.push(entry);
        }
        self.spans = self.spans.saturating_add(1);
        self.bytes = self.bytes.saturating_add(bytes);
    }

    /// Removes the first batch, full or not.
    pub(super) fn take(&mut self) -> Vec<EndedSpan> {
        let OpenBatch { entries, bytes } =
            self.batches.pop_front().unwrap_or(OpenBatch { entries: Vec::new(), bytes: 0 });
        self.spans = self.spans.saturating_sub(entries.len());
        self.bytes = self.bytes.saturating_sub(bytes);
        entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ended, span};

    const FULL: BatchLimit = BatchLimit { spans: 3, bytes: 100 };

    /// Returns the sizes of the batches, and what is left in the queue afterwards.
    fn batches(sizes: &[usize]) -> (Vec<usize>, [usize; 2]) {
        let mut line = Batches::default();
        for bytes in sizes {
            line.push(ended(span(1, "")), *bytes, FULL);
        }
        assert_eq!([line.spans(), line.bytes()], [sizes.len(), sizes.iter().sum()]);
        let taken = std::iter::repeat_with(|| line.take().len()).take_while(|len| *len > 0);
        (taken.collect(), [line.spans(), line.bytes()])
    }

    #[test]
    fn a_batch_is_full_by_its_spans_or_by_its_bytes() {
        assert_eq!(batches(&[]), (vec![], [0, 0]));
        assert_eq!(batches(&[1, 1, 1, 1]), (vec![3, 1], [0, 0]));
        assert_eq!(batches(&[99, 1, 1, 200, 1]), (vec![2, 2, 1], [0, 0]));
    }

    #[test]
    fn what_was_not_full_when_it_went_is_not_filled_up_later() {
        let mut line = Batches::default();
        let entry = || ended(span(1, ""));
        line.push(entry(), 1, FULL);
        assert_eq!(line.take().len(), 1);
        line.push(entry(), 1, FULL);
        line.push(entry(), 1, FULL);
        assert_eq!((line.take().len(), line.spans(), line.bytes()), (2, 0, 0));
    }
}
