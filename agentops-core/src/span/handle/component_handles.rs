//! Handles to agents, tools, model calls and spans of other kinds.

use std::{marker::PhantomData, panic::Location};

use opentelemetry::Value;
use serde::Serialize;

use crate::{
    attribute::{FieldValue, field_value},
    error::NoActiveSession,
    llm::{LlmRequest, LlmResponse, Message, Usage},
    record::{SpanKind, semconv},
    span::{HandleSite, SpanHandle, Start},
};

/// Handle to the run of an agent. Clones refer to the same span.
///
/// ```
/// use agentops::{Agent, EndState, Session};
///
/// let session = Session::start("chat");
/// let agent = session.in_scope(|| Agent::builder("planner").role("plans").start());
/// let answer = agent.in_scope(|| 42);
/// agent.set_output(&answer).end(EndState::Success);
/// ```
#[doc(alias = "AgentSpan")]
#[derive(Clone, Debug)]
#[must_use = "a span ends when its last handle is dropped"]
pub struct Agent(pub(super) SpanHandle);

/// Handle to a tool call. Clones refer to the same span.
///
/// ```
/// # use agentops::{EndState, Session, Tool};
/// # let session = Session::start("chat");
/// # session.in_scope(|| {
/// let tool = Tool::builder("search").description("searches the web").cost(0.005).start();
/// tool.set_input(&["tea"]).set_output(&["Camellia sinensis"]);
/// tool.end(EndState::Success);
/// # });
/// ```
#[doc(alias = "ToolSpan")]
#[derive(Clone, Debug)]
#[must_use = "a span ends when its last handle is dropped"]
pub struct Tool(pub(super) SpanHandle);

/// Handle to a model call, named after its model. Clones refer to the same span.
///
/// ```
/// # use agentops::{EndState, Llm, LlmResponse, Session, Usage};
/// # let session = Session::start("chat");
/// # session.in_scope(|| {
/// let call = Llm::builder("gpt-4o-mini").provider("openai").start();
/// call.set_response(&LlmResponse::new().usage(Usage::new().input(12).output(3)).finish_reason("stop"));
/// call.end(EndState::Success);
/// # });
/// ```
#[doc(alias = "LlmSpan")]
#[derive(Clone, Debug)]
#[must_use = "a span ends when its last handle is dropped"]
pub struct Llm(pub(super) SpanHandle);

/// Handle to a span of a user-defined kind. Clones refer to the same span.
///
/// ```
/// # use agentops::{CustomSpan, EndState, Session};
/// # let session = Session::start("chat");
/// # session.in_scope(|| {
/// let span = CustomSpan::start("reranker", "rerank pages");
/// span.set_attribute("candidates", 20).end(EndState::Success);
/// # });
/// ```
#[derive(Clone, Debug)]
#[must_use = "a span ends when its last handle is dropped"]
pub struct CustomSpan(pub(super) SpanHandle);

/// Builder for an [`Agent`], [`Tool`], [`Llm`] or [`CustomSpan`].
#[derive(Debug)]
#[must_use = "a builder does nothing until `start` is called"]
pub struct HandleBuilder<H> {
    kind: SpanKind,
    name: String,
    attributes: Vec<(&'static str, Option<Value>)>,
    handle: PhantomData<fn() -> H>,
}

impl<H: From<SpanHandle>> HandleBuilder<H> {
    fn new(kind: SpanKind, name: String) -> Self {
        Self { kind, name, attributes: Vec::new(), handle: PhantomData }
    }

    fn with(mut self, key: &'static str, value: impl FieldValue) -> Self {
        self.attributes.push((key, field_value(&value)));
        self
    }

    /// Starts the span as a child of the current span of the calling code.
    ///
    /// Outside of any session the handle records nothing. The call is counted in [`Stats::orphans`](crate::Stats::orphans), and each place in the code warns once, as an annotated function
    /// does. With [`OrphanPolicy::AutoSession`](crate::OrphanPolicy::AutoSession) the call gets a session of its own.
    ///
    /// # Panics
    /// Panics outside of any session with [`OrphanPolicy::Panic`](crate::OrphanPolicy::Panic).
    #[track_caller]
    pub fn start(self) -> H {
        self.start_at(Location::caller()).into()
    }

