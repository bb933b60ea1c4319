//! Call that may continue in the value that it returned.

use std::{sync::Arc, time::Instant};

use super::{
    Site,
    call_ending::CallEnding,
    run_body::{Call, CallRecord},
};
use crate::{
    capture::Outcome,
    session::{InSession, SessionState},
};

/// Call after its function has returned; empty if it is not recorded.
#[derive(Debug)]
pub struct ReturnedCall<'a>(CallState<'a>);

#[derive(Debug)]
enum CallState<'a> {
    /// The call is not recorded.
    Unrecorded,
    /// The call ends in its function, which has its scope entered.
    InFunction(&'a mut CallRecord),
    /// The call may continue.
    Open(OpenCall),
}

/// Call that has begun and may continue in the value that it returned.
#[derive(Debug)]
pub(super) struct OpenCall {
    pub(super) call: Box<Call>,
    pub(super) began: Instant,
}

impl<'a> ReturnedCall<'a> {
    pub(super) fn continuing(call: Option<Box<Call>>, began: Option<Instant>) -> Self {
        let open = call.map(|call| OpenCall { call, began: began.unwrap_or_else(Instant::now) });
        Self(open.map_or(CallState::Unrecorded, CallState::Open))
    }

    pub(super) fn in_function(log: &'a mut CallRecord) -> Self {
        Self(CallState::InFunction(log))
    }

    fn log(&self) -> Option<&CallRecord> {
        match &self.0 {
            CallState::Unrecorded => None,
            CallState::InFunction(log) => Some(log),
            CallState::Open(open) => Some(&open.call.log),
        }
    }

    /// Records a call that does not continue.
    #[inline(always)]
    pub fn end(self, outcome: Outcome<'_>) {
        match self.0 {
            CallState::Unrecorded => {}
            CallState::InFunction(log) => log.close(&CallEnding::Finished(outcome)),
            CallState::Open(mut open) => open.call.log.close(&CallEnding::Finished(outcome)),
        }
    }

    /// Ends the call with its value, inside its span, and returns the value.
    #[inline(always)]
    pub fn value<T>(self, value: T, outcome: impl FnOnce(&T) -> Outcome<'_>) -> T {
        match self.0 {
            CallState::Unrecorded => {}
            CallState::InFunction(log) => log.close(&CallEnding::Finished(outcome(&value))),
            CallState::Open(open) => {
                // Bound in this order, so that unwinding drops the record before the span that it closes.
                let Call { scope, mut log } = *open.call;
                let _entered = scope.enter();
                log.close(&CallEnding::Finished(outcome(&value)));
            }
        }
        value
    }

    /// Returns the callsite and the session of the call, if it is recorded.
    pub(super) fn site_and_session(&self) -> Option<(&'static Site, Arc<SessionState>)> {
        let log = self.log()?;
        let inside = log.context()?.get::<InSession>()?;
        Some((log.site()?, Arc::clone(&inside.session)))
    }

    /// Returns `true` if there is a call, even one that only silences the calls below it.
    pub(super) fn is_wanted(&self) -> bool {
        !matches!(self.0, CallState::Unrecorded)
    }

    /// Returns the call, so that it can continue.
    pub(super) fn into_open(self) -> Option<OpenCall> {
        match self.0 {
            CallState::Open(open) => Some(open),
            CallState::Unrecorded | CallState::InFunction(_) => None,
        }
    }
}
