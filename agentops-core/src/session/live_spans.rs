//! Live spans, listed only on demand.
//!
//! Some code knows no more of a live span than its id, and needs its session, its kind or the parent that it is
//! exported with: a framework's span looks up the span around it, `current().add_tag(…)` adds to a span that is
//! recorded elsewhere, and a provider of the program's own hands over an ended span as bare data. They find it in
//! [`LiveSpans`], a table in 16 shards, each a map behind a lock.
//!
//! Most spans are never looked up. To list a span takes a lock and an insertion at its start, and a lock and a removal
//! at its end: 250 instructions a span by `benches/run`. So a span of ours has its session, its birth and its lease in
//! a record of its own (`bridge/live_record.rs`), and enters the table only when it must:
//!
//! ```text
//! start ─┬─ by a provider of the program's own ───────────────────────▶ listed
//!        ├─ of a framework, or in a session that has adopted a span ──▶ listed
//!        └─ of ours otherwise ─▶ LiveRecord ─ first `is_recording()` ─▶ listed
//! end   ─┬─ listed ────▶ taken from the table, with its amendments ─▶ SpanRecorder
//!        └─ otherwise ─▶ SpanRecorder at once
//! ```
//!
//! `is_recording` is the demand: it reaches our span through any `Context`, changes no data of it, and is not called
//! where nothing is looked up. So each look-up by id is preceded by `is_recording()` on the span, with a comment that
//! says so. To miss a span that was not asked is right: it can have no amendments yet, and where all spans are ours,
//! each is its own exported ancestor.
//!
//! [`Amendments`] collect data about a listed span that it does not record itself, until it ends. Two kinds of ended
//! spans stay in the table: an own span below an adopted one of its kind ([`LiveSpans::hold_for_adopted`]), and an own
//! span around framework spans of the same call ([`LiveSpans::hold`]). The end of the session releases both
//! ([`LiveSpans::release_held`]).

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
    mem,
    sync::{Arc, MutexGuard},
};

use opentelemetry::{
    Context, KeyValue,
    trace::{SpanId, SpanRef},
};
use opentelemetry_sdk::trace::SpanData;

use super::{Amendments, PendingMerge, SessionLease, SessionState};
use crate::{process::Lock, record::RecordedKind};

/// Span that has started and not ended.
#[derive(Debug)]
pub(crate) struct LiveSpan {
    pub(crate) session: Arc<SessionState>,
    /// Parent in the exported trace; foreign spans in between are skipped.
    pub(crate) parent: SpanId,
    /// Parent that its children are exported with: itself, or its own parent if it is not exported.
    pub(crate) exported_ancestor: SpanId,
    pub(crate) birth: Birth,
    /// Span that keeps the agent run of which this span is a step.
    pub(crate) agent_run_host: Option<SpanId>,
    pub(crate) amendments: Option<Box<Amendments>>,
    /// Lease that keeps the session open, if nothing else of this span does.
    pub(crate) lease: Option<SessionLease>,
    /// Context with the span, through which shutdown can end it. Kept only if the span has children.
    pub(crate) context: Option<Context>,
}

/// Kind and source of a span, known from its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Birth {
    pub(crate) kind: RecordedKind,
    pub(crate) source: SpanSource,
}

impl Birth {
    /// Returns a lease of the session, if the span is a call in it. A foreign span that is not exported takes
    /// none: it may live as long as a connection.
    #[inline(always)]
    pub(crate) fn lease(self, session: &Arc<SessionState>) -> Option<SessionLease> {
        let is_call = self.source != SpanSource::NotExported;
        (is_call && self.kind != RecordedKind::Session).then(|| SessionLease::of(session))
    }
}

/// Source of a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SpanSource {
    /// A span of an annotated function or a handle.
    Own,
    /// A framework's span that is exported as a call of its own.
    Adopted,
    /// A framework's span for the same call as its parent; its attributes are merged into the parent.
    Folded,
    /// A foreign span that is not exported; needed only to find its parent.
    NotExported,
}

/// Ended span that was held back for other spans of the same call, with the attributes that those recorded.
#[derive(Debug)]
pub(crate) struct HeldSpan {
    pub(crate) span: Box<SpanData>,
    pub(crate) session: Arc<SessionState>,
    pub(crate) kind: RecordedKind,
    pub(crate) by_framework: Vec<KeyValue>,
}

impl LiveSpan {
    /// Returns the ended span, if it has ended.
    fn into_ended(self) -> Option<HeldSpan> {
        let Self { session, birth, amendments, .. } = self;
        let Amendments { ended, by_framework, .. } = *amendments?;
        Some(HeldSpan { span: ended?, session, kind: birth.kind, by_framework })
    }

    fn has_ended(&self) -> bool {
        self.amendments.as_ref().is_some_and(|amendments| amendments.ended.is_some())
    }
}

/// Table of the spans that have started and not ended, sharded to keep lock contention low.
#[derive(Debug, Default)]
pub(crate) struct LiveSpans {
    shards: [Lock<Shard>; 16],
}

type Shard = HashMap<SpanId, LiveSpan, BuildHasherDefault<RandomId>>;

impl LiveSpans {
    pub(crate) fn insert(&self, id: SpanId, span: LiveSpan) {
        self.shard(id).insert(id, span);
    }

    pub(crate) fn remove(&self, id: SpanId) -> Option<LiveSpan> {
        self.shard(id).remove(&id)
    }

    /// Returns the span's own id if it is exported, otherwise that of its nearest exported ancestor; `None` if it
    /// is not alive.
    pub(crate) fn exported_ancestor(&self, id: SpanId) -> Option<SpanId> {
        self.shard(id).get(&id).map(|span| span.exported_ancestor)
    }

