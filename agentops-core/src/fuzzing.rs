//! Entry points for the fuzzer that programs do not have; see `fuzz/`.

use std::ffi::OsString;

use crate::{
    config,
    inspect::hostile_values::{hostile, inspect_hostile},
    transport,
};

/// Reads a file of a spool, and its record of a session that has started.
pub fn segment(bytes: Vec<u8>) {
    transport::fuzz_segment(bytes);
}

/// Captures a value that is built from these bytes and behaves in a hostile way.
pub fn look(bytes: &[u8]) {
    let mut bytes = bytes.iter().copied();
    let max_len = bytes.next().map_or(0, |len| usize::from(len) * 17);
    let value = hostile(&mut bytes, 6);
    inspect_hostile(&value, max_len);
    value.end();
}

/// Builds a configuration from these variables alone; the error names one of them.
pub fn configuration(variables: Vec<(OsString, OsString)>) -> Result<(), String> {
    config::fuzz_environment(variables)
}
