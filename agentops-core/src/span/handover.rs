//! The way of a call that is to start out of the body of an async function, which knows the arguments.
//!
//! ```text
//! Recorded ─poll─▶ body: Start gathers ─hand_over─▶ slot of the thread ─▶ Begun is pending ─┐
//!     begins the span ◀─take_start── slot ◀─────────────────────────────────────────────────┘
//!     └─poll, inside of the span─▶ body: Begun is ready, the function's statements run
//! ```
//!
//! What is borrowed in an async function is stored in its future until its end. In the block inside the
//! arguments are captured, and to look at them costs no second place: 1 KiB of arguments took 4 KiB.

use std::{
    cell::Cell,
    pin::Pin,
    task::{Context, Poll},
};

use super::Start;

thread_local! {
    static SLOT: Cell<Option<Start>> = const { Cell::new(None) };
}

/// Leaves a call that is to start to the future around its body. A thread that is going down records nothing.
pub fn hand_over(start: Start) {
    let _ = SLOT.try_with(|slot| slot.set(Some(start)));
}

/// Takes it.
pub(super) fn take_start() -> Option<Start> {
    SLOT.try_with(Cell::take).ok().flatten()
}

/// True if a call is left there.
pub(super) fn starts() -> bool {
    let looked = SLOT.try_with(|slot| {
        let start = slot.take();
        let starts = start.is_some();
        slot.set(start);
        starts
    });
    looked.unwrap_or(false)
}

/// Waits until the future around the body has begun the span.
pub fn begun() -> Begun {
    Begun(false)
}

/// Is pending once, so that the future around the body begins the span.
#[must_use = "futures do nothing unless polled"]
#[derive(Debug)]
pub struct Begun(bool);

impl Future for Begun {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.0 {
            return Poll::Ready(());
        }
        self.0 = true;
        Poll::Pending
    }
}
