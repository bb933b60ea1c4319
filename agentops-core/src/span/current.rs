//! The span that the calling code runs in, to be told more about.

use std::{any::type_name, borrow::Cow, fmt};

use opentelemetry::{Context, Key, KeyValue, trace::TraceContextExt};
use serde::Serialize;

use super::exception::{Exception, MAX_MESSAGE, record_exception};
use crate::{
    attribute::{FieldValue, field_value},
    capture::{self, AsError, Captured, Failure},
    llm::{
        LlmRequest, LlmResponse, Message, TokenCount, Usage, messages_json, parts_json, tools_json,
    },
    record::{Extent, semconv, slot},
    session::{Amendments, InSession, admit_current, amount, innermost, tell_of_budget},
};

/// The span that the calling code runs in: [`current()`].
///
/// Everything here does nothing where there is no recording span, so library code may call it freely.
#[derive(Debug)]
pub struct CurrentSpan(Option<Context>);

/// The innermost recorded span that the calling code runs in.
///
/// ```
/// #[agentops::llm]
/// fn answer(question: &str) -> String {
///     let (tokens_in, tokens_out) = (12, 1);
///     agentops::current().set_model("gpt-4o-mini").set_usage(tokens_in, tokens_out);
///     question.to_uppercase()
/// }
/// ```
#[must_use]
pub fn current() -> CurrentSpan {
    CurrentSpan(admit_current().ok().map(|_| innermost()))
}

impl CurrentSpan {
    pub(super) fn of(context: Option<Context>) -> Self {
        Self(context)
    }

    /// True if there is a span that records.
    #[must_use]
    pub fn is_recording(&self) -> bool {
        self.0.as_ref().is_some_and(|context| context.span().is_recording())
    }

    /// Sets an attribute; of several values for one key the last is kept.
    pub fn set_attribute(&self, key: impl Into<Key>, value: impl FieldValue) -> &Self {
        if let (Some(context), Some(value)) = (&self.0, field_value(&value)) {
            context.span().set_attribute(KeyValue::new(key, value));
        }
        self
    }

    /// Sets the input, in place of the arguments, if content is captured.
    pub fn set_input<T: Serialize + ?Sized>(&self, input: &T) -> &Self {
        if let (Some(context), Some(json)) = (&self.0, self.content(input)) {
            context.span().set_attribute(KeyValue::new(semconv::INPUT, json));
        }
        self
    }

    /// Sets the output, in place of what the function returns, if content is captured.
    pub fn set_output<T: Serialize + ?Sized>(&self, output: &T) -> &Self {
        if let (Some(context), Some(json)) = (&self.0, self.content(output)) {
            let span = context.span();
            span.set_attribute(KeyValue::new(semconv::OUTPUT, json.clone()));
            self.tell(|told| told.output = Some(json.into()));
        }
        self
    }

    /// Sets the requested model (`gen_ai.request.model`).
    pub fn set_model(&self, model: impl FieldValue) -> &Self {
        self.set_attribute(semconv::REQUEST_MODEL, model)
    }

    /// Sets the tokens that went in and came out (`gen_ai.usage.input_tokens`, `.output_tokens`), in whatever
    /// integers the client has them. What is `None` or negative is not recorded.
    pub fn set_usage(
        &self,
        input_tokens: impl TokenCount,
        output_tokens: impl TokenCount,
    ) -> &Self {
        if let Some(context) = &self.0 {
            let usage = Usage::new(input_tokens, output_tokens);
            context.span().set_attributes(usage.attributes());
        }
        self
    }

    /// Sets the cost of the call, in US dollars (`agentops.usage.cost_usd`), in place of an earlier or a computed
    /// one: it counts in the session's totals and its budget when the call ends. Set on a session it
    /// counts at once. What is no number, or negative, is not recorded.
    ///
    /// See [`SessionRef::add_cost`](crate::SessionRef::add_cost) for what belongs to no call.
    ///
    /// ```
    /// #[agentops::tool]
    /// fn search(query: &str) -> usize {
    ///     let (hits, usd) = (query.len(), 0.005); // as the provider says in its answer
    ///     agentops::current().set_cost(usd);
    ///     hits
    /// }
    /// # search("tea");
    /// ```
    pub fn set_cost(&self, usd: f64) -> &Self {
        let (Some(slot), Some(usd)) = (self.slot(), amount(usd)) else { return self };
        match slot {
            slot::SESSION => self.set_cost_of_session(usd),
            slot::TOOL | slot::LLM => _ = self.set_attribute(semconv::COST_USD, usd),
            _ => {
                self.set_attribute(semconv::COST_USD, usd);
                self.tell(|told| told.cost = Some(usd));
            }
        }
        self
    }

    /// On the root stands what everything costs.
    fn set_cost_of_session(&self, usd: f64) {
        let place = self.0.as_ref().and_then(|context| context.get::<InSession>());
        if let Some(InSession { session, .. }) = place.filter(|place| !place.session.has_ended()) {
            session.set_own_cost(usd);
            tell_of_budget(session);
        }
    }

    /// The slot of the span's kind, while it records.
    fn slot(&self) -> Option<usize> {
        let context = self.0.as_ref()?;
        let InSession { session, .. } = context.get::<InSession>()?;
        let span = context.span();
        // Asked, it lets itself be found.
        let id = span.is_recording().then(|| span.span_context().span_id())?;
        session.registry().live().birth(id).map(|birth| birth.slot)
    }

