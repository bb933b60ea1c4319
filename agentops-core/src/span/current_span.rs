//! Handle to the innermost span of the calling code, for adding attributes.

use std::{any::type_name, fmt};

use opentelemetry::{
    Context, Key, KeyValue,
    trace::{SpanContext, SpanId, TraceContextExt, TraceId},
};
use serde::Serialize;

use super::{
    Event,
    exception::{Exception, MAX_MESSAGE, record_exception},
};
use crate::{
    attribute::{FieldValue, field_value},
    capture::{self, AsError, Captured, Failure},
    llm::{LlmRequest, LlmResponse, Message, Usage, messages_json, parts_json, tools_json},
    record::{Extent, RecordedKind, semconv},
    session::{
        Amendments, InSession, admit_current, innermost_context, list_live, report_exceeded_budget,
        valid_cost,
    },
};

/// Innermost span of the calling code, returned by [`current()`].
///
/// Every method is a no-op where no span is recorded, so library code may call them freely.
#[derive(Debug)]
pub struct CurrentSpan(Option<Context>);

/// Returns the innermost recorded span of the calling code.
///
/// ```
/// use agentops::Usage;
///
/// #[agentops::llm]
/// fn answer(question: &str) -> String {
///     agentops::current().set_model("gpt-4o-mini").set_usage(Usage::new().input(12).output(1));
///     question.to_uppercase()
/// }
/// ```
#[must_use]
pub fn current() -> CurrentSpan {
    CurrentSpan(admit_current().ok().map(|_| innermost_context()))
}

impl CurrentSpan {
    pub(super) fn of(context: Option<Context>) -> Self {
        Self(context)
    }

    /// Returns `true` if there is a span and it is recorded.
    #[must_use]
    pub fn is_recording(&self) -> bool {
        self.0.as_ref().is_some_and(|context| context.span().is_recording())
    }

    /// Sets an attribute. Of several values for one key the last is kept.
    pub fn set_attribute(&self, key: impl Into<Key>, value: impl FieldValue) -> &Self {
        if let (Some(context), Some(value)) = (&self.0, field_value(&value)) {
            context.span().set_attribute(KeyValue::new(key, value));
        }
        self
    }

    /// Sets the input, in place of the recorded arguments. Does nothing unless content is captured.
    pub fn set_input<T: Serialize + ?Sized>(&self, input: &T) -> &Self {
        if let (Some(context), Some(json)) = (&self.0, self.content(input)) {
            context.span().set_attribute(KeyValue::new(semconv::INPUT, json));
        }
        self
    }

    /// Sets the output, in place of the recorded return value. Does nothing unless content is captured.
    pub fn set_output<T: Serialize + ?Sized>(&self, output: &T) -> &Self {
        if let (Some(context), Some(json)) = (&self.0, self.content(output)) {
            let span = context.span();
            span.set_attribute(KeyValue::new(semconv::OUTPUT, json.clone()));
            self.amend(|amendments| amendments.output = Some(json.into()));
        }
        self
    }

    /// Sets the requested model (`gen_ai.request.model`).
    pub fn set_model(&self, model: impl FieldValue) -> &Self {
        self.set_attribute(semconv::REQUEST_MODEL, model)
    }

    /// Sets the tokens of a model call (`gen_ai.usage.input_tokens`, `.output_tokens` and so on). A count that is not
    /// known is not recorded.
    ///
    /// ```
    /// # use agentops::Usage;
    /// let usage = Usage::new().input(1_200).output(80).cached(1_024);
    /// agentops::current().set_usage(usage);
    /// ```
    pub fn set_usage(&self, usage: Usage) -> &Self {
        if let Some(context) = &self.0 {
            context.span().set_attributes(usage.attributes());
        }
        self
    }

