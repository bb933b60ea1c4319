//! Tests of agents: did it call the right tools, in the right order, with the right arguments?
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
//! A [`Capture`] sees the sessions that start where it was started: on its thread, in the tasks of a
//! current-thread runtime there, and wherever the context is carried. Tests may run side by side, each sees
//! its own. Nothing leaves the process, and no variable of the environment matters but
//! `OTEL_SDK_DISABLED`.

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
    process::here::{Attached, attach, with_current},
    record::SpanKind,
    session::{Watch, Watched},
};

/// Gathers the sessions of one test.
#[must_use = "a capture sees what runs while it is there"]
pub struct Capture {
    context: Context,
    watched: Arc<Watched>,
    store: &'static Store,
    _attached: Attached,
    /// It belongs to the thread that it was started on.
    _thread: PhantomData<*const ()>,
}

impl Capture {
    /// Starts to watch, until it is dropped.
    ///
    /// # Panics
    /// If the program has set a global `tracing` subscriber of its own, or has switched tracing off.
    pub fn start() -> Self {
        let store = Store::global();
        let watched = Arc::<Watched>::default();
        let context = with_current(|context| context.with_value(Watch(Arc::clone(&watched))));
        let attached = attach(context.clone());
        Self { context, watched, store, _attached: attached, _thread: PhantomData }
    }

    /// Runs code so that it is seen, on whatever thread this is.
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

    /// Polls a future so that it is seen, on whatever thread it is polled.
    pub fn instrument<F>(&self, future: F) -> WithContext<F> {
        self.watch().instrument(future)
    }

    /// The ended spans of all sessions that were seen: session by session, each in the order of its starts.
    ///
    /// The attributes are those that would have gone out.
    #[must_use]
    pub fn spans(&self) -> Vec<SpanData> {
        let traces = self.watched.sights().traces.clone();
        self.store.spans_of(&traces)
    }

    /// The ended spans as indented text: kind, name and error of each, or `cancelled`, no ids and no times. A
    /// session that started inside another is marked with that: `session inner (in #1)`; a span whose session
    /// still runs with `(parent missing)`.
    #[must_use]
    pub fn tree(&self) -> String {
        tree_of(&self.spans())
    }

    /// The ended calls of a kind, in the order of their starts; all custom kinds have names of their own.
    #[must_use]
    pub fn calls(&self, kind: SpanKind) -> Vec<Call> {
        let mut calls: Vec<_> = self.spans().into_iter().map(Call::of).collect();
        calls.retain(|call| call.kind() == kind.as_str());
        calls.sort_by_key(Call::started);
        calls
    }

    /// The tokens of all model calls: those that went in, and those that came out.
    #[must_use]
    pub fn tokens(&self) -> (u64, u64) {
        let calls = self.calls(SpanKind::Llm);
        let sum = |tokens: fn(&Call) -> Option<u64>| calls.iter().filter_map(tokens).sum();
        (sum(Call::input_tokens), sum(Call::output_tokens))
    }

    /// Asserts the names of the calls of a kind, in the order of their starts.
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
    /// If they are others; the message shows the tree.
    #[track_caller]
    pub fn assert_calls(&self, kind: SpanKind, names: &[&str]) {
        let calls = self.calls(kind);
        let called: Vec<_> = calls.iter().map(Call::name).collect();
        assert_eq!(called, names, "calls of kind `{}` in\n{}", kind.as_str(), self.tree());
    }

    /// The calls that were refused because no session was open: what each should have done.
    #[must_use]
    pub fn orphans(&self) -> Vec<String> {
        self.watched.sights().orphans.clone()
    }

    /// Asserts that every call had a session.
    ///
    /// # Panics
    /// If one had none; the message says which, and the remedy.
    #[track_caller]
    pub fn assert_no_orphans(&self) {
        let orphans = self.orphans();
        assert!(orphans.is_empty(), "calls outside of any session:\n{}", orphans.join("\n"));
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        self.store.forget(&self.watched.sights().traces);
    }
}

impl fmt::Debug for Capture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Capture").field("tree", &self.tree()).finish_non_exhaustive()
    }
}

/// Lets a [`Capture`] see what runs elsewhere.
#[derive(Clone)]
pub struct Watcher {
    context: Context,
}

impl Watcher {
    /// Runs code so that it is seen.
    pub fn in_scope<R>(&self, code: impl FnOnce() -> R) -> R {
        let _attached = attach(self.context.clone());
        code()
    }

    /// Polls a future so that it is seen.
    pub fn instrument<F>(&self, future: F) -> WithContext<F> {
        future.with_context(self.context.clone())
    }
}

impl fmt::Debug for Watcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watcher")
    }
}
