//! The layer that a router is given.

use std::{fmt, panic::Location, sync::Arc};

use http::request::Parts;

use crate::{config::TrustRemote, span::SessionBuilder};

/// The program's function that changes a session by its request.
type Customize = Arc<dyn Fn(&Parts, SessionBuilder) -> SessionBuilder + Send + Sync>;

/// Opens a session for each request. It lasts to the end of the response's body, so a streamed answer belongs to
/// it to its last byte, or until the client hangs up; and as long as tasks run that the handler has left behind
/// by [`agentops::spawn`](crate::spawn), within
/// [`session_drain_timeout`](crate::TracingConfigBuilder::session_drain_timeout).
///
/// - A request that carries the session of its caller, as [`inject`](crate::inject) writes it and
///   [`TrustRemote`] allows, is a span of the kind `request` in that session instead. By default anybody who can
///   reach the server can pose as any user and session in this way: where that is not the program's own services alone,
///   say [`trust_remote(TrustRemote::Never)`](Self::trust_remote).
/// - The name is the method and the route, such as `POST /chat/{room}`. The route is known with the feature
///   `axum` and where the layer is added by `Router::layer` or `route_layer`; otherwise the name is the method
///   alone, since a path may hold anything. [`customize`](Self::customize) gives it another name, a user, an id,
///   metadata, a budget.
/// - `http.request.method`, `http.route`, `url.path` and `http.response.status_code` are recorded, by the
///   [conventions](https://opentelemetry.io/docs/specs/semconv/http/http-spans/) of OpenTelemetry. A status of
///   500 or more is a failure, with the status as its `error.type`; 400 to 499 are the client's own. An error of
///   the body is a failure.
/// - A request that is given up, or a body that is dropped before its end, ends the session as
///   [`Indeterminate`](crate::EndState::Indeterminate), cancelled. The answer to `HEAD`, and one of status 204 or
///   304, is whole without its body.
/// - Where the budget cancels ([`BudgetPolicy::Cancel`](crate::BudgetPolicy::Cancel)) and a limit is passed, a
///   handler that has not answered is dropped, and the answer is `503 Service Unavailable` without a body; a body
///   that is under way ends with the [`BudgetExceeded`](crate::BudgetExceeded) as its error.
///
/// ```
/// use agentops::tower::SessionLayer;
///
/// let layer = SessionLayer::new().customize(|request, session| {
///     let user = request.headers.get("x-user").and_then(|user| user.to_str().ok());
///     session.user_id(user)
/// });
/// # let _ = layer;
/// // axum: Router::new().route("/chat", post(chat)).layer(layer)
/// ```
#[derive(Clone)]
pub struct SessionLayer {
    customize: Option<Customize>,
    trust: Option<TrustRemote>,
    place: &'static Location<'static>,
}

impl SessionLayer {
    /// A layer that names sessions after the route.
    #[must_use]
    #[track_caller]
    pub fn new() -> Self {
        Self { customize: None, trust: None, place: Location::caller() }
    }

    /// Changes each session before it starts, by the head of its request. It is not asked where the request goes
    /// on in the session of its caller. A panic in it leaves the session as it was.
    #[must_use]
    pub fn customize(
        mut self,
        customize: impl Fn(&Parts, SessionBuilder) -> SessionBuilder + Send + Sync + 'static,
    ) -> Self {
        self.customize = Some(Arc::new(customize));
        self
    }

    /// Sets how much of the headers of these requests is trusted (default: what
    /// [`TracingConfigBuilder::trust_remote`](crate::TracingConfigBuilder::trust_remote) says). A server that is open
    /// to anybody wants [`TrustRemote::Never`], also where others of the same program do not.
    ///
    /// ```
    /// use agentops::{TrustRemote, tower::SessionLayer};
    ///
    /// let open_to_all = SessionLayer::new().trust_remote(TrustRemote::Never);
    /// # let _ = open_to_all;
    /// ```
    #[must_use]
    pub fn trust_remote(mut self, policy: TrustRemote) -> Self {
        self.trust = Some(policy);
        self
    }

    pub(super) fn trust(&self) -> Option<TrustRemote> {
        self.trust
    }

    pub(super) fn customized(&self, request: &Parts, session: SessionBuilder) -> SessionBuilder {
        match &self.customize {
            Some(customize) => customize(request, session),
            None => session,
        }
    }

    pub(super) fn place(&self) -> &'static Location<'static> {
        self.place
    }
}

impl Default for SessionLayer {
    #[track_caller]
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for SessionLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionLayer").field("place", &self.place).finish_non_exhaustive()
    }
}