    /// Starts the span with `location` as its location in the code.
    pub(crate) fn start_at(self, location: &'static Location<'static>) -> SpanHandle {
        let (site, record) = self.at(location);
        SpanHandle::start(site, record)
    }

    /// Starts the span as [`HandleBuilder::start`] does, or returns the reason why it belongs to no session. Where
    /// tracing is off this is no error: the span starts and records nothing.
    ///
    /// # Errors
    /// Returns an error if the calling code is in no session. The call is counted, but no warning is logged: the
    /// error replaces it.
    ///
    /// # Panics
    /// Panics where [`HandleBuilder::start`] does.
    #[track_caller]
    pub fn try_start(self) -> Result<H, NoActiveSession> {
        let (site, record) = self.at(Location::caller());
        SpanHandle::try_start(site, record).map(H::from)
    }

    /// Returns the site of the handle, and a function that sets the initial attributes.
    fn at(self, location: &'static Location<'static>) -> (HandleSite, impl FnOnce(&mut Start)) {
        let Self { kind, name, attributes, .. } = self;
        let record = |start: &mut Start| {
            attributes.into_iter().for_each(|(key, value)| start.field(key, value));
        };
        (HandleSite { kind, name, location }, record)
    }
}

macro_rules! component {
    ($handle:ident, $kind:expr) => {
        #[doc(hidden)]
        impl From<SpanHandle> for $handle {
            fn from(held: SpanHandle) -> Self {
                Self(held)
            }
        }

        impl $handle {
            /// Starts the span as a child of the current span of the calling code. Outside of any session it records
            /// nothing; see [`HandleBuilder::start`].
            #[track_caller]
            pub fn start(name: impl Into<String>) -> Self {
                Self::builder(name).start()
            }

            /// Starts the span, or returns an error if it belongs to no session.
            ///
            /// # Errors
            /// Returns an error outside of any session; see [`HandleBuilder::try_start`].
            #[track_caller]
            pub fn try_start(name: impl Into<String>) -> Result<Self, NoActiveSession> {
                Self::builder(name).try_start()
            }

            /// Returns a builder for the span.
            pub fn builder(name: impl Into<String>) -> HandleBuilder<Self> {
                HandleBuilder::new($kind, name.into())
            }
        }
    };
}

component!(Agent, SpanKind::Agent);
component!(Tool, SpanKind::Tool);

impl HandleBuilder<Agent> {
    /// Sets the role of the agent, `agent.role`.
    pub fn role(self, role: impl FieldValue) -> Self {
        self.with(semconv::AGENT_ROLE, role)
    }

    /// Sets the id that tells the agent from others of its name, `gen_ai.agent.id`.
    pub fn id(self, id: impl FieldValue) -> Self {
        self.with(semconv::AGENT_ID, id)
    }

    /// Sets the description of the agent, `gen_ai.agent.description`.
    pub fn description(self, description: impl FieldValue) -> Self {
        self.with(semconv::AGENT_DESCRIPTION, description)
    }
}

impl HandleBuilder<Tool> {
    /// Sets the description of the tool, `gen_ai.tool.description`.
    pub fn description(self, description: impl FieldValue) -> Self {
        self.with(semconv::DESCRIPTION, description)
    }

    /// Sets the cost of the call, in US dollars.
    pub fn cost(self, usd: f64) -> Self {
        self.with(semconv::COST_USD, usd)
    }
}

#[doc(hidden)]
impl From<SpanHandle> for Llm {
    fn from(held: SpanHandle) -> Self {
        Self(held)
    }
}

impl Llm {
    /// Starts a model call as a child of the current span of the calling code. Outside of any session it records
    /// nothing; see [`HandleBuilder::start`].
    #[track_caller]
    pub fn start(model: impl Into<String>) -> Self {
        Self::builder(model).start()
    }

