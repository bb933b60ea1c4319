//! Handle to a session.

use std::panic::Location;

use crate::{
    attribute::{FieldValue, field_value, non_empty},
    config::{Budget, BudgetExceeded},
    record::SpanKind,
    session::{Identity, SessionRef},
    span::{Bounded, HandleSite, SpanHandle},
};

/// Handle to a session, the root of its own trace. Clones refer to the same session.
///
/// A handle is returned even where no core records it; its methods are then no-ops. A session that is started inside
/// another one has a trace of its own, linked to the span that it was started in.
///
/// ```
/// use agentops::{EndState, Session, Tool};
///
/// let session = Session::builder("import").tags(["nightly"]).user_id("u-7").start();
/// let rows = session.in_scope(|| {
///     let tool = Tool::start("read rows");
///     tool.set_input("rows.csv").set_output(&3);
///     tool.end(EndState::Success);
///     3
/// });
/// session.set_output(&rows).end(EndState::Success);
/// ```
#[doc(alias = "SessionSpan")]
#[derive(Clone, Debug)]
#[must_use = "a session ends when its last handle is dropped"]
pub struct Session(pub(super) SpanHandle);

impl Session {
    /// Starts a session with this name.
    #[track_caller]
    pub fn start(name: impl Into<String>) -> Self {
        Self::builder(name).start()
    }

    /// Returns a builder for a session with this name.
    pub fn builder(name: impl Into<String>) -> SessionBuilder {
        SessionBuilder { name: name.into(), identity: Identity::default() }
    }

    /// Runs a future inside the session, within its budget. With
    /// [`BudgetPolicy::Cancel`](crate::BudgetPolicy::Cancel) the future is dropped at its next `.await` once a limit
    /// is exceeded.
    ///
    /// # Errors
    /// Returns an error if the future was dropped because a limit was exceeded; the error names the limit.
    pub async fn run<F: Future>(&self, future: F) -> Result<F::Output, BudgetExceeded> {
        self.instrument(Bounded::new(future)).await
    }

    /// Sets the session's user, for the root and every span that ends from now on; see [`SessionRef::set_user_id`].
    pub fn set_user_id(&self, id: impl FieldValue) -> &Self {
        self.tell(|session| _ = session.set_user_id(id))
    }

    /// Sets metadata of the session, replacing an earlier value of the same key; see [`SessionRef::set_metadata`].
    pub fn set_metadata(&self, key: impl Into<String>, value: impl FieldValue) -> &Self {
        self.tell(|session| _ = session.set_metadata(key, value))
    }

    /// Adds a tag to the root and to every span that ends from now on, unless it is there already.
    pub fn add_tag(&self, tag: impl Into<String>) -> &Self {
        self.tell(|session| _ = session.add_tag(tag))
    }

    /// Adds a cost in US dollars that belongs to no span; see [`SessionRef::add_cost`].
    pub fn add_cost(&self, usd: f64) -> &Self {
        self.tell(|session| _ = session.add_cost(usd))
    }

    fn tell(&self, what: impl FnOnce(&SessionRef)) -> &Self {
        if let Some(session) = self.session() {
            what(&session);
        }
        self
    }
}

/// Builder for a [`Session`], from [`Session::builder`].
#[derive(Debug)]
#[must_use = "a builder does nothing until `start` is called"]
pub struct SessionBuilder {
    name: String,
    identity: Identity,
}

impl SessionBuilder {
    /// Replaces the name, for code that receives a builder, such as `agentops::tower::SessionLayer::customize`.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Adds tags.
    pub fn tags<T: Into<String>>(mut self, tags: impl IntoIterator<Item = T>) -> Self {
        self.identity.details.tags.extend(tags.into_iter().map(|tag| tag.into().into()));
        self
    }

    /// Sets the user for whom the session runs, `user.id`. An empty id removes it.
    pub fn user_id(mut self, id: impl FieldValue) -> Self {
        self.identity.details.user_id = field_value(&id).as_ref().and_then(non_empty);
        self
    }

    /// Sets an id of the program's own, in place of the trace id. An empty id removes it.
    pub fn session_id(mut self, id: impl FieldValue) -> Self {
        self.identity.session_id = field_value(&id).as_ref().and_then(non_empty);
        self
    }

    /// Adds metadata: `agentops.metadata.key` on the root span, and `metadata` on each span.
    pub fn metadata(mut self, key: impl Into<String>, value: impl FieldValue) -> Self {
        if let Some(value) = field_value(&value) {
            self.identity.details.metadata.push((key.into().into(), value));
        }
        self
    }

    /// Sets the budget of the session.
    pub fn budget(mut self, budget: Budget) -> Self {
        self.identity.budget = budget;
        self
    }

    /// Starts the session.
    #[track_caller]
    pub fn start(self) -> Session {
        Session(self.start_at(Location::caller()))
    }

    /// Starts the session with `location` as its location in the code.
    pub(crate) fn start_at(self, location: &'static Location<'static>) -> SpanHandle {
        let Self { name, identity } = self;
        let site = HandleSite { kind: SpanKind::Session, name, location };
        SpanHandle::start(site, |start| start.set_session_identity(identity))
    }
}
