//! Annotated function or handle that asks for a span.

use std::borrow::Cow;

use super::{call_site::Site, handle_site::HandleSite};
use crate::{record::SpanKind, session::CallLocation};

/// Source of a span: an annotated function or a handle.
#[derive(Clone, Debug)]
pub(super) struct Component {
    pub(super) site: &'static Site,
    /// Name, kind and place of a handle; `None` for an annotated function.
    handle: Option<Box<HandleSite>>,
}

impl Component {
    pub(super) const fn of(site: &'static Site) -> Self {
        Self { site, handle: None }
    }

    pub(super) fn handle(site: &'static Site, handle: HandleSite) -> Self {
        Self { site, handle: Some(Box::new(handle)) }
    }

    pub(super) fn kind(&self) -> SpanKind {
        self.handle.as_deref().map_or(self.site.kind(), |handle| handle.kind)
    }

    /// Returns the name and the source location.
    pub(super) fn location(&self) -> CallLocation {
        let line =
            self.handle.as_deref().map(|handle| (handle.location.file(), handle.location.line()));
        let of_site = self.site.location();
        CallLocation { name: self.name(), line: line.or(of_site.line) }
    }

    pub(super) fn name(&self) -> Cow<'static, str> {
        match self.handle.as_deref() {
            Some(handle) => Cow::Owned(handle.name.clone()),
            None => Cow::Borrowed(self.site.name()),
        }
    }

    /// Claims the only warning of an annotated function, or of a place that starts handles. Returns `true` the first
    /// time.
    pub(super) fn claim_warning(&self) -> bool {
        self.handle.as_deref().map_or_else(|| self.site.claim_warning(), HandleSite::claim_warning)
    }

    /// Returns `true` for a handle. All handles of a kind share one site, so the state of the site does not apply to
    /// each of them.
    pub(super) const fn is_handle(&self) -> bool {
        self.handle.is_some()
    }
}
