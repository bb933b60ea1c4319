//! Tests of agents: assert which tools were called, in which order and with which arguments.
//!
//! ```
//! use agentops::{SpanKind, agent, session, testing::Capture, tool};
//!
//! #[tool]
//! fn search(query: &str) -> Vec<String> {
//!     vec![format!("all about {query}")]
//! }
//!
//! #[agent]
//! fn researcher(topic: &str) -> usize {
//!     search(topic).len()
//! }
//!
//! #[session]
//! fn run(topic: &str) -> usize {
//!     researcher(topic)
//! }
//!
//! let capture = Capture::start();
//! run("tea");
//! assert_eq!(
//!     capture.tree(),
//!     "session run\n  agent researcher\n    tool search\n"
//! );
//! let tools = capture.calls(SpanKind::Tool);
//! assert_eq!(tools[0].input(), serde_json::json!({"query": "tea"}));
//! capture.assert_no_orphans();
//! ```
//!
//! A [`Capture`] records the sessions that start in its context: on its thread, in the tasks of a current-thread
//! runtime on that thread, and wherever the context is propagated. Tests can run in parallel; each sees only its
//! own sessions. Nothing is exported, and no environment variable has an effect except `OTEL_SDK_DISABLED`.

mod call;
mod store;
mod tree;

use std::{fmt, marker::PhantomData, sync::Arc};

use opentelemetry::{
    Context,
    context::{FutureExt, WithContext},
};
use opentelemetry_sdk::trace::SpanData;

use self::store::Store;
pub use self::{call::Call, tree::tree_of};
use crate::{
    llm::Usage,
    process::thread_context::{Attached, attach, with_current},
    queue::DeliveryError,
    record::SpanKind,
    session::{TestSightings, TestWatch},
};

/// Records the sessions of one test.
#[must_use = "a capture sees what runs while it is there"]
pub struct Capture {
    context: Context,
    watched: Arc<TestSightings>,
    store: &'static Store,
    _attached: Attached,
    /// Makes the type `!Send`: a capture belongs to the thread that it was started on.
    _thread: PhantomData<*const ()>,
}

impl Capture {
    /// Starts a capture, which lasts until it is dropped.
    ///
    /// # Panics
    /// Panics if a global `tracing` subscriber is already set, or if tracing is disabled (`OTEL_SDK_DISABLED`).
    pub fn start() -> Self {
        let store = Store::global();
        let watched = Arc::<TestSightings>::default();
        let context = with_current(|context| context.with_value(TestWatch(Arc::clone(&watched))));
        let attached = attach(context.clone());
        Self { context, watched, store, _attached: attached, _thread: PhantomData }
    }

    /// Returns a handle that lets the capture record code on any thread.
    ///
    /// ```
    /// # use agentops::testing::Capture;
    /// # #[agentops::session] fn run() {}
    /// let capture = Capture::start();
    /// let watch = capture.watch();
    /// std::thread::spawn(move || watch.in_scope(run)).join().unwrap();
    /// assert_eq!(capture.tree(), "session run\n");
    /// ```
    #[must_use]
    pub fn watch(&self) -> Watcher {
        Watcher { context: self.context.clone() }
    }

    /// Wraps a future so that the capture records it, on whichever thread it is polled.
    pub fn instrument<F>(&self, future: F) -> WithContext<F> {
        self.watch().instrument(future)
    }

    /// Returns the ended spans of all recorded sessions, session by session, each in order of start.
    ///
    /// Their attributes are those that would have been exported.
    ///
    /// # Panics
    /// Panics if spans of this process were lost, such as by a full queue: some may be missing here. So do the
    /// methods that look at the spans.
    #[must_use]
    #[track_caller]
    pub fn spans(&self) -> Vec<SpanData> {
        self.delivered().unwrap_or_else(|error| panic!("the capture may be incomplete: {error}"))
    }

    fn delivered(&self) -> Result<Vec<SpanData>, DeliveryError> {
        let traces = self.watched.lock().traces.clone();
        self.store.spans_of(&traces)
    }

    /// Returns the ended spans as indented text: kind, name and error (or `cancelled`) of each, without ids and
    /// times. A session that started inside another is marked `session inner (in #1)`. A span whose session is
    /// still open is marked `(parent missing)`.
    #[must_use]
    #[track_caller]
    pub fn tree(&self) -> String {
        tree_of(&self.spans())
    }

