//! Source locations of annotated functions, by the name that their spans record.
//!
//! A location is noted when a function is called for the first time, and looked up on the delivery thread. So no span
//! carries it on its way, and a call pays nothing.

use std::{
    collections::HashMap,
    sync::{LazyLock, PoisonError, RwLock},
};

use crate::process::fork;

/// File and line.
type Location = (&'static str, u32);

/// Locations by `code.function.name`.
static LOCATIONS: LazyLock<RwLock<HashMap<&'static str, Location>>> =
    LazyLock::new(RwLock::default);

/// Notes the location of a function. Of several callsites in a function, the first is kept: they are a few lines apart.
pub(crate) fn note_location(function: &'static str, location: Location) {
    // A lock that was held at the time of the fork stays locked in the child, which records nothing.
    if !fork::is_child() {
        let mut locations = LOCATIONS.write().unwrap_or_else(PoisonError::into_inner);
        locations.entry(function).or_insert(location);
    }
}

/// Returns the name of a function as it was noted, with its file and line.
pub(crate) fn location_of(function: &str) -> Option<(&'static str, Location)> {
    let locations = LOCATIONS.read().unwrap_or_else(PoisonError::into_inner);
    locations.get_key_value(function).map(|(function, location)| (*function, *location))
}
