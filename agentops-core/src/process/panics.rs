//! The text and the place of a panic, which only the panic hook knows.
//!
//! A span that unwinds does not see the payload. Catching it would cost every call, and abort the process where
//! it is a foreign exception. So a hook before the program's own keeps the last panics of each thread, and a
//! call takes the one that was raised while its code ran.

use std::{
    cell::RefCell,
    panic::{PanicHookInfo, set_hook, take_hook},
    sync::{
        Arc, Once,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};

use super::quiet::Looking;

/// The bytes kept of a text: more than a span's message has, which is cut and marked later.
const LONGEST: usize = 5 << 10;

/// The panics kept of a thread: the one that unwinds, and some that are caught meanwhile.
const KEPT: usize = 4;

/// The panics of this process, caught ones included.
static RAISED: AtomicU32 = AtomicU32::new(0);

thread_local! {
    static LAST: RefCell<Vec<Raised>> = const { RefCell::new(Vec::new()) };
}

/// A panic that the hook was told of.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Panic {
    /// The text; none if the payload is something else.
    pub(crate) message: Option<String>,
    pub(crate) place: Option<Place>,
}

/// The place where a panic was raised.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) file: String,
    pub(crate) line: u32,
    pub(crate) column: u32,
}

#[derive(Debug)]
struct Raised {
    number: u32,
    /// True if cleaning up after an earlier panic raised it: that one goes on once this one is caught.
    is_nested: bool,
    panic: Arc<Panic>,
}

/// Sets the hook, once; it calls the one that was set before.
pub(crate) fn watch_panics() {
    static SET: Once = Once::new();
    // A thread that panics cannot set a hook.
    if thread::panicking() {
        return;
    }
    SET.call_once(|| {
        let earlier = take_hook();
        set_hook(Box::new(move |info| {
            // A panic of code that only the record needs is none of the program's.
            if !Looking::is_on() {
                keep(info);
                earlier(info);
            }
        }));
    });
}

/// Keeps a panic. A panic in here would abort the process, so it takes no lock and runs no code of the user's.
fn keep(info: &PanicHookInfo<'_>) {
    let place = info.location().map(|at| Place {
        file: start_of(at.file()),
        line: at.line(),
        column: at.column(),
    });
    let panic = Arc::new(Panic { message: text_of(info).map(start_of), place });
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
    let end = (0..=LONGEST.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    text[..end.unwrap_or(0)].to_owned()
}

/// The last panics of this thread; nothing if it is going down.
fn with_last<T>(act: impl FnOnce(&mut Vec<Raised>) -> T) -> Option<T> {
    LAST.try_with(|last| last.try_borrow_mut().ok().map(|mut last| act(&mut last))).ok().flatten()
}

/// A moment, to tell the panics of this thread before it from those after it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Moment {
    raised: u32,
    /// True if the thread was cleaning up after a panic.
    is_nested: bool,
}

impl Moment {
    /// After all panics.
    pub(crate) const NEVER: Self = Self { raised: u32::MAX, is_nested: false };

    #[inline(always)]
    pub(crate) fn now() -> Self {
        match RAISED.load(Ordering::Relaxed) {
            0 => Self::default(),
            raised => Self { raised, is_nested: thread::panicking() },
        }
    }

    /// The panic that unwinds this thread, if it was raised since, and the hook was told of it.
    #[cold]
    pub(crate) fn unwinding(self) -> Option<Arc<Panic>> {
        if !thread::panicking() {
            return None;
        }
        let mine = |it: &&mut Raised| it.number > self.raised && (self.is_nested || !it.is_nested);
        with_last(|last| {
            let found = last.iter_mut().rev().find(mine)?;
            found.is_nested = self.is_nested;
            Some(Arc::clone(&found.panic))
        })
        .flatten()
    }

    /// Forgets the panics of this thread since: whoever ran the code has caught them.
    #[cold]
    pub(crate) fn forget(self) {
        let _ = with_last(|last| last.retain(|it| it.number <= self.raised));
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    /// What a value sees that is dropped by the panic of this code.
    fn seen(since: Moment, code: impl FnOnce()) -> Option<String> {
        struct Looks<'a>(Moment, &'a mut Option<Arc<Panic>>);
        impl Drop for Looks<'_> {
            fn drop(&mut self) {
                *self.1 = self.0.unwinding();
            }
        }
        watch_panics();
        let mut seen = None;
        let looks = Looks(since, &mut seen);
        let caught = catch_unwind(AssertUnwindSafe(move || {
            let _looks = looks;
            code();
        }));
        assert!(caught.is_err());
        seen.and_then(|panic| panic.message.clone())
    }

    #[test]
    fn of_many_panics_the_last_ones_are_kept() {
        let since = Moment::now();
        let all: Vec<_> = (0..20).filter_map(|n| seen(since, || panic!("{n}"))).collect();
        assert_eq!(all, (0..20).map(|n| n.to_string()).collect::<Vec<_>>());
        assert_eq!(with_last(|last| last.len()), Some(KEPT));
    }

    #[test]
    fn what_does_not_unwind_has_no_panic() {
        let since = Moment::now();
        assert_eq!(seen(since, || panic!("this")).as_deref(), Some("this"));
        assert_eq!(since.unwinding(), None);
    }

    #[test]
    fn what_was_forgotten_uncovers_what_was_before() {
        let start = Moment::now();
        let text = seen(start, || {
            assert!(catch_unwind(|| panic!("first")).is_err());
            let since = Moment::now();
            assert!(catch_unwind(|| panic!("second")).is_err());
            since.forget();
            std::panic::resume_unwind(Box::new(()));
        });
        assert_eq!(text.as_deref(), Some("first"));
    }
}