    /// Returns the ended calls of a kind, in order of start. A custom kind is matched by its name.
    #[must_use]
    #[track_caller]
    pub fn calls(&self, kind: SpanKind) -> Vec<Call> {
        let mut calls: Vec<_> = self.spans().into_iter().map(Call::of).collect();
        calls.retain(|call| call.kind() == kind.as_str());
        calls.sort_by_key(Call::started);
        calls
    }

    /// Returns the tokens of all model calls; a count that no call has is unknown.
    ///
    /// ```
    /// # use agentops::{Usage, testing::Capture};
    /// # #[agentops::llm]
    /// # fn ask() { agentops::current().set_usage(Usage::new().input(3).output(4)); }
    /// # #[agentops::session] fn run() { ask(); ask(); }
    /// let capture = Capture::start();
    /// run();
    /// assert_eq!(capture.usage(), Usage::new().input(6).output(8));
    /// ```
    #[must_use]
    #[track_caller]
    pub fn usage(&self) -> Usage {
        let mut sum = Usage::new();
        self.calls(SpanKind::Llm).iter().for_each(|call| sum.add(call.usage()));
        sum
    }

    /// Asserts the names of the calls of a kind, in order of start.
    ///
    /// ```
    /// # use agentops::{SpanKind, testing::Capture};
    /// # #[agentops::tool] fn search() {}
    /// # #[agentops::tool] fn fetch() {}
    /// # #[agentops::session] fn run() { search(); fetch(); }
    /// let capture = Capture::start();
    /// run();
    /// capture.assert_calls(SpanKind::Tool, &["search", "fetch"]);
    /// ```
    ///
    /// # Panics
    /// Panics if the names differ; the message shows the tree.
    #[track_caller]
    pub fn assert_calls(&self, kind: SpanKind, names: &[&str]) {
        let calls = self.calls(kind);
        let called: Vec<_> = calls.iter().map(Call::name).collect();
        assert_eq!(called, names, "calls of kind `{}` in\n{}", kind.as_str(), self.tree());
    }

    /// Asserts the names and the messages of the failed spans of all kinds, in order of start.
    ///
    /// ```
    /// # use agentops::testing::Capture;
    /// # #[agentops::tool] fn search() -> Result<(), &'static str> { Err("no index") }
    /// # #[agentops::session] fn run() { search().ok(); }
    /// let capture = Capture::start();
    /// run();
    /// capture.assert_errors(&[("search", "no index")]);
    /// ```
    ///
    /// # Panics
    /// Panics if they differ; the message shows the tree.
    #[track_caller]
    pub fn assert_errors(&self, errors: &[(&str, &str)]) {
        let mut failed: Vec<_> = self.spans().into_iter().map(Call::of).collect();
        failed.retain(|call| call.error().is_some());
        failed.sort_by_key(Call::started);
        let names: Vec<_> = failed.iter().map(Call::name).collect();
        let messages = failed.iter().filter_map(Call::error);
        let found: Vec<_> = names.iter().map(String::as_str).zip(messages).collect();
        assert_eq!(found, errors, "failed spans in\n{}", self.tree());
    }

    /// Returns the calls that were refused because no session was open, each with a message that says how to fix
    /// it.
    #[must_use]
    pub fn orphans(&self) -> Vec<String> {
        self.watched.lock().orphans.clone()
    }

    /// Asserts that every call had a session.
    ///
    /// # Panics
    /// Panics if a call had none; the message names the calls and the remedy.
    #[track_caller]
    pub fn assert_no_orphans(&self) {
        let orphans = self.orphans();
        assert!(orphans.is_empty(), "calls outside of any session:\n{}", orphans.join("\n"));
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        self.store.forget(&self.watched.lock().traces);
    }
}

impl fmt::Debug for Capture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tree = self.delivered().map_or_else(|error| error.to_string(), |spans| tree_of(&spans));
        f.debug_struct("Capture").field("tree", &tree).finish_non_exhaustive()
    }
}

/// Handle that lets a [`Capture`] record code on other threads.
#[derive(Clone)]
pub struct Watcher {
    context: Context,
}

impl Watcher {
    /// Runs code so that the capture records it.
    pub fn in_scope<R>(&self, code: impl FnOnce() -> R) -> R {
        let _attached = attach(self.context.clone());
        code()
    }

    /// Wraps a future so that the capture records it.
    pub fn instrument<F>(&self, future: F) -> WithContext<F> {
        future.with_context(self.context.clone())
    }
}

impl fmt::Debug for Watcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watcher")
    }
}
