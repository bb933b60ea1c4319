//! Handover of an admitted call from the body of an async function, which knows the arguments, to the future around
//! it.
//!
//! ```text
//! RecordedFuture ─poll─▶ body: Start gathers ─hand_over─▶ slot of the thread ─▶ Begun is pending ─┐
//!     begins the span ◀─take_start── slot ◀───────────────────────────────────────────────────────┘
//!     └─poll, inside of the span─▶ body: Begun is ready, the function's statements run
//! ```
//!
//! An async function keeps whatever it borrows in its future until it ends. The inner block captures the arguments
//! anyway, so recording them there needs no second copy: 1 KiB of arguments used to take 4 KiB.

use std::{
    cell::Cell,
    pin::Pin,
    task::{Context, Poll},
};

use super::Start;

thread_local! {
    static SLOT: Cell<Option<Start>> = const { Cell::new(None) };
}

/// Stores an admitted call for the future around its body. Does nothing while the thread is torn down.
pub fn hand_over(start: Start) {
    let _ = SLOT.try_with(|slot| slot.set(Some(start)));
}

/// Takes the stored call.
pub(super) fn take_start() -> Option<Start> {
    SLOT.try_with(Cell::take).ok().flatten()
}

/// Returns `true` if a call is stored.
pub(super) fn starts() -> bool {
    let looked = SLOT.try_with(|slot| {
        let start = slot.take();
        let starts = start.is_some();
        slot.set(start);
        starts
    });
    looked.unwrap_or(false)
}

/// Returns a future that waits until the future around the body has begun the span.
pub fn begun() -> Begun {
    Begun(false)
}

/// Future that is pending once, so that the future around the body can begin the span.
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
