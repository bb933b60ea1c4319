//! Agent runs that have no span of their own.
//!
//! If rig is called inside a span, as it is in a session, it opens no span for an agent's run: each turn names the
//! agent, and the tool calls are siblings of the turns. So the span of the run is built from them:
//!
//! ```text
//! emitted                      exported
//! session                      session
//! ├─ chat (of "weather")       └─ agent weather
//! ├─ execute_tool                 ├─ llm chat
//! └─ chat (of "weather")          ├─ tool
//!                                 └─ llm chat
//! ```

use std::mem;

use opentelemetry::{
    InstrumentationScope, KeyValue,
    trace::{SpanContext, SpanId, SpanKind as OtelKind, Status},
};
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator, SpanData, SpanEvents, SpanLinks};

use crate::{
    attribute::{find, find_last},
    record::{
        RecordedKind,
        semconv::{
            ADOPTED_FROM, AGENT_NAME, INPUT_MESSAGES, OPERATION_NAME, OUTPUT_MESSAGES, SPAN_KIND,
        },
    },
};

/// Agent runs below one span.
#[derive(Debug, Default)]
pub(crate) struct AgentRuns {
    runs: Vec<AgentRun>,
    /// Number of steps that have ended, used to order the turns.
    turns: u64,
}

#[derive(Debug)]
struct AgentRun {
    span: SpanData,
    /// Position of the last turn that ended, in that order.
    last_turn: u64,
    /// Set when a tool was called since the last turn, so that another turn is expected.
    awaits_turn: bool,
    /// Number of steps that have started and not ended.
    open_steps: usize,
}

/// Most runs that are kept until the span above them ends; beyond it, runs that seem to have ended are exported.
const MAX_RUNS: usize = 32;

/// Role of a framework's span in an agent run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RunStep {
    Turn,
    Tool,
}

/// Returns the role of a span in an agent run, if its framework opens no span for the run.
pub(crate) fn run_step_of(kind: RecordedKind, span: &SpanData) -> Option<RunStep> {
    let from = find(&span.attributes, ADOPTED_FROM)?;
    if !from.as_str().starts_with("rig") {
        return None;
    }
    match kind {
        RecordedKind::Llm => find(&span.attributes, AGENT_NAME).map(|_| RunStep::Turn),
        RecordedKind::Tool => Some(RunStep::Tool),
        _ => None,
    }
}

impl AgentRuns {
    /// Returns the id of the run that a turn belongs to, and the run's span if this turn starts the run.
    pub(crate) fn start_turn(
        &mut self,
        turn: &SpanData,
        parent: SpanId,
    ) -> (SpanId, Option<&SpanData>) {
        let name = find(&turn.attributes, AGENT_NAME).map(|name| name.as_str().into_owned());
        let name = name.unwrap_or_default();
        // Without streaming, a turn that follows another one has a link to it.
        let follows = !turn.links.is_empty();
        let known = self
            .runs
            .iter()
            .rposition(|run| run.span.name == name.as_str() && (follows || run.awaits_turn));
        if let Some(known) = known {
            let run = &mut self.runs[known];
            run.awaits_turn = false;
            run.open_steps += 1;
            return (run.span.span_context.span_id(), None);
        }
        let span = span_of_run(name, turn, parent);
        let id = span.span_context.span_id();
        let last_turn = self.turns;
        self.runs.push(AgentRun { span, last_turn, awaits_turn: false, open_steps: 1 });
        (id, self.runs.last().map(|run| &run.span))
    }

    /// Returns the run that a tool call belongs to: the one whose turn was the last to end.
    pub(crate) fn start_tool_call(&mut self) -> Option<SpanId> {
        let run = self.runs.iter_mut().max_by_key(|run| run.last_turn)?;
        run.awaits_turn = true;
        run.open_steps += 1;
        Some(run.span.span_context.span_id())
    }

    /// Updates the run of a step that has ended.
    pub(crate) fn end_step(&mut self, kind: RecordedKind, step: &SpanData) {
        self.turns += 1;
        let id = step.parent_span_id;
        let Some(run) = self.runs.iter_mut().find(|run| run.span.span_context.span_id() == id)
        else {
            return;
        };
        run.open_steps = run.open_steps.saturating_sub(1);
        run.span.end_time = run.span.end_time.max(step.end_time);
        if kind != RecordedKind::Llm {
            return;
        }
        run.last_turn = self.turns;
        // The status of the last turn is the status of the run.
        run.span.status = step.status.clone();
        let attributes = &mut run.span.attributes;
        if find(attributes, INPUT_MESSAGES).is_none() {
            attributes.extend(copy(step, INPUT_MESSAGES));
        }
        attributes.retain(|attribute| attribute.key.as_str() != OUTPUT_MESSAGES);
        attributes.extend(copy(step, OUTPUT_MESSAGES));
    }

    /// Removes and returns the runs that seem to have ended, if there are more than [`MAX_RUNS`].
    pub(crate) fn remove_ended(&mut self) -> Vec<SpanData> {
        if self.runs.len() <= MAX_RUNS {
            return Vec::new();
        }
        let has_ended = |run: &AgentRun| run.open_steps == 0 && !run.awaits_turn;
        let (ended, going) = mem::take(&mut self.runs).into_iter().partition(has_ended);
        self.runs = going;
        Self { runs: ended, turns: 0 }.into_spans().collect()
    }

    pub(crate) fn into_spans(self) -> impl Iterator<Item = SpanData> {
        self.runs.into_iter().map(|run| run.span)
    }
}

fn copy(span: &SpanData, key: &'static str) -> Option<KeyValue> {
    find_last(&span.attributes, key).map(|value| KeyValue::new(key, value.clone()))
}

fn span_of_run(name: String, turn: &SpanData, parent: SpanId) -> SpanData {
    let context = &turn.span_context;
    let from = find(&turn.attributes, ADOPTED_FROM).cloned();
    let attributes = [
        from.map(|from| KeyValue::new(ADOPTED_FROM, from)),
        Some(KeyValue::new(SPAN_KIND, RecordedKind::Agent.as_str())),
        Some(KeyValue::new(OPERATION_NAME, name.clone())),
    ];
    SpanData {
        span_context: SpanContext::new(
            context.trace_id(),
            RandomIdGenerator::default().new_span_id(),
            context.trace_flags(),
            false,
            context.trace_state().clone(),
        ),
        parent_span_id: parent,
        parent_span_is_remote: false,
        span_kind: OtelKind::Internal,
        name: name.into(),
        start_time: turn.start_time,
        end_time: turn.start_time,
        attributes: attributes.into_iter().flatten().collect(),
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: Status::Unset,
        instrumentation_scope: InstrumentationScope::clone(&turn.instrumentation_scope),
    }
}
