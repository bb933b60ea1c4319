//! A session that is carried to where the context of the program does not reach: other tasks, other threads.

use std::fmt;

use opentelemetry::Context;

#[cfg(feature = "tokio")]
use super::{Cancellation, abortable::Abortable};
use super::{Carried, InSession, SessionLease, SessionRef, attach, carried};
use crate::process::here::{self, Attached, with_current};

/// The place in a session where it was captured, to be carried anywhere: into another thread, a pool of
/// another runtime, a callback. Cheap to clone; it holds no session open.
///
/// ```
/// use agentops::{SessionContext, session, tool};
///
/// #[tool]
/// fn work(n: u32) -> u32 {
///     n + 1
/// }
///
/// #[session]
/// fn in_a_pool() -> u32 {
///     let context = SessionContext::current();
///     let job = move || context.in_scope(|| work(1));
///     std::thread::spawn(job).join().unwrap_or_default()
/// }
/// # assert_eq!(in_a_pool(), 2);
/// ```
#[doc(alias = "Span Context")]
#[derive(Clone)]
pub struct SessionContext {
    context: Context,
}

impl SessionContext {
    /// Where the calling code is: its session, and its span there.
    #[must_use]
    pub fn current() -> Self {
        Self { context: carried() }
    }

    pub(super) fn of(context: Context) -> Self {
        Self { context }
    }

    /// Makes it the place of the calling thread, until the guard is dropped.
    pub fn attach(&self) -> SessionGuard {
        SessionGuard { _attached: attach(&self.context) }
    }

    /// Runs code in this place.
    pub fn in_scope<R>(&self, code: impl FnOnce() -> R) -> R {
        let _attached = self.attach();
        code()
    }

    /// Polls a future, a stream or a sink in this place, wherever it is polled. The session stays open until
    /// that has ended or is dropped, within
    /// [`session_drain_timeout`](crate::TracingConfigBuilder::session_drain_timeout).
    ///
    /// Where `tracing::Instrument` is in scope, its method of the same name comes first: say
    /// `(&context).instrument(future)`.
    pub fn instrument<T>(&self, what: T) -> Carried<T> {
        Carried::new(what, self.context.clone())
    }

    /// Keeps the session open for what is to run in this place.
    fn lease(&self) -> Option<SessionLease> {
        SessionLease::in_context(&self.context)
    }

    /// The session, if this is a place in one; it may have ended since.
    #[must_use]
    pub fn session(&self) -> Option<SessionRef> {
        self.context.get::<InSession>().map(|place| place.session.look())
    }
}

impl fmt::Debug for SessionContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let session = self.session().map(|session| session.id());
        f.debug_struct("SessionContext").field("session", &session).finish()
    }
}

/// Keeps a [`SessionContext`] attached to this thread.
#[derive(Debug)]
#[must_use = "the context is detached when the guard is dropped"]
pub struct SessionGuard {
    _attached: Attached,
}

/// Takes futures, streams and sinks along into other tasks, or out of the trace. It goes with the extension
/// traits of other crates, such as `futures::FutureExt`.
///
/// ```
/// use agentops::SessionExt;
///
/// # async fn work() {}
/// # async fn health_check() {}
/// # fn spawn<F: Future + Send>(_: F) {}
/// spawn(work().in_current_session()); // in the session of the code that calls this
/// spawn(health_check().suppressed()); // in none, and that is no mistake
/// ```
pub trait SessionExt: Sized {
    /// Polls it where the calling code is now, wherever it is polled. The session stays open until it has
    /// ended or is dropped, within [`session_drain_timeout`](crate::TracingConfigBuilder::session_drain_timeout):
    /// so a stream inside of an answer keeps the session of its function.
    ///
    /// ```
    /// use std::pin::Pin;
    ///
    /// use agentops::{SessionExt, session};
    /// use futures_util::{Stream, stream};
    ///
    /// // As axum's `Sse` and `Body`, it hides its stream from `#[session]`.
    /// struct Reply(Pin<Box<dyn Stream<Item = String> + Send>>);
    ///
    /// #[session]
    /// async fn answer(question: &str) -> Reply {
    ///     let words: Vec<_> = question.split(' ').map(str::to_owned).collect();
    ///     Reply(Box::pin(stream::iter(words).in_current_session()))
    /// }
    /// # let _ = answer("who are you");
    /// ```
    fn in_current_session(self) -> Carried<Self> {
        SessionContext::current().instrument(self)
    }

    /// Does as [`in_current_session`](Self::in_current_session) does, by a shorter name.
    fn in_session(self) -> Carried<Self> {
        self.in_current_session()
    }

    /// Polls it where nothing is recorded and nothing counts as an orphan.
    fn suppressed(self) -> Carried<Self> {
        Carried::new(self, with_current(Context::with_telemetry_suppressed))
    }
}

impl<T: Sized> SessionExt for T {}

/// Runs code of which nothing is recorded: what it calls runs, and is no orphan.
///
/// ```
/// # #[agentops::tool] fn ping() -> u8 { 1 }
/// let answer = agentops::suppress(|| ping());
/// # assert_eq!(answer, 1);
/// ```
pub fn suppress<R>(code: impl FnOnce() -> R) -> R {
    let _suppressed = here::suppress();
    code()
}

/// Threads that stay in the session.
pub mod thread {
    use std::thread::JoinHandle;

    use crate::session::session_context::SessionContext;

    /// Does as [`std::thread::spawn`] does, and takes the session along, which stays open until the code has
    /// returned.
    ///
    /// # Panics
    /// If the operating system refuses a thread.
    pub fn spawn<F, T>(code: F) -> JoinHandle<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let context = SessionContext::current();
        let lease = context.lease();
        std::thread::spawn(move || {
            let _lease = lease;
            context.in_scope(code)
        })
    }
}

/// Does as [`tokio::spawn`] does, and takes the session along, which stays open until the task has ended.
///
/// In a session whose budget cancels ([`BudgetPolicy::Cancel`](crate::BudgetPolicy::Cancel)) the task is aborted
/// where it waits next once a limit is passed.
///
/// # Panics
/// If it is called outside of a tokio runtime.
#[cfg(feature = "tokio")]
pub fn spawn<F>(future: F) -> tokio::task::JoinHandle<F::Output>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    let carried = future.in_current_session();
    let session = carried.session().cloned();
    match session.as_ref().and_then(Cancellation::of) {
        None => tokio::spawn(carried),
        Some(cancellation) => Abortable::spawn(carried, cancellation),
    }
}

/// Does as [`tokio::task::spawn_blocking`] does, and takes the session along, which stays open until the code
/// has returned.
///
/// # Panics
/// If it is called outside of a tokio runtime.
#[cfg(feature = "tokio")]
pub fn spawn_blocking<F, R>(code: F) -> tokio::task::JoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    let context = SessionContext::current();
    let lease = context.lease();
    tokio::task::spawn_blocking(move || {
        let _lease = lease;
        context.in_scope(code)
    })
}
