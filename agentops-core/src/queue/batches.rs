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
const INITIAL_CAPACITY: usize = 128;

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
            let entries = Vec::with_capacity(INITIAL_CAPACITY.min(full.spans));
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
    pub(super) fn remove_first(&mut self) -> Vec<EndedSpan> {
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
        let mut batches = Batches::default();
        for bytes in sizes {
            batches.push(ended(span(1, "")), *bytes, FULL);
        }
        assert_eq!([batches.spans(), batches.bytes()], [sizes.len(), sizes.iter().sum()]);
        let taken =
            std::iter::repeat_with(|| batches.remove_first().len()).take_while(|len| *len > 0);
        (taken.collect(), [batches.spans(), batches.bytes()])
    }

    #[test]
    fn batch_is_full_by_spans_or_bytes() {
        assert_eq!(batches(&[]), (vec![], [0, 0]));
        assert_eq!(batches(&[1, 1, 1, 1]), (vec![3, 1], [0, 0]));
        assert_eq!(batches(&[99, 1, 1, 200, 1]), (vec![2, 2, 1], [0, 0]));
    }

    #[test]
    fn removed_batch_is_not_filled_later() {
        let mut batches = Batches::default();
        let entry = || ended(span(1, ""));
        batches.push(entry(), 1, FULL);
        assert_eq!(batches.remove_first().len(), 1);
        batches.push(entry(), 1, FULL);
        batches.push(entry(), 1, FULL);
        assert_eq!((batches.remove_first().len(), batches.spans(), batches.bytes()), (2, 0, 0));
    }
}
