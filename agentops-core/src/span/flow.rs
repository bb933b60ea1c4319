//! Call that may continue in the value that it returned.

use std::{sync::Arc, time::Instant};

use super::{
    Site,
    call::{Call, CallRecord},
    ending::Ending,
};
use crate::{
    capture::Outcome,
    session::{InSession, SessionState},
};

/// Call after its function has returned; empty if it is not recorded.
#[derive(Debug)]
pub struct Flow<'a>(Hand<'a>);

#[derive(Debug)]
enum Hand<'a> {
    /// The call is not recorded.
    Empty,
    /// The call ends in its function, which has its scope entered.
    Inside(&'a mut CallRecord),
    /// The call may continue.
    Own(Begun),
}

/// Call that has begun and may continue in the value that it returned.
#[derive(Debug)]
pub(super) struct Begun {
    pub(super) call: Box<Call>,
    pub(super) began: Instant,
}

impl<'a> Flow<'a> {
    pub(super) fn own(call: Option<Box<Call>>, began: Option<Instant>) -> Self {
        let begun = call.map(|call| Begun { call, began: began.unwrap_or_else(Instant::now) });
        Self(begun.map_or(Hand::Empty, Hand::Own))
    }

    pub(super) fn inside(log: &'a mut CallRecord) -> Self {
        Self(Hand::Inside(log))
    }

    fn log(&self) -> Option<&CallRecord> {
        match &self.0 {
            Hand::Empty => None,
            Hand::Inside(log) => Some(log),
            Hand::Own(begun) => Some(&begun.call.log),
        }
    }

    /// Records a call that does not continue.
    #[inline(always)]
    pub fn end(self, outcome: Outcome<'_>) {
        match self.0 {
            Hand::Empty => {}
            Hand::Inside(log) => log.close(&Ending::Finished(outcome)),
            Hand::Own(mut begun) => begun.call.log.close(&Ending::Finished(outcome)),
        }
    }

    /// Ends the call with its value, inside its span, and returns the value.
    #[inline(always)]
    pub fn value<T>(self, value: T, outcome: impl FnOnce(&T) -> Outcome<'_>) -> T {
        match self.0 {
            Hand::Empty => {}
            Hand::Inside(log) => log.close(&Ending::Finished(outcome(&value))),
            Hand::Own(begun) => {
                // Bound in this order, so that unwinding drops the record before the span that it closes.
                let Call { scope, mut log } = *begun.call;
                let _entered = scope.enter();
                log.close(&Ending::Finished(outcome(&value)));
            }
        }
        value
    }

    /// Returns the callsite and the session of the call, if it is recorded.
    pub(super) fn place(&self) -> Option<(&'static Site, Arc<SessionState>)> {
        let log = self.log()?;
        let place = log.context()?.get::<InSession>()?;
        Some((log.site()?, Arc::clone(&place.session)))
    }

    /// Returns `true` if there is a call, even one that only silences the calls below it.
    pub(super) fn is_wanted(&self) -> bool {
        !matches!(self.0, Hand::Empty)
    }

    /// Returns the call, so that it can continue.
    pub(super) fn into_begun(self) -> Option<Begun> {
        match self.0 {
            Hand::Own(begun) => Some(begun),
            Hand::Empty | Hand::Inside(_) => None,
        }
    }
}
