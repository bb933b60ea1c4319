//! Task that is aborted when its session exceeds a limit of its budget.

use std::{
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll},
};

use pin_project_lite::pin_project;
use tokio::task::{AbortHandle, JoinHandle};

use super::Cancellation;

pin_project! {
    /// Future of a task that is aborted with its session's budget.
    pub(super) struct AbortableTask<F> {
        #[pin]
        body: Option<F>,
        cancellation: Cancellation,
        // Handle of the task itself, set once it is spawned.
        task: Arc<OnceLock<AbortHandle>>,
    }
}

impl<F> AbortableTask<F>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    pub(super) fn spawn(body: F, cancellation: Cancellation) -> JoinHandle<F::Output> {
        let task = Arc::<OnceLock<_>>::default();
        let spawned =
            tokio::spawn(Self { body: Some(body), cancellation, task: Arc::clone(&task) });
        let _ = task.set(spawned.abort_handle());
        spawned
    }
}

impl<F: Future> Future for AbortableTask<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        if this.cancellation.poll(task.waker()).is_some() {
            this.body.set(None);
        }
        if let Some(body) = this.body.as_mut().as_pin_mut() {
            return Cancellation::in_scope(Some(this.cancellation), || body.poll(task));
        }
        match this.task.get() {
            Some(task) => task.abort(),
            // Polled on another thread before `spawn` has set the handle.
            None => task.waker().wake_by_ref(),
        }
        Poll::Pending
    }
}
