//! Whatever stands in a file of sessions, its lines are read or refused.
#![no_main]

use agentops_core::push::JsonLines;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut lines = JsonLines::new(bytes);
    let mut spans = 0;
    while let Some(line) = lines.next_line(|_| spans += 1) {
        // Of a line with an error no span is handed out.
        assert!(std::mem::take(&mut spans) == 0 || line.is_ok());
    }
});
