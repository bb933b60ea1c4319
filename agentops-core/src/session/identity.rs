//! Who a session is.

use std::{borrow::Cow, sync::Arc};

use opentelemetry::KeyValue;

use super::{Details, details::bound_id};
use crate::config::Budget;

/// What a session is called, for whom it starts, and within what limits.
#[derive(Debug, Default)]
pub(crate) struct Identity {
    pub(crate) name: Cow<'static, str>,
    /// The user's own id; without one a session is known by its trace.
    pub(crate) session_id: Option<Arc<str>>,
    pub(crate) details: Details,
    pub(crate) budget: Budget,
}

impl Identity {
    /// Bounds what is said; false if something was too much and is left out.
    pub(super) fn bound(&mut self) -> bool {
        self.session_id.iter_mut().for_each(bound_id);
        self.details.bound()
    }

    /// What of it stands on the root of the session alone.
    pub(crate) fn root_attributes(&self) -> impl Iterator<Item = KeyValue> {
        self.details.root_attributes().chain(self.budget.attributes())
    }
}
