//! Whatever stands in a file of sessions, its lines are read or refused.
#![no_main]

use agentops_core::push::JsonLines;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| JsonLines::new(bytes).for_each(drop));
