//! Service around a handler, and the future of its response.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::{Response, StatusCode};
use pin_project_lite::pin_project;
use tower_service::Service;

use super::{SessionBody, SessionLayer, request::Request};

/// A service that opens a session for each request. Created by [`SessionLayer`].
#[derive(Clone, Debug)]
pub struct SessionService<S> {
    inner: S,
    layer: SessionLayer,
}

impl<S> SessionService<S> {
    pub(super) fn new(inner: S, layer: SessionLayer) -> Self {
        Self { inner, layer }
    }
}

impl<S> tower_layer::Layer<S> for SessionLayer {
    type Service = SessionService<S>;

    fn layer(&self, inner: S) -> SessionService<S> {
        SessionService::new(inner, self.clone())
    }
}

impl<S, B, R> Service<http::Request<B>> for SessionService<S>
where
    S: Service<http::Request<B>, Response = Response<R>>,
    R: http_body::Body,
{
    type Response = Response<SessionBody<R>>;
    type Error = S::Error;
    type Future = SessionFuture<S::Future>;

    fn poll_ready(&mut self, task: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(task)
    }

    fn call(&mut self, request: http::Request<B>) -> SessionFuture<S::Future> {
        let (head, body) = request.into_parts();
        let recorded = Request::begin(&head, &self.layer);
        let http_request = http::Request::from_parts(head, body);
        let answer = recorded.in_scope(|| self.inner.call(http_request));
        SessionFuture { answer: Some(answer), request: Some(recorded) }
    }
}

pin_project! {
    /// The future of a response, polled inside its session.
    #[must_use = "futures do nothing unless polled"]
    #[derive(Debug)]
    pub struct SessionFuture<F> {
        #[pin]
        answer: Option<F>,
        request: Option<Request>,
    }

    impl<F> PinnedDrop for SessionFuture<F> {
        /// Cancels a request that is aborted. Values held by its handler are dropped inside the session.
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if let Some(request) = this.request.take() {
                request.in_scope(|| this.answer.set(None));
                request.cancel();
            }
        }
    }
}

impl<F, R, E> Future for SessionFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    R: http_body::Body,
{
    type Output = Result<Response<SessionBody<R>>, E>;

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let (Some(answer), Some(request)) = (this.answer.as_mut().as_pin_mut(), &*this.request)
        else {
            panic!("a future is not polled again after it is ready");
        };
        if let Some(exceeded) = request.poll_budget(task.waker()) {
            request.in_scope(|| this.answer.set(None));
            if let Some(mut request) = this.request.take() {
                request.answered(StatusCode::SERVICE_UNAVAILABLE);
                request.fail(Some(&exceeded));
            }
            return Poll::Ready(Ok(unavailable()));
        }
        let answer = ready!(request.poll(|| answer.poll(task)));
        let Some(request) = this.request.take() else {
            unreachable!("it was there a moment ago");
        };
        Poll::Ready(answered(answer, request))
    }
}

fn answered<R: http_body::Body, E>(
    answer: Result<Response<R>, E>,
    mut request: Request,
) -> Result<Response<SessionBody<R>>, E> {
    match answer {
        Ok(response) => {
            request.answered(response.status());
            Ok(response.map(|body| SessionBody::new(body, request)))
        }
        Err(error) => {
            request.fail(None);
            Err(error)
        }
    }
}

fn unavailable<R: http_body::Body>() -> Response<SessionBody<R>> {
    let mut response = Response::new(SessionBody::empty());
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    response
}
