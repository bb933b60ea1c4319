//! Propagation of a session to other tasks and threads, which do not inherit the context.

use std::{fmt, sync::Arc};

use opentelemetry::Context;

#[cfg(feature = "tokio")]
use super::{Cancellation, abortable_task::AbortableTask};
use super::{
    Carried, InSession, SessionLease, SessionRef, attach_carried, context_to_carry, lease_in,
};
use crate::process::thread_context::{self, Attached, with_current};

/// A captured position in a session, for use in another thread, another runtime's pool or a callback. Cheap to
/// clone. It does not keep the session open.
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
    /// Captures the calling code's session and its current span.
    #[must_use]
    pub fn current() -> Self {
        Self { context: context_to_carry() }
    }

    pub(super) fn of(context: Context) -> Self {
        Self { context }
    }

    /// Attaches the context to the calling thread until the guard is dropped.
    pub fn attach(&self) -> SessionGuard {
        SessionGuard { _attached: attach_carried(&self.context) }
    }

    /// Runs code with the context attached.
    pub fn in_scope<R>(&self, code: impl FnOnce() -> R) -> R {
        let _attached = self.attach();
        code()
    }

    /// Wraps a future, stream or sink so that it is always polled in this context. The session stays open until
    /// the wrapped value completes or is dropped, within
    /// [`session_drain_timeout`](crate::TracingConfigBuilder::session_drain_timeout).
    ///
    /// If `tracing::Instrument` is in scope, its method of the same name takes precedence; write
    /// `(&context).instrument(future)` then.
    pub fn instrument<T>(&self, what: T) -> Carried<T> {
        Carried::new(what, self.context.clone())
    }

    /// Takes a lease that keeps the session open for code that will run in this context.
    fn lease(&self) -> Option<SessionLease> {
        lease_in(&self.context)
    }

    /// Returns the session, if the context belongs to one. The session may have ended since.
    #[must_use]
    pub fn session(&self) -> Option<SessionRef> {
        let in_session = self.context.get::<InSession>()?;
        SessionRef::new(Arc::clone(&in_session.session))
    }
}

impl fmt::Debug for SessionContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let session = self.session().map(|session| session.id());
        f.debug_struct("SessionContext").field("session", &session).finish()
    }
}

/// Guard that keeps a [`SessionContext`] attached to this thread.
#[derive(Debug)]
#[must_use = "the context is detached when the guard is dropped"]
pub struct SessionGuard {
    _attached: Attached,
}

/// Extension methods that propagate the session to futures, streams and sinks, or exclude them from tracing. They
/// can be combined with the extension traits of other crates, such as `futures::FutureExt`.
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
    /// Wraps the value so that it is always polled in the calling code's session and span. The session stays open
    /// until the value completes or is dropped, within
    /// [`session_drain_timeout`](crate::TracingConfigBuilder::session_drain_timeout). So a stream inside a
    /// returned value keeps its function's session open.
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

    /// Short name of [`in_current_session`](Self::in_current_session).
    fn in_session(self) -> Carried<Self> {
        self.in_current_session()
    }

    /// Wraps the value so that nothing in it is recorded or counted as an orphan.
    fn suppressed(self) -> Carried<Self> {
        Carried::new(self, with_current(Context::with_telemetry_suppressed))
    }
}

impl<T: Sized> SessionExt for T {}

/// Runs code without recording anything in it. Calls in it are not counted as orphans.
///
/// ```
/// # #[agentops::tool] fn ping() -> u8 { 1 }
/// let answer = agentops::suppress(|| ping());
/// # assert_eq!(answer, 1);
/// ```
pub fn suppress<R>(code: impl FnOnce() -> R) -> R {
    let _suppressed = thread_context::suppress();
    code()
}

/// Threads that inherit the session.
pub mod thread {
    use std::thread::JoinHandle;

    use crate::session::session_context::SessionContext;

    /// Spawns a thread like [`std::thread::spawn`] and propagates the session to it. The session stays open until
    /// `code` returns.
    ///
    /// # Panics
    /// Panics if the operating system fails to create a thread.
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

/// Spawns a task like [`tokio::spawn`] and propagates the session to it. The session stays open until the task
/// ends.
///
/// In a session whose budget cancels ([`BudgetPolicy::Cancel`](crate::BudgetPolicy::Cancel)), the task is aborted
/// at its next `.await` once a limit is exceeded.
///
/// # Panics
/// Panics if called outside of a tokio runtime.
#[cfg(feature = "tokio")]
pub fn spawn<F>(future: F) -> tokio::task::JoinHandle<F::Output>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    let carried = future.in_current_session();
    let session = carried.session().cloned();
    match session.as_ref().and_then(Cancellation::of) {
        None => tokio::spawn(carried),
        Some(cancellation) => AbortableTask::spawn(carried, cancellation),
    }
}

/// Runs blocking code like [`tokio::task::spawn_blocking`] and propagates the session to it. The session stays
/// open until `code` returns.
///
/// # Panics
/// Panics if called outside of a tokio runtime.
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
