//! A session that is carried to where the context of the program does not reach: other tasks, other threads.

use std::fmt;

use opentelemetry::Context;

use super::{Carried, InSession, SessionRef, attach, carried};
use crate::here::{self, Attached, with_current};

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

    /// Polls a future, a stream or a sink in this place, wherever it is polled.
    ///
    /// Where `tracing::Instrument` is in scope, its method of the same name comes first: say
    /// `(&context).instrument(future)`.
    pub fn instrument<T>(&self, what: T) -> Carried<T> {
        Carried::new(what, self.context.clone())
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
    /// Polls it where the calling code is now, wherever it is polled.
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

    use super::SessionContext;

    /// Does as [`std::thread::spawn`] does, and takes the session along.
    ///
    /// # Panics
    /// If the operating system refuses a thread.
    pub fn spawn<F, T>(code: F) -> JoinHandle<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let context = SessionContext::current();
        std::thread::spawn(move || context.in_scope(code))
    }
}

/// Does as [`tokio::spawn`] does, and takes the session along.
///
/// # Panics
/// If it is called outside of a tokio runtime.
#[cfg(feature = "tokio")]
pub fn spawn<F>(future: F) -> tokio::task::JoinHandle<F::Output>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    tokio::spawn(future.in_current_session())
}

/// Does as [`tokio::task::spawn_blocking`] does, and takes the session along.
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
    tokio::task::spawn_blocking(move || context.in_scope(code))
}
