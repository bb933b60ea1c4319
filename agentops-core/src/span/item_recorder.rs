//! Call that continues while a stream or an iterator yields its items.

use std::{
    mem,
    task::Waker,
    time::{Duration, Instant},
};

use opentelemetry::KeyValue;

use super::{
    call_ending::CallEnding, returned_call::OpenCall, run_body::Call, traced_span::answer,
};
use crate::{
    capture::{Captured, Failure, Items, Outcome},
    config::BudgetExceeded,
    llm::{LlmResponse, Message, Part, Streamed},
    record::{SpanKind, semconv},
    session::{Cancellation, InSession},
};

/// Call that continues item by item.
#[derive(Debug)]
pub(super) struct ItemRecorder {
    pub(super) call: Box<Call>,
    pub(super) cancellation: Option<Cancellation>,
    kind: Option<SpanKind>,
    began: Instant,
    first: Option<Duration>,
    count: i64,
    /// Items yielded so far, within the recorded length.
    items: Option<Items>,
    /// Response of a model call, collected from the items.
    response: LlmResponse,
    /// Parts of the response other than text.
    parts: Streamed,
    /// `true` once an item was a part of a model's response.
    is_model_response: bool,
}

impl ItemRecorder {
    pub(super) fn new(OpenCall { call, began }: OpenCall) -> Self {
        let items = call.log.output().map(Items::new);
        let parts = Streamed::new(call.log.output().map_or(0, |extent| extent.max_len));
        let (kind, response) = (call.log.kind(), LlmResponse::new());
        let inside = call.log.context().and_then(|context| context.get::<InSession>());
        let cancellation = inside.and_then(|inside| Cancellation::of(&inside.session));
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
            is_model_response: false,
        }
    }

    /// Records an item. The first error ends the span, but not the stream.
    pub(super) fn item(&mut self, outcome: Outcome<'_>) {
        if !self.call.log.is_open() {
            return;
        }
        self.first.get_or_insert_with(|| self.began.elapsed());
        match outcome {
            Outcome::Returned(item, response) => {
                self.count += 1;
                self.keep(&item, response.as_deref().and_then(|part| part.output.as_ref()));
                if let Some(part) = response {
                    self.response.add(*part);
                }
            }
            Outcome::Ignored | Outcome::Deferred(_) => self.count += 1,
            failed @ Outcome::Failed(_) => self.end(&CallEnding::Finished(failed)),
        }
    }

    /// Keeps an item. Where items are parts of a model's response, only the text that they add is kept.
    fn keep(&mut self, item: &Captured<'_>, part_of_response: Option<&Message>) {
        let (Some(extent), Some(items)) = (self.call.log.output(), &mut self.items) else {
            return;
        };
        for part in part_of_response.iter().flat_map(|message| &message.parts) {
            self.parts.add(part);
        }
        match part_of_response.map(Message::text) {
            Some(text) => {
                if !mem::replace(&mut self.is_model_response, true) {
                    // The items before had no text.
                    *items = Items::new(extent);
                }
                if !text.is_empty() {
                    items.push(&Captured::Serialize(&text));
                }
            }
            None if self.is_model_response => {}
            None => items.push(item),
        }
    }

    pub(super) fn end(&mut self, ending: &CallEnding<'_>) {
        if self.call.log.is_open() {
            let summary = self.summary();
            self.call.log.note(summary);
            self.call.log.close(ending);
        }
    }

    /// Returns the exceeded limit, if the call is to end early.
    pub(super) fn poll_budget(&self, waker: &Waker) -> Option<BudgetExceeded> {
        self.cancellation.as_ref()?.poll_stream(self.kind?, waker)
    }

    /// Ends the call early: a session fails, and any other call is cancelled.
    pub(super) fn stop(&mut self, exceeded: &BudgetExceeded, let_go: impl FnOnce()) {
        let failure = Failure::by_display(exceeded);
        let ending = match self.kind {
            Some(SpanKind::Session) => CallEnding::Finished(Outcome::Failed(failure)),
            _ => CallEnding::Cancelled,
        };
        self.give_up(let_go, &ending);
    }

    /// Drops the unfinished stream or iterator inside its span, then ends the call.
    pub(super) fn give_up(&mut self, let_go: impl FnOnce(), ending: &CallEnding<'_>) {
        let entered = self.call.scope.enter();
        let_go();
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
        if self.is_model_response {
            let text = output.as_ref().and_then(|json| serde_json::from_str::<String>(json).ok());
            let text = text.filter(|text| !text.is_empty()).map(Part::text);
            let rest = mem::replace(&mut self.parts, Streamed::new(0)).into_parts();
            let parts: Vec<_> = text.into_iter().chain(rest).collect();
            self.response.output =
                (!parts.is_empty()).then(|| Message::assistant_with_parts(parts));
        }
        let response = answer(&self.response, self.call.log.output());
        let is_model_response =
            response.iter().any(|attribute| attribute.key.as_str() == semconv::OUTPUT);
        let output =
            output.filter(|_| !is_model_response).map(|json| KeyValue::new(semconv::OUTPUT, json));
        let count = KeyValue::new(semconv::STREAM_ITEMS, self.count);
        [Some(count), first, output].into_iter().flatten().chain(response).collect()
    }
}
