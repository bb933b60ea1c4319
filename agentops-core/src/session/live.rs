//! The spans that are alive, each with its session.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use opentelemetry::{StringValue, Value, trace::SpanId};

use super::SessionState;

/// A span that has started and not ended.
#[derive(Debug)]
pub(crate) struct LiveSpan {
    pub(crate) session: Arc<SessionState>,
    /// Its parent among the spans that we export: a foreign one in between is none of them.
    pub(crate) parent: SpanId,
    /// What is the parent of its children: itself, or its own parent where it is foreign.
    pub(crate) nearest: SpanId,
    pub(crate) told: Option<Box<Told>>,
}

/// What the program said of a span itself: it wins over, or adds to, what is recorded by itself.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) output: Option<Value>,
    pub(crate) tags: Vec<StringValue>,
}

/// The spans that have started and not ended, in shards so that threads rarely meet.
#[derive(Debug, Default)]
pub(crate) struct LiveSpans {
    shards: [Mutex<Shard>; 16],
}

type Shard = HashMap<SpanId, LiveSpan, BuildHasherDefault<RandomId>>;

impl LiveSpans {
    pub(crate) fn insert(&self, id: SpanId, span: LiveSpan) {
        self.shard(id).insert(id, span);
    }

    pub(crate) fn remove(&self, id: SpanId) -> Option<LiveSpan> {
        self.shard(id).remove(&id)
    }

    /// The span itself, or the parent that stands for it where it is foreign; none if it is not alive.
    pub(crate) fn nearest(&self, id: SpanId) -> Option<SpanId> {
        self.shard(id).get(&id).map(|span| span.nearest)
    }

    /// Notes what the program says of a span that is alive.
    pub(crate) fn tell(&self, id: SpanId, note: impl FnOnce(&mut Told)) {
        if let Some(span) = self.shard(id).get_mut(&id) {
            note(span.told.get_or_insert_default());
        }
    }

    fn shard(&self, id: SpanId) -> MutexGuard<'_, Shard> {
        let shard = usize::from(id.to_bytes()[0]) % self.shards.len();
        self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Span ids are random already: they are their own hash.
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
