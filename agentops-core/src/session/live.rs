//! The spans that are alive, each with its session.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use opentelemetry::{Context, KeyValue, StringValue, Value, trace::SpanId};
use opentelemetry_sdk::trace::SpanData;

use super::{Lease, SessionState, runs::Runs};
use crate::kind::slot;

/// A span that has started and not ended.
#[derive(Debug)]
pub(crate) struct LiveSpan {
    pub(crate) session: Arc<SessionState>,
    /// Its parent among the spans that we export: a foreign one in between is none of them.
    pub(crate) parent: SpanId,
    /// What is the parent of its children: itself, or its own parent where it is not exported.
    pub(crate) nearest: SpanId,
    pub(crate) birth: Birth,
    /// Where the run of an agent is kept that it is a step of.
    pub(crate) run_below: Option<SpanId>,
    pub(crate) told: Option<Box<Told>>,
    /// Keeps its session open, where nothing else of it does.
    pub(crate) lease: Option<Lease>,
    /// Where it can be ended from elsewhere, if it has children that need it.
    pub(crate) context: Option<Context>,
}

/// What is known of a span from its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Birth {
    /// The slot of its kind.
    pub(crate) slot: usize,
    pub(crate) origin: Origin,
}

impl Birth {
    /// A lease of its session, for a call in it. A span that only stands in between may live as long as a
    /// connection does, and keeps nothing open.
    #[inline(always)]
    pub(crate) fn lease(self, session: &Arc<SessionState>) -> Option<Lease> {
        let is_call = self.origin != Origin::Passing;
        (is_call && self.slot != slot::SESSION).then(|| Lease::of(session))
    }
}

/// Where a span comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// It is that of an annotated function or a handle.
    Own,
    /// A framework's, and a call like ours.
    Adopted,
    /// A framework's, and the same call as its parent: what it tells goes there.
    Folded,
    /// Somebody else's: it only stands in between.
    Passing,
}

/// So many tags are added to a span: as many as it has attributes.
const MOST_TAGS: usize = 128;

/// What became known of a span other than by its own recording.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// What the program said: it wins over what is recorded by itself.
    pub(crate) output: Option<Value>,
    /// What is named like a credential is recorded, since the function says so.
    pub(crate) keeps_credentials: bool,
    /// What the program said: it adds to the others.
    pub(crate) tags: Vec<StringValue>,
    /// Number of tags beyond those that are kept.
    pub(crate) tags_left_out: u32,
    /// What the program said that it costs, where it is neither a tool nor a model call: those are asked.
    pub(crate) cost: Option<f64>,
    /// What frameworks said of the same call: it stands where nothing else is known.
    pub(crate) by_framework: Vec<KeyValue>,
    /// An ended span below this adopted one that may be the same call.
    pub(crate) inner: Inner,
    /// The runs of agents below it that only their turns tell of.
    pub(crate) runs: Runs,
    /// The number of spans that are the same call and have not ended: a client's, which may live as long as its
    /// stream.
    pub(crate) open: usize,
    /// The span itself, once it has ended and waits for them.
    pub(crate) ended: Option<Box<SpanData>>,
}

impl Told {
    /// Adds a tag that is not there yet.
    pub(crate) fn add_tag(&mut self, tag: String) {
        if self.tags.iter().any(|earlier| earlier.as_str() == tag) {
            return;
        }
        if self.tags.len() < MOST_TAGS {
            self.tags.push(tag.into());
        } else {
            self.tags_left_out = self.tags_left_out.saturating_add(1);
        }
    }
}

/// An ended span that has waited for those that are the same call, with what they told.
#[derive(Debug)]
pub(crate) struct Waited {
    pub(crate) span: Box<SpanData>,
    pub(crate) session: Arc<SessionState>,
    /// The slot of its kind.
    pub(crate) slot: usize,
    pub(crate) by_framework: Vec<KeyValue>,
}

impl LiveSpan {
    /// Itself, if it has ended.
    fn into_waited(self) -> Option<Waited> {
        let Self { session, birth, told, .. } = self;
        let Told { ended, by_framework, .. } = *told?;
        Some(Waited { span: ended?, session, slot: birth.slot, by_framework })
    }

    fn has_ended(&self) -> bool {
        self.told.as_ref().is_some_and(|told| told.ended.is_some())
    }
}

/// The spans of ours that ended below an adopted one of the same kind.
#[derive(Debug, Default)]
pub(crate) enum Inner {
    #[default]
    None,
    /// It waits to be told whether it is the same call.
    One(Box<SpanData>),
    /// So none is the same call.
    Several,
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

