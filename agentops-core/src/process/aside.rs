//! Blocking work on a thread of its own, so that awaiting it blocks no executor.

use std::{
    future::poll_fn,
    io,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Poll, Waker},
    thread,
};

/// Shared slot for the thread's result and the waker of the waiting task.
struct Place<T>(Mutex<State<T>>);

struct State<T> {
    result: Option<thread::Result<T>>,
    waker: Option<Waker>,
}

impl<T> Place<T> {
    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn leave(&self, result: thread::Result<T>) {
        let mut state = self.state();
        state.result = Some(result);
        let waker = state.waker.take();
        drop(state);
        waker.into_iter().for_each(Waker::wake);
    }
}

/// Awaits the result of `work` on any executor. If no thread can be spawned, `work` runs in place. A panic in
/// `work` is resumed in the awaiting task.
pub(crate) async fn aside<T: Send + 'static>(work: impl Fn() -> T + Clone + Send + 'static) -> T {
    match begin(work.clone()) {
        Ok(place) => end(&place).await.unwrap_or_else(|panic| resume_unwind(panic)),
        Err(_) => work(),
    }
}

fn begin<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<Arc<Place<T>>> {
    let place = Arc::new(Place(Mutex::new(State { result: None, waker: None })));
    let left = Arc::clone(&place);
    let work = move || left.leave(catch_unwind(AssertUnwindSafe(work)));
    thread::Builder::new().name("agentops-waiting".to_owned()).spawn(work)?;
    Ok(place)
}

async fn end<T>(place: &Place<T>) -> thread::Result<T> {
    poll_fn(|context| {
        let mut state = place.state();
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
    fn what_it_comes_to_arrives_from_another_thread() {
        let here = thread::current().id();
        let (there, name) = block_on(aside(|| {
            let it = thread::current();
            (it.id(), it.name().map(str::to_owned))
        }));
        assert_ne!(there, here);
        assert_eq!(name.as_deref(), Some("agentops-waiting"));
    }

    #[test]
    fn a_panic_ends_the_wait() {
        let awaited = catch_unwind(|| block_on(aside(|| panic!("on purpose"))));
        assert_eq!(awaited.unwrap_err().downcast_ref(), Some(&"on purpose"));
    }
}
