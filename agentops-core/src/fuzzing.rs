//! What the fuzzer reaches that programs do not: see `fuzz/`.

use std::ffi::OsString;

use crate::{config, delivery};

/// Reads a file of a spool, and what it says of a session that began.
pub fn segment(bytes: Vec<u8>) {
    delivery::fuzz_segment(bytes);
}

/// Builds a configuration from these variables alone; the error names one of them.
pub fn configuration(variables: Vec<(OsString, OsString)>) -> Result<(), String> {
    config::fuzz_environment(variables)
}