    /// Sets the request to a model: the settings, and, if content is captured, messages, instructions and tools.
    pub fn set_request(&self, request: &LlmRequest) -> &Self {
        if let Some(context) = &self.0 {
            let content = self.extent().into_iter().flat_map(|extent| request.content(extent));
            context.span().set_attributes(request.attributes().chain(content));
        }
        self
    }

    /// Sets the messages to a model (`gen_ai.input.messages`), if content is captured.
    pub fn set_input_messages(&self, messages: &[Message]) -> &Self {
        self.set_content(semconv::INPUT_MESSAGES, |extent| messages_json(messages, extent))
    }

    /// Sets its instructions (`gen_ai.system_instructions`), if content is captured.
    pub fn set_system_instructions(&self, instructions: &str) -> &Self {
        self.set_content(semconv::SYSTEM_INSTRUCTIONS, |Extent { max_len, .. }| {
            parts_json(instructions, max_len)
        })
    }

    /// Sets the tools that a model may call (`gen_ai.tool.definitions`), if content is captured: a list that
    /// serialises as `OpenAI`'s, Anthropic's or Gemini's clients do.
    pub fn set_tool_definitions<T: Serialize + ?Sized>(&self, tools: &T) -> &Self {
        self.set_content(semconv::TOOL_DEFINITIONS, |Extent { max_len, .. }| {
            tools_json(tools, max_len)
        })
    }

    /// Records a model's answer: model, id, tokens, finish reasons, and its text if content is captured.
    pub fn set_response(&self, response: &LlmResponse) -> &Self {
        let Some(context) = &self.0 else { return self };
        context.span().set_attributes(response.attributes());
        if let Some(output) = &response.output {
            let messages = |extent| response.output_json(extent).unwrap_or_default();
            self.set_content(semconv::OUTPUT_MESSAGES, messages);
            let text = output.text();
            if !text.is_empty() {
                self.set_output(&text);
            }
        }
        self
    }

    /// Records an error and marks the span as failed, though the code goes on. An error that is recorded
    /// and then returned is recorded once.
    ///
    /// Causes are recorded of the errors of `anyhow`, `eyre` and `miette` alone, since a `Display` is all that is
    /// asked for; [`record_exception`](Self::record_exception) records those of others.
    pub fn record_error<E: fmt::Display + ?Sized>(&self, error: &E) -> &Self {
        if let Some(context) = &self.0 {
            let of = capture::short(type_name::<E>());
            let message = capture::or_empty(capture::by_itself(error, MAX_MESSAGE), of);
            let exception = Exception { kind: of, of, message, place: None };
            record_exception(&context.span(), exception);
        }
        self
    }

    /// The same for an error that has causes: they are recorded with it, as those of an error that an annotated
    /// function returns. An `anyhow::Error` or a box is one when it is dereferenced: `record_exception(&*error)`.
    ///
    /// ```
    /// #[agentops::tool]
    /// fn count(text: &str) -> usize {
    ///     text.parse().unwrap_or_else(|error: std::num::ParseIntError| {
    ///         agentops::current().record_exception(&error);
    ///         0
    ///     })
    /// }
    /// # assert_eq!(count("many"), 0);
    /// ```
    pub fn record_exception<E: AsError + ?Sized>(&self, error: &E) -> &Self {
        if let Some(context) = &self.0 {
            let failure = Failure::hidden(type_name::<E>(), error.as_error());
            let extent = Extent { max_len: MAX_MESSAGE, redacts: false };
            record_exception(&context.span(), Exception::of(&failure, extent));
        }
        self
    }

    /// Adds a tag; one that is there already is not added again.
    pub fn add_tag(&self, tag: impl Into<String>) -> &Self {
        let tag = tag.into();
        self.tell(|told| told.add_tag(tag));
        self
    }

    /// Adds an event that happened now.
    pub fn event(&self, name: impl Into<Cow<'static, str>>) -> &Self {
        if let Some(context) = &self.0 {
            context.span().add_event(name, Vec::new());
        }
        self
    }

    /// The ids of the span and of its trace, in hexadecimal digits: `(trace id, span id)`.
    #[must_use]
    pub fn ids(&self) -> Option<(String, String)> {
        let span = self.0.as_ref()?.span().span_context().clone();
        span.is_valid().then(|| (span.trace_id().to_string(), span.span_id().to_string()))
    }

    /// A value as JSON, bounded, if content is captured.
    fn content<T: Serialize + ?Sized>(&self, value: &T) -> Option<String> {
        Some(capture::value(&Captured::Serialize(&value), self.extent()?))
    }

    fn set_content(&self, key: &'static str, json: impl FnOnce(Extent) -> String) -> &Self {
        if let (Some(context), Some(extent)) = (&self.0, self.extent()) {
            context.span().set_attribute(KeyValue::new(key, json(extent)));
        }
        self
    }

    /// The bounds of what is captured, if content is.
    fn extent(&self) -> Option<Extent> {
        let context = self.0.as_ref()?;
        let InSession { session, .. } = context.get::<InSession>()?;
        let registry = session.registry();
        let rules = registry.rules();
        let keeps = || registry.live().keeps_credentials(context.span().span_context().span_id());
        let extent = |redacts| Extent { max_len: rules.max_len, redacts };
        rules.capture_content.then(|| extent(rules.redact_credentials && !keeps()))
    }

    fn tell(&self, note: impl FnOnce(&mut Amendments)) {
        let Some(context) = &self.0 else { return };
        if let Some(InSession { session, .. }) = context.get::<InSession>() {
            let span = context.span();
            if span.is_recording() {
                session.registry().live().tell(span.span_context().span_id(), note);
            }
        }
    }
}
