//! What stands for a handle where it is started, as [`Site`](super::Site) does for an annotated function.

use std::{
    panic::Location,
    sync::{Mutex, PoisonError},
};

use crate::record::SpanKind;

/// So many places are warned of; calls at others are only counted.
const MOST: usize = 64;

/// The places that were warned of.
static WARNED: Mutex<Vec<&'static Location<'static>>> = Mutex::new(Vec::new());

/// A handle to be: all of a kind share one callsite, so its name and its place in the code are told apart here.
#[derive(Clone, Debug)]
pub(crate) struct HandleSite {
    pub(crate) kind: SpanKind,
    pub(crate) name: String,
    pub(crate) place: &'static Location<'static>,
}

impl HandleSite {
    /// Claims the one warning of a place; true the first time that something is started there.
    pub(super) fn claim_warning(&self) -> bool {
        let mut warned = WARNED.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = warned.len() < MOST && !warned.contains(&self.place);
        if is_new {
            warned.push(self.place);
        }
        is_new
    }
}
