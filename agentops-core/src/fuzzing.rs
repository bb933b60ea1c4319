//! What the fuzzer reaches that programs do not: see `fuzz/`.

use std::ffi::OsString;

use crate::{
    config, delivery,
    look::hostile::{hostile, look_at},
};

/// Reads a file of a spool, and what it says of a session that began.
pub fn segment(bytes: Vec<u8>) {
    delivery::fuzz_segment(bytes);
}

/// Looks at a value that is built of these bytes and does what it likes.
pub fn look(bytes: &[u8]) {
    let mut bytes = bytes.iter().copied();
    let max_len = bytes.next().map_or(0, |len| usize::from(len) * 17);
    let value = hostile(&mut bytes, 6);
    look_at(&value, max_len);
    value.end();
}

/// Builds a configuration from these variables alone; the error names one of them.
pub fn configuration(variables: Vec<(OsString, OsString)>) -> Result<(), String> {
    config::fuzz_environment(variables)
}
