//! Runs of agents that only their turns tell of.
//!
//! Where rig finds a span to belong to, as it does in a session, it opens none for an agent's run: each turn
//! names the agent, and the calls of tools stand beside the turns. So a run is made of them:
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
    attribute::{find, find_last, kind_of},
    record::{
        SpanKind,
        semconv::{
            ADOPTED_FROM, AGENT_NAME, INPUT_MESSAGES, OPERATION_NAME, OUTPUT_MESSAGES, SPAN_KIND,
        },
    },
};

/// The runs of agents below one span.
#[derive(Debug, Default)]
pub(crate) struct Runs {
    runs: Vec<Run>,
    /// How many turns have ended: their order.
    turns: u64,
}

#[derive(Debug)]
struct Run {
    span: SpanData,
    /// When its last turn ended, in the order of turns.
    last_turn: u64,
    /// A tool was called since its last turn, so that another turn is to come.
    awaits_turn: bool,
    /// Its steps that have started and not ended.
    open_steps: usize,
}

/// As many runs wait for the span above them to end; beyond, those go that seem to have ended.
const MAX_RUNS: usize = 32;

/// What a framework's span is to the run of an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Turn,
    Tool,
}

/// What a span that starts is to a run, if its framework does not tell of the run itself.
pub(crate) fn step_of(span: &SpanData) -> Option<Step> {
    let from = find(&span.attributes, ADOPTED_FROM)?;
    if !from.as_str().starts_with("rig") {
        return None;
    }
    match kind_of(span)? {
        "llm" => find(&span.attributes, AGENT_NAME).map(|_| Step::Turn),
        "tool" => Some(Step::Tool),
        _ => None,
    }
}

impl Runs {
    /// The run that a turn belongs to, and whether it begins with it.
    pub(crate) fn turn(&mut self, turn: &SpanData, parent: SpanId) -> (SpanId, Option<&SpanData>) {
        let name = find(&turn.attributes, AGENT_NAME).map(|name| name.as_str().into_owned());
        let name = name.unwrap_or_default();
        // A turn that follows from what was before says so, where nothing is streamed.
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
        self.runs.push(Run { span, last_turn, awaits_turn: false, open_steps: 1 });
        (id, self.runs.last().map(|run| &run.span))
    }

    /// The run that calls a tool: the one whose turn was the last to end.
    pub(crate) fn tool(&mut self) -> Option<SpanId> {
        let run = self.runs.iter_mut().max_by_key(|run| run.last_turn)?;
        run.awaits_turn = true;
        run.open_steps += 1;
        Some(run.span.span_context.span_id())
    }

    /// Learns from a step that has ended.
    pub(crate) fn ended(&mut self, step: &SpanData) {
        self.turns += 1;
        let id = step.parent_span_id;
        let Some(run) = self.runs.iter_mut().find(|run| run.span.span_context.span_id() == id)
        else {
            return;
        };
        run.open_steps = run.open_steps.saturating_sub(1);
        run.span.end_time = run.span.end_time.max(step.end_time);
        if kind_of(step) != Some(SpanKind::Llm.as_str()) {
            return;
        }
        run.last_turn = self.turns;
        // What the last turn came to, the run came to.
        run.span.status = step.status.clone();
        let attributes = &mut run.span.attributes;
        if find(attributes, INPUT_MESSAGES).is_none() {
            attributes.extend(copy(step, INPUT_MESSAGES));
        }
        attributes.retain(|attribute| attribute.key.as_str() != OUTPUT_MESSAGES);
        attributes.extend(copy(step, OUTPUT_MESSAGES));
    }

    /// The runs that have ended for all that is known, where there are many.
    pub(crate) fn take_ended(&mut self) -> Vec<SpanData> {
        if self.runs.len() <= MAX_RUNS {
            return Vec::new();
        }
        let has_ended = |run: &Run| run.open_steps == 0 && !run.awaits_turn;
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
        Some(KeyValue::new(SPAN_KIND, SpanKind::Agent.as_str())),
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
