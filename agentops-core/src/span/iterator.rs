//! Iterator that is a call: its span is current while the next item is computed, and ends with the iterator.

use std::{fmt, iter::FusedIterator};

use super::{call::Call, ending::Ending, flow::Flow, flowing::Flowing};
use crate::capture::Outcome;

impl Flow<'_> {
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
    flowing: Option<Box<Flowing>>,
    outcome: O,
    // Still set when the iterator is dropped: its `next` unwound.
    asking: bool,
}

impl<I, O> RecordedIterator<I, O> {
    pub(super) fn new(flow: Flow<'_>, iterator: I, outcome: O) -> Self {
        let flowing = flow.into_begun().map(|begun| Box::new(Flowing::new(begun)));
        Self { iterator: Some(iterator), flowing, outcome, asking: false }
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
        let Some(flowing) = self.flowing.as_deref_mut() else { return ask(iterator) };
        self.asking = true;
        let Call { log, scope } = &mut *flowing.call;
        let entered = scope.enter();
        log.enter();
        let watched = log.watch();
        let item = ask(iterator);
        watched.returned();
        drop(entered);
        if let Some(item) = &item {
            flowing.item((self.outcome)(item));
        } else {
            flowing.end(&Ending::Finished(Outcome::Ignored));
            self.flowing = None;
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
        let Some(flowing) = self.flowing.as_deref_mut() else { return };
        let ending = if self.asking { Ending::Panicked } else { Ending::Cancelled };
        let iterator = &mut self.iterator;
        flowing.give_up(|| *iterator = None, &ending);
    }
}

impl<I: fmt::Debug, O> fmt::Debug for RecordedIterator<I, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Iterated").field("iterator", &self.iterator).finish_non_exhaustive()
    }
}
