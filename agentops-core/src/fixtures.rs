//! Values that the unit tests of several modules share.

use std::{sync::Arc, time::Duration};

use opentelemetry::{
    InstrumentationScope, KeyValue, SpanId, TraceFlags, TraceId,
    trace::{SpanContext, SpanKind, Status, TraceState},
};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

use crate::{
    bridge::EndedSpan,
    config::{ExportedSpan, ForeignSpans, OrphanPolicy, Overflow, Sampling, TrustRemote},
    llm::Prices,
    process::Reporter,
    queue::QueueLimits,
    record::RecordedKind,
    session::{Identity, Rules, SessionRegistry, SessionState},
};

/// Returns a session that is recorded.
pub(crate) fn session() -> Arc<SessionState> {
    session_in(&registry())
}

/// Returns a session of a registry that is recorded.
pub(crate) fn session_in(registry: &SessionRegistry) -> Arc<SessionState> {
    Arc::new(SessionState::new(Arc::clone(registry.core()), Identity::default(), true))
}

/// Returns the registry of a core that records everything.
pub(crate) fn registry() -> Arc<SessionRegistry> {
    let rules = Rules {
        disabled: false,
        orphan_policy: OrphanPolicy::Drop,
        capture_content: true,
        redact_credentials: true,
        max_len: 100,
        sampling: Sampling::all(),
        default_tags: Vec::new(),
        replay_url: None,
        reporter: Reporter::LogOnly,
        trust_remote: TrustRemote::default(),
        foreign_spans: ForeignSpans::None,
        on_budget_exceeded: None,
        prices: Prices::default(),
        drain_timeout: Duration::ZERO,
    };
    SessionRegistry::new(rules)
}

/// Returns a span of the trace 1 with this parent and this text.
pub(crate) fn span(parent: u64, text: &str) -> SpanData {
    let now = opentelemetry::time::now();
    SpanData {
        span_context: SpanContext::new(
            TraceId::from(1),
            SpanId::from(2),
            TraceFlags::SAMPLED,
            false,
            TraceState::default(),
        ),
        parent_span_id: SpanId::from(parent),
        parent_span_is_remote: false,
        span_kind: SpanKind::Internal,
        name: "span".into(),
        start_time: now,
        end_time: now,
        attributes: vec![KeyValue::new("text", text.to_owned())],
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: Status::Unset,
        instrumentation_scope: InstrumentationScope::default(),
    }
}

/// Returns an ended span of a tool, in a session of its own.
pub(crate) fn ended(span: SpanData) -> EndedSpan {
    EndedSpan { kind: RecordedKind::Tool, span: Box::new(span), session: session() }
}

/// Returns spans as an exporter receives them. Without an attribute for their kind they are tools.
pub(crate) fn exported(spans: &mut [SpanData]) -> impl Iterator<Item = ExportedSpan<'_>> {
    spans.iter_mut().map(|span| {
        let kind = RecordedKind::among(&span.attributes).unwrap_or(RecordedKind::Tool);
        ExportedSpan { kind, span }
    })
}

/// Returns the limits of a queue of 100 spans, in batches of 10.
pub(crate) fn limits() -> QueueLimits {
    QueueLimits {
        spans: 100,
        bytes: 1 << 20,
        overflow: Overflow::Drop,
        batch: 10,
        wait: Duration::from_secs(60),
        flush_on_session_end: false,
        starts: None,
    }
}
