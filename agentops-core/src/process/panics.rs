//! Message and location of panics, collected by a panic hook.
//!
//! A span that is dropped by a panic cannot see the payload. Catching the panic would add a cost to every call,
//! and abort the process if it is a foreign exception. So a hook that runs before the program's own keeps the last
//! panics of each thread, and a call takes the one that was raised while its code ran.

use std::{
    cell::RefCell,
    panic::{PanicHookInfo, set_hook, take_hook},
    sync::{
        Arc, Once,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};

use super::thread_state::InternalCode;
use crate::text::prefix;

/// Most bytes that are kept of a message: more than a span keeps, which cuts and marks it later.
const LONGEST: usize = 5 << 10;

/// Number of panics that are kept per thread: the one that unwinds, and some that are caught meanwhile.
const KEPT: usize = 4;

/// Number of panics raised in this process, including caught ones.
static RAISED: AtomicU32 = AtomicU32::new(0);

thread_local! {
    static LAST: RefCell<Vec<Raised>> = const { RefCell::new(Vec::new()) };
}

/// Panic that the hook has seen.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Panic {
    /// Message of the panic; `None` if its payload is not a string.
    pub(crate) message: Option<String>,
    pub(crate) location: Option<PanicLocation>,
}

/// Location where a panic was raised.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PanicLocation {
    pub(crate) file: String,
    pub(crate) line: u32,
    pub(crate) column: u32,
}

#[derive(Debug)]
struct Raised {
    number: u32,
    /// Set if it was raised while an earlier panic was unwinding; the earlier one continues once this one is
    /// caught.
    is_nested: bool,
    panic: Arc<Panic>,
}

/// Installs the hook, once. It calls the previous hook.
pub(crate) fn watch_panics() {
    static SET: Once = Once::new();
    // `set_hook` panics on a thread that is panicking.
    if thread::panicking() {
        return;
    }
    SET.call_once(|| {
        let earlier = take_hook();
        set_hook(Box::new(move |info| {
            // A panic in code that only recording needs is not one of the program's.
            if !InternalCode::is_on() {
                keep(info);
                earlier(info);
            }
        }));
    });
}

/// Keeps a panic. Takes no lock and runs no user code, since a panic in the hook would abort the process.
fn keep(info: &PanicHookInfo<'_>) {
    let location = info.location().map(|at| PanicLocation {
        file: start_of(at.file()),
        line: at.line(),
        column: at.column(),
    });
    let panic = Arc::new(Panic { message: text_of(info).map(start_of), location });
    let number = RAISED.fetch_add(1, Ordering::Relaxed).saturating_add(1);
    with_last(|last| {
        if last.len() >= KEPT {
            last.remove(0);
        }
        last.push(Raised { number, is_nested: false, panic });
    });
}

fn text_of<'a>(info: &'a PanicHookInfo<'_>) -> Option<&'a str> {
    let payload = info.payload();
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
}

fn start_of(text: &str) -> String {
    prefix(text, LONGEST).to_owned()
}

/// Runs `act` on the last panics of this thread; returns `None` while the thread is being destroyed.
fn with_last<T>(act: impl FnOnce(&mut Vec<Raised>) -> T) -> Option<T> {
    LAST.try_with(|last| last.try_borrow_mut().ok().map(|mut last| act(&mut last))).ok().flatten()
}

/// Point in time that separates earlier panics of this thread from later ones.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PanicMark {
    raised: u32,
    /// Set if the thread was unwinding at that time.
    is_nested: bool,
}

impl PanicMark {
    /// Point after all panics.
    pub(crate) const NEVER: Self = Self { raised: u32::MAX, is_nested: false };

    #[inline(always)]
    pub(crate) fn now() -> Self {
        match RAISED.load(Ordering::Relaxed) {
            // In a program that has not panicked yet, entering a span costs this load and no more.
            0 => Self::default(),
            raised => Self { raised, is_nested: thread::panicking() },
        }
    }

    /// Returns the panic that unwinds this thread, if it was raised after this point and the hook has seen it.
    #[cold]
    pub(crate) fn unwinding(self) -> Option<Arc<Panic>> {
        if !thread::panicking() {
            return None;
        }
        let mine = |panic: &&mut Raised| {
            panic.number > self.raised && (self.is_nested || !panic.is_nested)
        };
        with_last(|last| {
            let found = last.iter_mut().rev().find(mine)?;
            found.is_nested = self.is_nested;
            Some(Arc::clone(&found.panic))
        })
        .flatten()
    }

    /// Forgets the panics that this thread raised after this point, once the caller has caught them.
    #[cold]
    pub(crate) fn forget_later(self) {
        let _ = with_last(|last| last.retain(|panic| panic.number <= self.raised));
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    /// Returns the panic message that a value sees which is dropped by a panic of this code.
    fn seen(since: PanicMark, code: impl FnOnce()) -> Option<String> {
        struct Observer<'a>(PanicMark, &'a mut Option<Arc<Panic>>);
        impl Drop for Observer<'_> {
            fn drop(&mut self) {
                *self.1 = self.0.unwinding();
            }
        }
        watch_panics();
        let mut seen = None;
        let observer = Observer(since, &mut seen);
        let caught = catch_unwind(AssertUnwindSafe(move || {
            let _observer = observer;
            code();
        }));
        assert!(caught.is_err());
        seen.and_then(|panic| panic.message.clone())
    }

    #[test]
    fn last_panics_of_many_are_kept() {
        let since = PanicMark::now();
        let all: Vec<_> = (0..20).filter_map(|n| seen(since, || panic!("{n}"))).collect();
        assert_eq!(all, (0..20).map(|n| n.to_string()).collect::<Vec<_>>());
        assert_eq!(with_last(|last| last.len()), Some(KEPT));
    }

    #[test]
    fn panic_is_found_only_while_it_unwinds() {
        let since = PanicMark::now();
        assert_eq!(seen(since, || panic!("this")).as_deref(), Some("this"));
        assert_eq!(since.unwinding(), None);
    }

    #[test]
    fn forgotten_panic_uncovers_the_one_before() {
        let start = PanicMark::now();
        let text = seen(start, || {
            assert!(catch_unwind(|| panic!("first")).is_err());
            let since = PanicMark::now();
            assert!(catch_unwind(|| panic!("second")).is_err());
            since.forget_later();
            std::panic::resume_unwind(Box::new(()));
        });
        assert_eq!(text.as_deref(), Some("first"));
    }
}