    /// Starts a model call, or returns an error if it belongs to no session.
    ///
    /// # Errors
    /// Returns an error outside of any session; see [`HandleBuilder::try_start`].
    #[track_caller]
    pub fn try_start(model: impl Into<String>) -> Result<Self, NoActiveSession> {
        Self::builder(model).try_start()
    }

    /// Returns a builder for a model call.
    pub fn builder(model: impl Into<String>) -> HandleBuilder<Self> {
        let model = model.into();
        HandleBuilder::new(SpanKind::Llm, model.clone()).with(semconv::REQUEST_MODEL, model)
    }

    /// Sets the requested model, in place of the one that the handle was started with (`gen_ai.request.model`).
    pub fn set_model(&self, model: impl FieldValue) -> &Self {
        self.span().set_model(model);
        self
    }

    /// Sets the request: its settings, and, if content is captured, its messages, instructions and tools.
    pub fn set_request(&self, request: &LlmRequest) -> &Self {
        self.span().set_request(request);
        self
    }

    /// Sets the input messages (`gen_ai.input.messages`), if content is captured.
    pub fn set_input_messages(&self, messages: &[Message]) -> &Self {
        self.span().set_input_messages(messages);
        self
    }

    /// Sets the system instructions (`gen_ai.system_instructions`), if content is captured.
    pub fn set_system_instructions(&self, instructions: &str) -> &Self {
        self.span().set_system_instructions(instructions);
        self
    }

    /// Sets the tools that the model may call (`gen_ai.tool.definitions`), if content is captured; see
    /// [`CurrentSpan::set_tool_definitions`](crate::CurrentSpan::set_tool_definitions).
    pub fn set_tool_definitions<T: Serialize + ?Sized>(&self, tools: &T) -> &Self {
        self.span().set_tool_definitions(tools);
        self
    }

    /// Sets the response of the model: model, id, tokens, finish reasons, and its text if content is captured.
    pub fn set_response(&self, response: &LlmResponse) -> &Self {
        self.span().set_response(response);
        self
    }

    /// Sets the tokens of the call (`gen_ai.usage.input_tokens`, `.output_tokens` and so on). A count that is not
    /// known is not recorded.
    pub fn set_usage(&self, usage: Usage) -> &Self {
        self.span().set_usage(usage);
        self
    }
}

impl HandleBuilder<Llm> {
    /// Sets the provider of the model, `gen_ai.provider.name`.
    pub fn provider(self, provider: impl FieldValue) -> Self {
        self.with(semconv::PROVIDER_NAME, provider)
    }

    /// Sets the operation, such as `chat`: `gen_ai.operation.name`.
    pub fn operation(self, operation: impl FieldValue) -> Self {
        self.with(semconv::GEN_AI_OPERATION, operation)
    }
}

#[doc(hidden)]
impl From<SpanHandle> for CustomSpan {
    fn from(held: SpanHandle) -> Self {
        Self(held)
    }
}

impl CustomSpan {
    /// Starts a span of this kind as a child of the current span of the calling code. Outside of any session it
    /// records nothing; see [`HandleBuilder::start`].
    #[track_caller]
    pub fn start(kind: &'static str, name: impl Into<String>) -> Self {
        Self::builder(kind, name).start()
    }

    /// Starts a span of this kind, or returns an error if it belongs to no session.
    ///
    /// # Errors
    /// Returns an error outside of any session; see [`HandleBuilder::try_start`].
    #[track_caller]
    pub fn try_start(kind: &'static str, name: impl Into<String>) -> Result<Self, NoActiveSession> {
        Self::builder(kind, name).try_start()
    }

    /// Returns a builder for a span of this kind.
    pub fn builder(kind: &'static str, name: impl Into<String>) -> HandleBuilder<Self> {
        HandleBuilder::new(SpanKind::Custom(kind), name.into())
    }
}
