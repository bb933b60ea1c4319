//! Whatever a value does when it is looked at, what is recorded is bounded JSON, and whoever looks comes back.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| agentops_core::fuzzing::look(bytes));
