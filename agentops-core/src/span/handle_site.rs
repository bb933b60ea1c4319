//! Start location of a handle, which takes the role that [`Site`](super::Site) has for an annotated function.

use std::panic::Location;

use crate::{process::Lock, record::SpanKind};

/// Maximum number of places that warn; calls at further places are only counted.
const MOST: usize = 64;

/// Places that have warned.
static WARNED: Lock<Vec<&'static Location<'static>>> = Lock::new(Vec::new());

/// Kind, name and location of a handle. All handles of a kind share one callsite, so this tells them apart.
#[derive(Clone, Debug)]
pub(crate) struct HandleSite {
    pub(crate) kind: SpanKind,
    pub(crate) name: String,
    pub(crate) location: &'static Location<'static>,
}

impl HandleSite {
    /// Claims the only warning of a place. Returns `true` the first time that a handle is started there.
    pub(super) fn claim_warning(&self) -> bool {
        let mut warned = WARNED.lock();
        let is_new = warned.len() < MOST && !warned.contains(&self.location);
        if is_new {
            warned.push(self.location);
        }
        is_new
    }
}
