//! A stream that is a call: its span is current while it is polled and ends with it.

use std::{
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use futures_core::Stream;
use opentelemetry::KeyValue;
use pin_project_lite::pin_project;

use super::{
    Site, Start,
    call::Call,
    traced::{Ending, answer},
};
use crate::{
    capture::{Captured, Items, Outcome},
    kind::SpanKind,
    llm::{LlmResponse, Message, Part, Streamed},
    semconv,
    session::{Cancellation, InSession, SessionState},
};

/// Runs a function's body in its span, which goes on in the stream that it returns.
pub fn open<R>(start: Start, body: impl FnOnce() -> R) -> (Flow, R) {
    let site = start.site();
    let Some(mut call) = start.begin() else { return (Flow(None), body()) };
    let began = Instant::now();
    call.open();
    let returned = call.in_scope(body);
    (Flow::new(Some(call), site, Some(began)), returned)
}

/// A call whose stream is still to come, if it is recorded.
#[derive(Debug)]
pub struct Flow(Option<Begun>);

/// A call that has begun, and may go on in what it returned.
#[derive(Debug)]
struct Begun {
    call: Call,
    site: Option<&'static Site>,
    began: Instant,
}

impl Flow {
    pub(super) fn new(
        call: Option<Call>,
        site: Option<&'static Site>,
        began: Option<Instant>,
    ) -> Self {
        let began = |call| Begun { call, site, began: began.unwrap_or_else(Instant::now) };
        Self(call.map(began))
    }

    /// Records a call that returned something else than a stream.
    pub fn end(self, outcome: Outcome<'_>) {
        if let Some(mut begun) = self.0 {
            begun.call.log.close(&Ending::Finished(outcome));
        }
    }

    /// Records a call whose value is not known to go on, inside its span.
    pub(super) fn value<T>(self, value: T, outcome: impl FnOnce(&T) -> Outcome<'_>) -> T {
        // Bound in this order, so that unwinding drops the log before the span that it closes.
        let Some(Call { scope, mut log }) = self.into_call() else { return value };
        let _entered = scope.enter();
        log.close(&Ending::Finished(outcome(&value)));
        value
    }

    /// The callsite and the session of the call, if it is recorded.
    pub(super) fn place(&self) -> Option<(&'static Site, Arc<SessionState>)> {
        let Begun { call, site, .. } = self.0.as_ref()?;
        let place = call.log.context()?.get::<InSession>()?;
        Some(((*site)?, Arc::clone(&place.session)))
    }

    /// Whether there is a call, be it one that only keeps what it calls silent.
    pub(super) fn is_wanted(&self) -> bool {
        self.0.is_some()
    }

    pub(super) fn into_call(self) -> Option<Call> {
        self.0.map(|begun| begun.call)
    }

    /// Lets the span go on in the stream, and records what it yields.
    pub fn stream<S, O>(self, stream: S, outcome: O) -> Observed<S, O>
    where
        S: Stream,
        O: FnMut(&S::Item) -> Outcome<'_>,
    {
        let flowing = self.0.map(|begun| Box::new(Flowing::new(begun)));
        Observed { stream: Some(stream), flowing, outcome, polling: false }
    }
}

/// A call in the life of its stream.
#[derive(Debug)]
struct Flowing {
    call: Call,
    cancellation: Option<Cancellation>,
    kind: Option<SpanKind>,
    began: Instant,
    first: Option<Duration>,
    count: i64,
    /// What was yielded, as far as it is recorded.
    items: Option<Items>,
    /// What the items tell of a model call.
    response: LlmResponse,
    /// What they say of an answer other than in words.
    parts: Streamed,
    /// Whether they say in words what the model answers.
    speaks: bool,
}

impl Flowing {
    fn new(Begun { call, site, began }: Begun) -> Self {
        let items = call.log.output().map(Items::new);
        let parts = Streamed::new(call.log.output().map_or(0, |extent| extent.max_len));
        let (kind, response) = (site.map(Site::kind), LlmResponse::new());
        let place = call.log.context().and_then(|context| context.get::<InSession>());
        let cancellation = place.and_then(|place| Cancellation::of(&place.session));
        Self {
            call,
            cancellation,
            kind,
            began,
            first: None,
            count: 0,
            items,
            response,
            parts,
            speaks: false,
        }
    }

    /// Records an item; the first error ends the span, but not the stream.
    fn item(&mut self, outcome: Outcome<'_>) {
        if !self.call.log.is_open() {
            return;
        }
        self.first.get_or_insert_with(|| self.began.elapsed());
        match outcome {
            Outcome::Returned(item, response) => {
                self.count += 1;
                self.take(&item, response.as_deref().and_then(|part| part.output.as_ref()));
                if let Some(part) = response {
                    self.response.add(*part);
                }
            }
            Outcome::Ignored => self.count += 1,
            failed @ Outcome::Failed(_) => self.end(&Ending::Finished(failed)),
        }
    }

    /// Keeps an item, or, where items say what the model answers, only the words that it adds.
    fn take(&mut self, item: &Captured<'_>, said: Option<&Message>) {
        let (Some(extent), Some(items)) = (self.call.log.output(), &mut self.items) else {
            return;
        };
        for part in said.iter().flat_map(|message| &message.parts) {
            self.parts.add(part);
        }
        match said.map(Message::text) {
            Some(text) => {
                if !mem::replace(&mut self.speaks, true) {
                    // What came before had no words.
                    *items = Items::new(extent);
                }
                if !text.is_empty() {
                    items.push(&Captured::Serialize(&text));
                }
            }
            None if self.speaks => {}
            None => items.push(item),
        }
    }

    fn end(&mut self, ending: &Ending<'_>) {
        if self.call.log.is_open() {
            let summary = self.summary();
            self.call.log.note(summary);
            self.call.log.close(ending);
        }
    }

    /// Drops the stream half way, inside its span.
    fn give_up<S>(&mut self, mut stream: Pin<&mut Option<S>>, ending: &Ending<'_>) {
        let entered = self.call.scope.enter();
        stream.set(None);
        drop(entered);
        self.end(ending);
    }

    fn summary(&mut self) -> Vec<KeyValue> {
        let first_key = match self.kind {
            Some(SpanKind::Llm) => semconv::TIME_TO_FIRST_CHUNK,
            _ => semconv::TIME_TO_FIRST_ITEM,
        };
        let first = self.first.map(|first| KeyValue::new(first_key, first.as_secs_f64()));
        let output = self.items.take().map(Items::json);
        if self.speaks {
            let text = output.as_ref().and_then(|json| serde_json::from_str::<String>(json).ok());
            let text = text.filter(|text| !text.is_empty()).map(Part::text);
            let rest = mem::replace(&mut self.parts, Streamed::new(0)).into_parts();
            let parts: Vec<_> = text.into_iter().chain(rest).collect();
            self.response.output =
                (!parts.is_empty()).then(|| Message::assistant_with_parts(parts));
        }
        let response = answer(&self.response, self.call.log.output());
        let speaks = response.iter().any(|it| it.key.as_str() == semconv::OUTPUT);
        let output = output.filter(|_| !speaks).map(|json| KeyValue::new(semconv::OUTPUT, json));
        let count = KeyValue::new(semconv::STREAM_ITEMS, self.count);
        [Some(count), first, output].into_iter().flatten().chain(response).collect()
    }
}

pin_project! {
    /// The stream of an annotated call.
    #[must_use = "streams do nothing unless polled"]
    #[derive(Debug)]
    pub struct Observed<S, O> {
        #[pin]
        stream: Option<S>,
        flowing: Option<Box<Flowing>>,
        outcome: O,
        // Still set when the stream is dropped: its poll unwound.
        polling: bool,
    }

    impl<S, O> PinnedDrop for Observed<S, O> {
        /// A stream that is dropped half way is cancelled; its locals are dropped inside its span.
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            let Some(flowing) = this.flowing.as_deref_mut() else { return };
            let ending = if *this.polling { Ending::Panicked } else { Ending::Cancelled };
            flowing.give_up(this.stream, &ending);
        }
    }
}