    /// Sets the cost of the call in US dollars (`agentops.usage.cost_usd`), in place of an earlier or a computed one.
    /// The cost is added to the session's totals and its budget when the call ends; on a session's span it counts at
    /// once. NaN and negative values are ignored.
    ///
    /// Use [`SessionRef::add_cost`](crate::SessionRef::add_cost) for costs that belong to no call.
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
        let (Some(kind), Some(usd)) = (self.kind(), valid_cost(usd)) else { return self };
        match kind {
            RecordedKind::Session => self.set_cost_of_session(usd),
            RecordedKind::Tool | RecordedKind::Llm => {
                self.set_attribute(semconv::COST_USD, usd);
            }
            _ => {
                self.set_attribute(semconv::COST_USD, usd);
                self.amend(|amendments| amendments.cost = Some(usd));
            }
        }
        self
    }

    /// Sets the session's own cost. The root span records the total of the session, so no attribute is set here.
    fn set_cost_of_session(&self, usd: f64) {
        let inside = self.0.as_ref().and_then(|context| context.get::<InSession>());
        if let Some(InSession { session, .. }) = inside.filter(|inside| !inside.session.has_ended())
        {
            session.set_own_cost(usd);
            report_exceeded_budget(session);
        }
    }

    /// Returns the kind of the span while the span is recorded.
    fn kind(&self) -> Option<RecordedKind> {
        let context = self.0.as_ref()?;
        let InSession { registry, .. } = context.get::<InSession>()?;
        let span = context.span();
        let id = list_live(&span).then(|| span.span_context().span_id())?;
        registry.live().birth(id).map(|birth| birth.kind)
    }

    /// Sets the request to a model: its settings, and, if content is captured, its messages, instructions and tools.
    pub fn set_request(&self, request: &LlmRequest) -> &Self {
        if let Some(context) = &self.0 {
            let content = self.extent().into_iter().flat_map(|extent| request.content(extent));
            context.span().set_attributes(request.attributes().chain(content));
        }
        self
    }

    /// Sets the input messages of a model call (`gen_ai.input.messages`), if content is captured.
    pub fn set_input_messages(&self, messages: &[Message]) -> &Self {
        self.set_content(semconv::INPUT_MESSAGES, |extent| messages_json(messages, extent))
    }

    /// Sets the system instructions of a model call (`gen_ai.system_instructions`), if content is captured.
    pub fn set_system_instructions(&self, instructions: &str) -> &Self {
        self.set_content(semconv::SYSTEM_INSTRUCTIONS, |Extent { max_len, .. }| {
            parts_json(instructions, max_len)
        })
    }

    /// Sets the tools that a model may call (`gen_ai.tool.definitions`), if content is captured. Accepts a list that
    /// serialises as the clients of `OpenAI`, Anthropic or Gemini do.
    pub fn set_tool_definitions<T: Serialize + ?Sized>(&self, tools: &T) -> &Self {
        self.set_content(semconv::TOOL_DEFINITIONS, |Extent { max_len, .. }| {
            tools_json(tools, max_len)
        })
    }

    /// Sets the response of a model: model, id, tokens, finish reasons, and its text if content is captured.
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

    /// Records an error and marks the span as failed, without ending it. An error that is recorded here and then
    /// returned is recorded once.
    ///
    /// Causes are recorded only for errors of `anyhow`, `eyre` and `miette`, since nothing but `Display` is required;
    /// [`record_exception`](Self::record_exception) records the causes of other errors.
    pub fn record_error<E: fmt::Display + ?Sized>(&self, error: &E) -> &Self {
        if let Some(context) = &self.0 {
            let of = capture::short(type_name::<E>());
            let message = capture::or_empty(capture::by_itself(error, MAX_MESSAGE), of);
            let exception = Exception { kind: of, of, message, location: None };
            record_exception(&context.span(), exception);
        }
        self
    }

    /// Records an error together with its causes, as an annotated function that returns it does, and marks the span
    /// as failed. Dereference an `anyhow::Error` or a boxed error: `record_exception(&*error)`.
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

    /// Adds a tag, unless the span has it already.
    pub fn add_tag(&self, tag: impl Into<String>) -> &Self {
        let tag = tag.into();
        self.amend(|amendments| amendments.add_tag(tag));
        self
    }

    /// Adds an event with the current time: a name, or an [`Event`] with attributes.
    pub fn event(&self, event: impl Into<Event>) -> &Self {
        if let Some(context) = &self.0 {
            let Event { name, attributes } = event.into();
            context.span().add_event(name, attributes);
        }
        self
    }

    /// Returns the id of the trace, which is that of the [session](crate::SessionRef::trace_id). Returns `None` where
    /// no span is recorded.
    #[must_use]
    pub fn trace_id(&self) -> Option<TraceId> {
        self.id(SpanContext::trace_id)
    }

    /// Returns the id of the span, or `None` where no span is recorded.
    #[must_use]
    pub fn span_id(&self) -> Option<SpanId> {
        self.id(SpanContext::span_id)
    }

    fn id<T>(&self, id: fn(&SpanContext) -> T) -> Option<T> {
        let span = self.0.as_ref()?.span();
        let context = span.span_context();
        context.is_valid().then(|| id(context))
    }

    /// Serialises a value as JSON within the limits, if content is captured.
    fn content<T: Serialize + ?Sized>(&self, value: &T) -> Option<String> {
        Some(capture::value(&Captured::Serialize(&value), self.extent()?))
    }

    fn set_content(&self, key: &'static str, json: impl FnOnce(Extent) -> String) -> &Self {
        if let (Some(context), Some(extent)) = (&self.0, self.extent()) {
            context.span().set_attribute(KeyValue::new(key, json(extent)));
        }
        self
    }

    /// Returns the bounds of captured content, or `None` if content is not captured.
    fn extent(&self) -> Option<Extent> {
        let context = self.0.as_ref()?;
        let InSession { registry, .. } = context.get::<InSession>()?;
        let rules = registry.rules();
        let keeps = || registry.live().keeps_credentials(context.span().span_context().span_id());
        let extent = |redacts| Extent { max_len: rules.max_len, redacts };
        rules.capture_content.then(|| extent(rules.redact_credentials && !keeps()))
    }

    fn amend(&self, note: impl FnOnce(&mut Amendments)) {
        let Some(context) = &self.0 else { return };
        if let Some(InSession { registry, .. }) = context.get::<InSession>() {
            let span = context.span();
            if list_live(&span) {
                registry.live().amend(span.span_context().span_id(), note);
            }
        }
    }
}
