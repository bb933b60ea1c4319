//! Mutex that forgives poisoning.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Mutex that can be locked after a holder has panicked. Nothing of agentops runs code of the program while it holds
/// one in the middle of a change, so the value is whole then; poisoning would only turn one panic into many.
#[derive(Debug, Default)]
pub(crate) struct Lock<T>(Mutex<T>);

impl<T> Lock<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    #[inline(always)]
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    #[test]
    fn lock_opens_after_a_panic_of_its_holder() {
        let lock = Lock::new(1);
        let caught = catch_unwind(AssertUnwindSafe(|| {
            let mut value = lock.lock();
            *value = 2;
            panic!("on purpose");
        }));
        assert!(caught.is_err() && lock.0.is_poisoned());
        assert_eq!(*lock.lock(), 2);
    }
}
