//! Identity of a session: its name, id, details and budget.

use std::{borrow::Cow, sync::Arc};

use opentelemetry::KeyValue;

use super::{Details, session_details::bound_id};
use crate::config::Budget;

/// Name, id, details and budget of a session.
#[derive(Debug, Default)]
pub(crate) struct Identity {
    pub(crate) name: Cow<'static, str>,
    /// Session id set by the program; without one, the trace id identifies the session.
    pub(crate) session_id: Option<Arc<str>>,
    pub(crate) details: Details,
    pub(crate) budget: Budget,
}

impl Identity {
    /// Cuts texts that are too long and drops what exceeds the limits. Returns `false` if something was dropped.
    pub(super) fn bound(&mut self) -> bool {
        self.session_id.iter_mut().for_each(bound_id);
        self.details.bound()
    }

    /// Returns the attributes that only the root of the session carries.
    pub(crate) fn root_attributes(&self) -> impl Iterator<Item = KeyValue> {
        self.details.root_attributes().chain(self.budget.attributes())
    }
}