    /// Notes what becomes known of a span, if it is alive.
    pub(crate) fn tell<T>(&self, id: SpanId, note: impl FnOnce(&mut Told) -> T) -> Option<T> {
        let mut shard = self.shard(id);
        let span = shard.get_mut(&id)?;
        Some(note(span.told.get_or_insert_default()))
    }

    /// Keeps the context with a span in it, until that ends. True the first time.
    pub(crate) fn keep_context(&self, id: SpanId, context: &Context) -> bool {
        let mut shard = self.shard(id);
        let span = shard.get_mut(&id).filter(|span| span.context.is_none());
        span.map(|span| span.context = Some(context.clone())).is_some()
    }

    /// The contexts that were kept.
    pub(crate) fn take_contexts(&self) -> Vec<Context> {
        let shards = self.shards.iter();
        let contexts = shards.flat_map(|shard| {
            let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            shard.values_mut().filter_map(|span| span.context.take()).collect::<Vec<_>>()
        });
        contexts.collect()
    }

    /// Whether the function of a span says that credentials are recorded.
    pub(crate) fn keeps_credentials(&self, id: SpanId) -> bool {
        let shard = self.shard(id);
        let told = shard.get(&id).and_then(|span| span.told.as_ref());
        told.is_some_and(|told| told.keeps_credentials)
    }

    pub(crate) fn birth(&self, id: SpanId) -> Option<Birth> {
        self.shard(id).get(&id).map(|span| span.birth)
    }

    /// Lets an ended span wait for the adopted one above it, if that is one of the same kind; gives back what
    /// need not wait, or not any longer.
    pub(crate) fn hold(
        &self,
        outer: SpanId,
        slot: usize,
        span: Box<SpanData>,
    ) -> [Option<Box<SpanData>>; 2] {
        let mut shard = self.shard(outer);
        let adopted = Birth { slot, origin: Origin::Adopted };
        let Some(live) = shard.get_mut(&outer).filter(|live| live.birth == adopted) else {
            return [Some(span), None];
        };
        let inner = &mut live.told.get_or_insert_default().inner;
        match mem::replace(inner, Inner::Several) {
            Inner::None => {
                *inner = Inner::One(span);
                [None, None]
            }
            Inner::One(first) => [Some(first), Some(span)],
            Inner::Several => [Some(span), None],
        }
    }

    /// Lets an ended span wait for the spans that are the same call.
    pub(crate) fn wait(&self, waited: Waited, open: usize) {
        let Waited { span, session, slot, by_framework } = waited;
        let (id, parent) = (span.span_context.span_id(), span.parent_span_id);
        let told = Told { by_framework, open, ended: Some(span), ..Told::default() };
        let live = LiveSpan {
            session,
            parent,
            nearest: id,
            birth: Birth { slot, origin: Origin::Own },
            run_below: None,
            told: Some(Box::new(told)),
            lease: None,
            context: None,
        };
        self.insert(id, live);
    }

    /// Notes that a span has ended that is the same call as this one, which is given back if it has waited
    /// for that alone.
    pub(crate) fn waited(&self, id: SpanId) -> Option<Waited> {
        let mut shard = self.shard(id);
        let told = shard.get_mut(&id)?.told.as_mut()?;
        told.open = told.open.saturating_sub(1);
        let is_last = told.open == 0 && told.ended.is_some();
        is_last.then(|| shard.remove(&id)).flatten()?.into_waited()
    }

    /// The spans of a session that wait for those of a framework, and then have to do without.
    pub(crate) fn release(&self, session: &Arc<SessionState>) -> Vec<Waited> {
        let mut released = Vec::new();
        for shard in &self.shards {
            let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            let is_of_session = |live: &LiveSpan| Arc::ptr_eq(&live.session, session);
            for live in shard.values_mut().filter(|live| is_of_session(live)) {
                let Some(told) = &mut live.told else { continue };
                if let Inner::One(span) = mem::replace(&mut told.inner, Inner::Several) {
                    let session = Arc::clone(session);
                    let (slot, by_framework) = (live.birth.slot, Vec::new());
                    released.push(Waited { span, session, slot, by_framework });
                }
            }
            let waiting = shard.extract_if(|_, live| is_of_session(live) && live.has_ended());
            released.extend(waiting.filter_map(|(_, live)| live.into_waited()));
        }
        released
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
