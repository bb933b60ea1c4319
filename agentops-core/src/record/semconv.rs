//! Attribute keys that this crate writes, each defined once.
//!
//! There are three sources: AgentOps (`agentops.*`, `operation.*`, `agent.*`, `tool.*`), the OpenTelemetry semantic
//! conventions for generative AI 1.41 (`gen_ai.*`; copied, since the constants of the official crate are all
//! deprecated) and `OpenInference` (`input.*`, `output.*`, `openinference.*`).

macro_rules! keys {
    ($($(#[$attribute:meta])* pub(crate) const $name:ident: &str = $key:literal;)*) => {
        $($(#[$attribute])* pub(crate) const $name: &str = $key;)*

        /// Returns `true` if this crate writes exactly this key, so that the key holds no text of the program's.
        pub(crate) fn is_known(key: &str) -> bool {
            #[expect(unreachable_patterns, reason = "two readers may know a thing by the same name")]
            let is_known = matches!(key, $($key)|*);
            is_known
        }
    };
}

keys! {
// Recorded on spans: the neutral form, in the order of recording.
pub(crate) const SPAN_KIND: &str = "agentops.span.kind";
pub(crate) const OPERATION_NAME: &str = "operation.name";
pub(crate) const OPERATION_VERSION: &str = "operation.version";
pub(crate) const TAGS: &str = "agentops.tags";
pub(crate) const DESCRIPTION: &str = "agentops.description";
pub(crate) const GUARDRAIL_SPEC: &str = "agentops.guardrail.spec";
/// `off` if values that are named like credentials are recorded, as the function's options demand.
pub(crate) const REDACT: &str = "agentops.redact";
pub(crate) const AGENT_ID: &str = "agent.id";
pub(crate) const AGENT_ROLE: &str = "agent.role";
pub(crate) const COST_USD: &str = "agentops.usage.cost_usd";
/// Cost of the input and of the output, where the price table distinguishes them.
pub(crate) const INPUT_COST_USD: &str = "agentops.usage.input_cost_usd";
pub(crate) const OUTPUT_COST_USD: &str = "agentops.usage.output_cost_usd";
pub(crate) const INPUT: &str = "agentops.entity.input";
pub(crate) const OUTPUT: &str = "agentops.entity.output";
pub(crate) const STREAM_ITEMS: &str = "agentops.stream.items";
pub(crate) const TIME_TO_FIRST_ITEM: &str = "agentops.stream.time_to_first_item";
// Recorded for a request to a server.
#[cfg(feature = "tower")]
pub(crate) const HTTP_METHOD: &str = "http.request.method";
#[cfg(feature = "tower")]
pub(crate) const HTTP_ROUTE: &str = "http.route";
#[cfg(feature = "tower")]
pub(crate) const HTTP_STATUS: &str = "http.response.status_code";
#[cfg(feature = "tower")]
pub(crate) const URL_PATH: &str = "url.path";
/// Kind of the work that was left to a stream, a future or an iterator outside of the span.
pub(crate) const DEFERRED: &str = "agentops.deferred";
pub(crate) const CANCELLED: &str = "agentops.cancelled";
/// Set on a span that ended after its session.
pub(crate) const LATE: &str = "agentops.late";
/// Set on a span that was running when its process ended.
pub(crate) const UNFINISHED: &str = "agentops.unfinished";
pub(crate) const ERROR_TYPE: &str = "error.type";
/// Annotated function with its module, and its type and trait if it is a method.
pub(crate) const CODE_FUNCTION_NAME: &str = "code.function.name";

// Target of the callsite that an adopted span comes from.
pub(crate) const ADOPTED_FROM: &str = "agentops.adopted_from";

// Recorded on model calls, already under their OpenTelemetry names.
pub(crate) const REQUEST_MODEL: &str = "gen_ai.request.model";
pub(crate) const PROVIDER_NAME: &str = "gen_ai.provider.name";
pub(crate) const GEN_AI_OPERATION: &str = "gen_ai.operation.name";
pub(crate) const TIME_TO_FIRST_CHUNK: &str = "gen_ai.response.time_to_first_chunk";
pub(crate) const REQUEST_TEMPERATURE: &str = "gen_ai.request.temperature";
pub(crate) const REQUEST_TOP_P: &str = "gen_ai.request.top_p";
pub(crate) const REQUEST_MAX_TOKENS: &str = "gen_ai.request.max_tokens";
pub(crate) const REQUEST_FREQUENCY_PENALTY: &str = "gen_ai.request.frequency_penalty";
pub(crate) const REQUEST_PRESENCE_PENALTY: &str = "gen_ai.request.presence_penalty";
pub(crate) const REQUEST_SEED: &str = "gen_ai.request.seed";
pub(crate) const REQUEST_STOP_SEQUENCES: &str = "gen_ai.request.stop_sequences";
pub(crate) const REQUEST_TOP_K: &str = "gen_ai.request.top_k";
pub(crate) const REQUEST_CHOICES: &str = "gen_ai.request.choice.count";
pub(crate) const REQUEST_STREAM: &str = "gen_ai.request.stream";
pub(crate) const TOOL_DEFINITIONS: &str = "gen_ai.tool.definitions";
pub(crate) const SYSTEM_INSTRUCTIONS: &str = "gen_ai.system_instructions";
pub(crate) const INPUT_MESSAGES: &str = "gen_ai.input.messages";
pub(crate) const OUTPUT_MESSAGES: &str = "gen_ai.output.messages";
pub(crate) const RESPONSE_MODEL: &str = "gen_ai.response.model";
pub(crate) const RESPONSE_ID: &str = "gen_ai.response.id";
pub(crate) const FINISH_REASONS: &str = "gen_ai.response.finish_reasons";
pub(crate) const INPUT_TOKENS: &str = "gen_ai.usage.input_tokens";
pub(crate) const OUTPUT_TOKENS: &str = "gen_ai.usage.output_tokens";
pub(crate) const CACHE_READ_TOKENS: &str = "gen_ai.usage.cache_read.input_tokens";
pub(crate) const CACHE_CREATION_TOKENS: &str = "gen_ai.usage.cache_creation.input_tokens";
/// rig's name for the reasoning tokens.
pub(crate) const RIG_REASONING_TOKENS: &str = "gen_ai.usage.reasoning_tokens";
/// rig's count of the input tokens of tool calls.
pub(crate) const TOOL_USE_TOKENS: &str = "gen_ai.usage.tool_use_prompt_tokens";
pub(crate) const REASONING_TOKENS: &str = "gen_ai.usage.reasoning.output_tokens";

// Set on the root of a session when it starts.
pub(crate) const METADATA_PREFIX: &str = "agentops.metadata.";
pub(crate) const BUDGET_EXCEEDED_EVENT: &str = "agentops.session.budget_exceeded";
pub(crate) const BUDGET_LIMIT: &str = "agentops.session.budget.limit";
pub(crate) const BUDGET_TOKENS: &str = "agentops.session.budget.tokens";
pub(crate) const BUDGET_USD: &str = "agentops.session.budget.usd";
pub(crate) const BUDGET_SECONDS: &str = "agentops.session.budget.seconds";

// Set on the root of a session when it ends.
pub(crate) const SESSION_END_STATE: &str = "agentops.session.end_state";
/// Event at which the session's function returned, while work that it left behind was still running.
pub(crate) const RETURNED_EVENT: &str = "agentops.session.returned";
pub(crate) const SESSION_ERRORS: &str = "agentops.session.errors";
pub(crate) const SESSION_INPUT_TOKENS: &str = "agentops.session.tokens.input";
pub(crate) const SESSION_OUTPUT_TOKENS: &str = "agentops.session.tokens.output";
pub(crate) const SESSION_CACHED_TOKENS: &str = "agentops.session.tokens.cached";
pub(crate) const SESSION_CACHE_WRITE_TOKENS: &str = "agentops.session.tokens.cache_write";
pub(crate) const SESSION_REASONING_TOKENS: &str = "agentops.session.tokens.reasoning";
/// Usage of each model, as a JSON list.
pub(crate) const SESSION_MODELS: &str = "agentops.session.models";
pub(crate) const SESSION_COST: &str = "agentops.session.cost_usd";
pub(crate) const SESSION_CALLS_PREFIX: &str = "agentops.session.calls.";

// Stamped on every span of a session.
pub(crate) const SESSION_ID: &str = "session.id";
pub(crate) const USER_ID: &str = "user.id";
pub(crate) const TAG_TAGS: &str = "tag.tags";
pub(crate) const METADATA: &str = "metadata";
pub(crate) const CONVERSATION_ID: &str = "gen_ai.conversation.id";

// Added by the translator for OpenTelemetry.
pub(crate) const AGENT_NAME: &str = "gen_ai.agent.name";
pub(crate) const GEN_AI_AGENT_ID: &str = "gen_ai.agent.id";
pub(crate) const AGENT_DESCRIPTION: &str = "gen_ai.agent.description";
pub(crate) const AGENT_VERSION: &str = "gen_ai.agent.version";
pub(crate) const WORKFLOW_NAME: &str = "gen_ai.workflow.name";
pub(crate) const TOOL_NAME: &str = "gen_ai.tool.name";
pub(crate) const TOOL_CALL_ID: &str = "gen_ai.tool.call.id";
pub(crate) const TOOL_TYPE: &str = "gen_ai.tool.type";
pub(crate) const TOOL_DESCRIPTION: &str = "gen_ai.tool.description";
pub(crate) const TOOL_ARGUMENTS: &str = "gen_ai.tool.call.arguments";
pub(crate) const TOOL_RESULT: &str = "gen_ai.tool.call.result";

// Added by the translator for OpenInference. Keys that are written on demand are defined in its own file.
pub(crate) const OPENINFERENCE_KIND: &str = "openinference.span.kind";
pub(crate) const OPENINFERENCE_NODE: &str = "graph.node.id";
pub(crate) const OPENINFERENCE_TOOL_ID: &str = "tool.id";
pub(crate) const OPENINFERENCE_AGENT_NAME: &str = "agent.name";
pub(crate) const INPUT_VALUE: &str = "input.value";
pub(crate) const INPUT_MIME_TYPE: &str = "input.mime_type";
pub(crate) const OUTPUT_VALUE: &str = "output.value";
pub(crate) const OUTPUT_MIME_TYPE: &str = "output.mime_type";

// The only exception event of a failed span.
pub(crate) const EXCEPTION_EVENT: &str = "exception";
pub(crate) const EXCEPTION_TYPE: &str = "exception.type";
pub(crate) const EXCEPTION_MESSAGE: &str = "exception.message";
// Where a panic was raised, on its exception event.
pub(crate) const CODE_FILE_PATH: &str = "code.file.path";
pub(crate) const CODE_LINE_NUMBER: &str = "code.line.number";
pub(crate) const CODE_COLUMN_NUMBER: &str = "code.column.number";

// Added by the translator for AgentOps.
pub(crate) const AGENTOPS_TOOL_NAME: &str = "tool.name";
pub(crate) const AGENTOPS_TOOL_DESCRIPTION: &str = "tool.description";
pub(crate) const AGENTOPS_TOOL_PARAMETERS: &str = "tool.parameters";
pub(crate) const AGENTOPS_TOOL_RESULT: &str = "tool.result";
pub(crate) const AGENTOPS_TOOL_STATUS: &str = "tool.status";
pub(crate) const AGENTOPS_AGENT_DESCRIPTION: &str = "agent.description";
pub(crate) const AGENTOPS_SYSTEM: &str = "gen_ai.system";
pub(crate) const AGENTOPS_REQUEST_TYPE: &str = "gen_ai.request.type";
pub(crate) const AGENTOPS_FINISH_REASON: &str = "gen_ai.response.finish_reason";
pub(crate) const AGENTOPS_PROMPT_TOKENS: &str = "gen_ai.usage.prompt_tokens";
pub(crate) const AGENTOPS_COMPLETION_TOKENS: &str = "gen_ai.usage.completion_tokens";
pub(crate) const AGENTOPS_TOTAL_TOKENS: &str = "gen_ai.usage.total_tokens";
pub(crate) const AGENTOPS_CACHE_READ_TOKENS: &str = "gen_ai.usage.cache_read_input_tokens";
pub(crate) const AGENTOPS_CACHE_CREATION_TOKENS: &str = "gen_ai.usage.cache_creation_input_tokens";
pub(crate) const AGENTOPS_REASONING_TOKENS: &str = "gen_ai.usage.reasoning_tokens";
pub(crate) const AGENTOPS_REQUEST_STREAMING: &str = "gen_ai.request.streaming";
pub(crate) const AGENTOPS_TIME_TO_FIRST_TOKEN: &str = "gen_ai.streaming.time_to_first_token";
pub(crate) const AGENTOPS_TIME_TO_GENERATE: &str = "gen_ai.streaming.time_to_generate";
pub(crate) const AGENTOPS_CHUNK_COUNT: &str = "gen_ai.streaming.chunk_count";
pub(crate) const AGENTOPS_STREAMING_DURATION: &str = "gen_ai.streaming_duration";
pub(crate) const AGENTOPS_TOTAL_COST: &str = "gen_ai.usage.total_cost";
pub(crate) const AGENTOPS_PROMPT_COST: &str = "gen_ai.usage.prompt_cost";
pub(crate) const AGENTOPS_COMPLETION_COST: &str = "gen_ai.usage.completion_cost";
/// Version that AgentOps' pages show, on the root.
pub(crate) const AGENTOPS_VERSION: &str = "instrumentation.version";

// Dimensions of metrics, besides the attributes of spans.
#[cfg(feature = "metrics")]
pub(crate) const TOKEN_TYPE: &str = "gen_ai.token.type";
#[cfg(feature = "metrics")]
pub(crate) const SERVER_ADDRESS: &str = "server.address";
#[cfg(feature = "metrics")]
pub(crate) const SERVER_PORT: &str = "server.port";

// Attributes of the process.
pub(crate) const SERVICE_NAME: &str = "service.name";
}

/// Returns `true` for a key that the recorder itself sets: the keys of AgentOps and of the conventions for models,
/// except for metadata, whose names the program chooses, and for lists that are spread over numbered keys.
pub(crate) fn is_own(key: &str) -> bool {
    let alone = [
        ERROR_TYPE,
        OPERATION_NAME,
        OPERATION_VERSION,
        AGENT_ID,
        AGENT_ROLE,
        SESSION_ID,
        USER_ID,
        TAG_TAGS,
        METADATA,
        CODE_FUNCTION_NAME,
    ];
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let is_named = || !key.starts_with(METADATA_PREFIX) && !key.split('.').any(is_number);
    alone.contains(&key)
        || ["agentops.", "gen_ai."].iter().any(|prefix| key.starts_with(prefix)) && is_named()
}

/// Returns `true` for an event that the recorder itself adds.
pub(crate) fn is_own_event(name: &str) -> bool {
    [EXCEPTION_EVENT, BUDGET_EXCEEDED_EVENT, RETURNED_EVENT].contains(&name)
}