impl<S, O> Stream for Observed<S, O>
where
    S: Stream,
    O: FnMut(&S::Item) -> Outcome<'_>,
{
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let mut this = self.project();
        // A cancelled stream has ended.
        let Some(stream) = this.stream.as_mut().as_pin_mut() else { return Poll::Ready(None) };
        let Some(flowing) = this.flowing.as_deref_mut() else { return stream.poll_next(task) };
        if flowing.cancellation.as_ref().is_some_and(|it| it.poll_behind(task.waker()).is_some()) {
            flowing.give_up(this.stream, &Ending::Cancelled);
            *this.flowing = None;
            return Poll::Ready(None);
        }
        *this.polling = true;
        let Call { log, scope } = &mut flowing.call;
        let entered = scope.enter();
        log.enter();
        let watched = log.watch();
        let poll = stream.poll_next(task);
        watched.returned();
        drop(entered);
        match &poll {
            Poll::Ready(Some(item)) => flowing.item((this.outcome)(item)),
            Poll::Ready(None) => {
                flowing.end(&Ending::Finished(Outcome::Ignored));
                *this.flowing = None;
            }
            Poll::Pending => {}
        }
        *this.polling = false;
        poll
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.stream.as_ref().map_or((0, None), Stream::size_hint)
    }
}