    /// Updates the amendments of a live span and returns the result of `note`; `None` if it is not alive.
    pub(crate) fn amend<T>(
        &self,
        id: SpanId,
        note: impl FnOnce(&mut Amendments) -> T,
    ) -> Option<T> {
        let mut shard = self.shard(id);
        let span = shard.get_mut(&id)?;
        Some(note(span.amendments.get_or_insert_default()))
    }

    /// Keeps the context of a live span until it ends. Returns `true` the first time.
    pub(crate) fn keep_context(&self, id: SpanId, context: &Context) -> bool {
        let mut shard = self.shard(id);
        let span = shard.get_mut(&id).filter(|span| span.context.is_none());
        span.map(|span| span.context = Some(context.clone())).is_some()
    }

    /// Removes and returns the kept contexts.
    pub(crate) fn remove_contexts(&self) -> Vec<Context> {
        let shards = self.shards.iter();
        let contexts = shards.flat_map(|shard| {
            let mut shard = shard.lock();
            shard.values_mut().filter_map(|span| span.context.take()).collect::<Vec<_>>()
        });
        contexts.collect()
    }

    /// Returns `true` if the span's function records values with names like credentials.
    pub(crate) fn keeps_credentials(&self, id: SpanId) -> bool {
        let shard = self.shard(id);
        let amendments = shard.get(&id).and_then(|span| span.amendments.as_ref());
        amendments.is_some_and(|amendments| amendments.keeps_credentials)
    }

    pub(crate) fn birth(&self, id: SpanId) -> Option<Birth> {
        self.shard(id).get(&id).map(|span| span.birth)
    }

    /// Holds an ended span back for the adopted span above it, if that has the same kind. Returns the spans that
    /// do not wait: the given one, unless it is held back, and one that was held back before.
    pub(crate) fn hold_for_adopted(
        &self,
        outer: SpanId,
        kind: RecordedKind,
        span: Box<SpanData>,
    ) -> [Option<Box<SpanData>>; 2] {
        let mut shard = self.shard(outer);
        let adopted = Birth { kind, source: SpanSource::Adopted };
        let Some(live) = shard.get_mut(&outer).filter(|live| live.birth == adopted) else {
            return [Some(span), None];
        };
        let inner = &mut live.amendments.get_or_insert_default().inner;
        match mem::replace(inner, PendingMerge::Several) {
            PendingMerge::None => {
                *inner = PendingMerge::One(span);
                [None, None]
            }
            PendingMerge::One(first) => [Some(first), Some(span)],
            PendingMerge::Several => [Some(span), None],
        }
    }

    /// Keeps an ended span until the other spans of the same call have ended.
    pub(crate) fn hold(&self, held: HeldSpan, open_folded: usize) {
        let HeldSpan { span, session, kind, by_framework } = held;
        let (id, parent) = (span.span_context.span_id(), span.parent_span_id);
        let amendments =
            Amendments { by_framework, open_folded, ended: Some(span), ..Amendments::default() };
        let live = LiveSpan {
            session,
            parent,
            exported_ancestor: id,
            birth: Birth { kind, source: SpanSource::Own },
            agent_run_host: None,
            amendments: Some(Box::new(amendments)),
            lease: None,
            context: None,
        };
        self.insert(id, live);
    }

    /// Notes that another span of the same call has ended. Returns the span if it has ended too and this was the
    /// last one that it waited for.
    pub(crate) fn end_folded(&self, id: SpanId) -> Option<HeldSpan> {
        let mut shard = self.shard(id);
        let amendments = shard.get_mut(&id)?.amendments.as_mut()?;
        amendments.open_folded = amendments.open_folded.saturating_sub(1);
        let is_last = amendments.open_folded == 0 && amendments.ended.is_some();
        is_last.then(|| shard.remove(&id)).flatten()?.into_ended()
    }

    /// Removes and returns the spans of a session that still wait for a framework's spans. They do not wait any
    /// longer.
    pub(crate) fn release_held(&self, session: &Arc<SessionState>) -> Vec<HeldSpan> {
        let mut released = Vec::new();
        for shard in &self.shards {
            let mut shard = shard.lock();
            let is_of_session = |live: &LiveSpan| Arc::ptr_eq(&live.session, session);
            for live in shard.values_mut().filter(|live| is_of_session(live)) {
                let Some(amendments) = &mut live.amendments else { continue };
                if let PendingMerge::One(span) =
                    mem::replace(&mut amendments.inner, PendingMerge::Several)
                {
                    let session = Arc::clone(session);
                    let (kind, by_framework) = (live.birth.kind, Vec::new());
                    released.push(HeldSpan { span, session, kind, by_framework });
                }
            }
            let held = shard.extract_if(|_, live| is_of_session(live) && live.has_ended());
            released.extend(held.filter_map(|(_, live)| live.into_ended()));
        }
        released
    }

    fn shard(&self, id: SpanId) -> MutexGuard<'_, Shard> {
        let shard = usize::from(id.to_bytes()[0]) % self.shards.len();
        self.shards[shard].lock()
    }
}

/// Lists the span of a context among the live ones, where it can be found by its id. Returns `false` if the span is not
/// recorded any longer.
// OpenTelemetry's `is_recording` is the only call that reaches a span of ours through its `SpanRef` and returns a value.
pub(crate) fn list_live(span: &SpanRef<'_>) -> bool {
    span.is_recording()
}

/// Identity hasher: span ids are random already, so hashing them again would only cost time under the lock.
#[derive(Debug, Default)]
struct RandomId(u64);

impl Hasher for RandomId {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| hash.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, id: u64) {
        self.0 ^= id;
    }

    fn write_usize(&mut self, _length: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}
