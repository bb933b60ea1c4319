//! Response body that keeps its session open until it ends.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::{BoxError, request::Request};

pin_project! {
    /// A response body that is polled inside its session. The session stays open until the body ends or is
    /// dropped.
    #[derive(Debug)]
    pub struct SessionBody<B> {
        #[pin]
        body: Option<B>,
        request: Option<Request>,
    }

    impl<B> PinnedDrop for SessionBody<B> {
        /// Cancels the request if its body is dropped before the end, for example because the client has
        /// disconnected.
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if let Some(request) = this.request.take() {
                request.in_scope(|| this.body.set(None));
                request.let_go();
            }
        }
    }
}

impl<B: Body> SessionBody<B> {
    pub(super) fn new(body: B, request: Request) -> Self {
        // A server does not poll a body that is at its end.
        if body.is_end_stream() {
            request.end();
            return Self { body: Some(body), request: None };
        }
        Self { body: Some(body), request: Some(request) }
    }

    /// Returns an empty body for a request that has ended.
    pub(super) fn empty() -> Self {
        Self { body: None, request: None }
    }
}

impl<B> Body for SessionBody<B>
where
    B: Body<Error: Into<BoxError>>,
{
    type Data = B::Data;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        task: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, BoxError>>> {
        let mut this = self.project();
        let Some(mut body) = this.body.as_mut().as_pin_mut() else { return Poll::Ready(None) };
        let Some(request) = &*this.request else {
            return body.poll_frame(task).map_err(Into::into);
        };
        if let Some(exceeded) = request.poll_budget(task.waker()) {
            request.in_scope(|| this.body.set(None));
            this.request.take().into_iter().for_each(|request| request.fail(Some(&exceeded)));
            return Poll::Ready(Some(Err(exceeded.into())));
        }
        let frame = ready!(request.poll(|| body.as_mut().poll_frame(task)));
        let frame = frame.map(|frame| frame.map_err(Into::into));
        // A server does not poll again after the last frame of a body with a known length.
        let is_last = match &frame {
            None => true,
            Some(Ok(frame)) => frame.is_trailers() || body.is_end_stream(),
            Some(Err(_)) => false,
        };
        match &frame {
            Some(Err(error)) => {
                this.request.take().into_iter().for_each(|request| request.fail(Some(error)));
            }
            _ if is_last => this.request.take().into_iter().for_each(Request::end),
            _ => {}
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}
