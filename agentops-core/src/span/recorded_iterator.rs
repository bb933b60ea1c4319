//! Iterator that is a call: its span is current while the next item is computed, and ends with the iterator.

use std::{fmt, iter::FusedIterator};

use super::{
    call_ending::CallEnding, item_recorder::ItemRecorder, returned_call::ReturnedCall,
    run_body::Call,
};
use crate::capture::Outcome;

impl ReturnedCall<'_> {
    /// Continues the span in the iterator and records the items.
    pub fn iterator<I, O>(self, iterator: I, outcome: O) -> RecordedIterator<I, O>
    where
        I: Iterator,
        O: FnMut(&I::Item) -> Outcome<'_>,
    {
        RecordedIterator::new(self, iterator, outcome)
    }
}

/// Iterator of an annotated call.
#[must_use = "iterators do nothing unless consumed"]
pub struct RecordedIterator<I, O> {
    // Only `drop` takes it.
    iterator: Option<I>,
    recorder: Option<Box<ItemRecorder>>,
    outcome: O,
    // Still set when the iterator is dropped: its `next` unwound.
    asking: bool,
}

impl<I, O> RecordedIterator<I, O> {
    pub(super) fn new(call: ReturnedCall<'_>, iterator: I, outcome: O) -> Self {
        let recorder = call.into_open().map(|open| Box::new(ItemRecorder::new(open)));
        Self { iterator: Some(iterator), recorder, outcome, asking: false }
    }
}

impl<I, O> RecordedIterator<I, O>
where
    I: Iterator,
    O: FnMut(&I::Item) -> Outcome<'_>,
{
    /// Advances the iterator inside the span.
    fn ask(&mut self, ask: impl FnOnce(&mut I) -> Option<I::Item>) -> Option<I::Item> {
        let iterator = self.iterator.as_mut()?;
        let Some(recorder) = self.recorder.as_deref_mut() else { return ask(iterator) };
        self.asking = true;
        let Call { log, scope } = &mut *recorder.call;
        let entered = scope.enter();
        log.enter();
        let watched = log.watch();
        let item = ask(iterator);
        watched.returned();
        drop(entered);
        if let Some(item) = &item {
            recorder.item((self.outcome)(item));
        } else {
            recorder.end(&CallEnding::Finished(Outcome::Ignored));
            self.recorder = None;
        }
        self.asking = false;
        item
    }
}

impl<I, O> Iterator for RecordedIterator<I, O>
where
    I: Iterator,
    O: FnMut(&I::Item) -> Outcome<'_>,
{
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        self.ask(I::next)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.iterator.as_ref().map_or((0, Some(0)), I::size_hint)
    }
}

impl<I, O> DoubleEndedIterator for RecordedIterator<I, O>
where
    I: DoubleEndedIterator,
    O: FnMut(&I::Item) -> Outcome<'_>,
{
    fn next_back(&mut self) -> Option<I::Item> {
        self.ask(I::next_back)
    }
}

impl<I, O> ExactSizeIterator for RecordedIterator<I, O>
where
    I: ExactSizeIterator,
    O: FnMut(&I::Item) -> Outcome<'_>,
{
}

impl<I, O> FusedIterator for RecordedIterator<I, O>
where
    I: FusedIterator,
    O: FnMut(&I::Item) -> Outcome<'_>,
{
}

impl<I, O> Drop for RecordedIterator<I, O> {
    /// Cancels the call if the iterator is dropped before its end. The iterator is dropped inside the span.
    fn drop(&mut self) {
        let Some(recorder) = self.recorder.as_deref_mut() else { return };
        let ending = if self.asking { CallEnding::Panicked } else { CallEnding::Cancelled };
        let iterator = &mut self.iterator;
        recorder.give_up(|| *iterator = None, &ending);
    }
}

impl<I: fmt::Debug, O> fmt::Debug for RecordedIterator<I, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordedIterator").field("iterator", &self.iterator).finish_non_exhaustive()
    }
}
