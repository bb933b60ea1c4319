//! Layer that opens a session for each request of a router.

use std::{fmt, panic::Location, sync::Arc};

use http::request::Parts;

use crate::{config::TrustRemote, span::SessionBuilder};

/// The program's function that changes a session according to its request.
type Customize = Arc<dyn Fn(&Parts, SessionBuilder) -> SessionBuilder + Send + Sync>;

/// Opens a session for each request. The session stays open until the response body ends, so a streamed response
/// belongs to it up to the last byte, or until the client disconnects. It also waits for tasks that the handler
/// has spawned by [`agentops::spawn`](crate::spawn), within
/// [`session_drain_timeout`](crate::TracingConfigBuilder::session_drain_timeout).
///
/// - A request that carries its caller's session, as [`inject`](crate::inject) writes it and [`TrustRemote`]
///   allows, becomes a span of the kind `request` in that session instead. By default, any client that can reach
///   the server can pose as any user and session in this way. Unless all clients are the program's own services,
///   set [`trust_remote(TrustRemote::Never)`](Self::trust_remote).
/// - The session's name is the method and the route, such as `POST /chat/{room}`. The route is known with the
///   feature `axum`, if the layer is added by `Router::layer` or `route_layer`. Otherwise the name is the method
///   alone, since a path may contain anything. [`customize`](Self::customize) sets another name, a user, an id,
///   metadata or a budget.
/// - The attributes `http.request.method`, `http.route`, `url.path` and `http.response.status_code` are recorded,
///   following the [conventions](https://opentelemetry.io/docs/specs/semconv/http/http-spans/) of OpenTelemetry. A
///   status of 500 or more is a failure, with the status as its `error.type`; a status of 400 to 499 is the
///   client's error and no failure. An error of the body is a failure.
/// - A request that is aborted, or a body that is dropped before its end, cancels the session, which ends as
///   [`Indeterminate`](crate::EndState::Indeterminate). Responses to `HEAD`, and those of status 204 or 304, are
///   complete without their bodies.
/// - If the budget cancels ([`BudgetPolicy::Cancel`](crate::BudgetPolicy::Cancel)) and a limit is exceeded, a
///   handler that has not responded is dropped, and the response is `503 Service Unavailable` without a body. A
///   body that is being sent ends with [`BudgetExceeded`](crate::BudgetExceeded) as its error.
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
    /// Creates a layer that names sessions after the method and the route.
    #[must_use]
    #[track_caller]
    pub fn new() -> Self {
        Self { customize: None, trust: None, place: Location::caller() }
    }

    /// Sets a function that changes each session before it starts, given the head of its request. The function is
    /// not called for requests that continue their caller's session. If it panics, the session stays unchanged.
    #[must_use]
    pub fn customize(
        mut self,
        customize: impl Fn(&Parts, SessionBuilder) -> SessionBuilder + Send + Sync + 'static,
    ) -> Self {
        self.customize = Some(Arc::new(customize));
        self
    }

    /// Sets how much the headers of these requests are trusted. The default is the program's
    /// [`TracingConfigBuilder::trust_remote`](crate::TracingConfigBuilder::trust_remote). A public server should
    /// use [`TrustRemote::Never`], even if other servers in the same program do not.
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
