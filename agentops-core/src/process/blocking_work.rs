//! Blocking work on a thread of its own, so that awaiting it blocks no executor.

use std::{
    future::poll_fn,
    io,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::Arc,
    task::{Poll, Waker},
    thread,
};

use super::Lock;

/// Slot for the thread's result, shared with the waiting task.
struct ResultSlot<T>(Lock<SlotState<T>>);

struct SlotState<T> {
    result: Option<thread::Result<T>>,
    waker: Option<Waker>,
}

impl<T> ResultSlot<T> {
    fn complete(&self, result: thread::Result<T>) {
        let mut state = self.0.lock();
        state.result = Some(result);
        let waker = state.waker.take();
        drop(state);
        waker.into_iter().for_each(Waker::wake);
    }
}

/// Awaits the result of `work` on any executor. If no thread can be spawned, `work` runs in place. A panic in
/// `work` is resumed in the awaiting task.
pub(crate) async fn run_blocking<T: Send + 'static>(
    work: impl Fn() -> T + Clone + Send + 'static,
) -> T {
    match spawn_work(work.clone()) {
        Ok(slot) => result_of(&slot).await.unwrap_or_else(|panic| resume_unwind(panic)),
        Err(_) => work(),
    }
}

fn spawn_work<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<Arc<ResultSlot<T>>> {
    let slot = Arc::new(ResultSlot(Lock::new(SlotState { result: None, waker: None })));
    let shared = Arc::clone(&slot);
    let work = move || shared.complete(catch_unwind(AssertUnwindSafe(work)));
    thread::Builder::new().name("agentops-waiting".to_owned()).spawn(work)?;
    Ok(slot)
}

async fn result_of<T>(slot: &ResultSlot<T>) -> thread::Result<T> {
    poll_fn(|context| {
        let mut state = slot.0.lock();
        match state.result.take() {
            Some(result) => Poll::Ready(result),
            None => {
                state.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use futures_executor::block_on;

    use super::*;

    #[test]
    fn result_arrives_from_another_thread() {
        let here = thread::current().id();
        let (there, name) = block_on(run_blocking(|| {
            let thread = thread::current();
            (thread.id(), thread.name().map(str::to_owned))
        }));
        assert_ne!(there, here);
        assert_eq!(name.as_deref(), Some("agentops-waiting"));
    }

    #[test]
    fn panic_of_the_work_ends_the_wait() {
        let awaited = catch_unwind(|| block_on(run_blocking(|| panic!("on purpose"))));
        assert_eq!(awaited.unwrap_err().downcast_ref(), Some(&"on purpose"));
    }
}
