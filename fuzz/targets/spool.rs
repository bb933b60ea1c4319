//! Whatever stands in a file of a spool, it is read or refused.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;

/// A file; one with the right sum gets further.
#[derive(Arbitrary, Debug)]
enum Content {
    Any(Vec<u8>),
    Checked { label_len: u32, rest: Vec<u8> },
    Labelled { endpoint: String, spans: u64, is_packed: bool, body: Vec<u8> },
}

impl Content {
    fn bytes(self) -> Vec<u8> {
        match self {
            Self::Any(bytes) => bytes,
            Self::Checked { label_len, rest } => {
                let checked = [&label_len.to_le_bytes()[..], &rest].concat();
                let sum = crc32fast::hash(&checked).to_le_bytes();
                [&b"agentops\x01\0\0\0"[..], &sum, &checked].concat()
            }
            Self::Labelled { endpoint, spans, is_packed, body } => {
                let packed = if is_packed { ",\"content_encoding\":\"gzip\"" } else { "" };
                let label = format!(
                    "{{\"endpoint\":{endpoint:?},\"content_type\":\"application/x-protobuf\"{packed},\"spans\":{spans}}}"
                );
                let rest = [label.as_bytes(), &body].concat();
                Self::Checked { label_len: label.len() as u32, rest }.bytes()
            }
        }
    }
}

fuzz_target!(|content: Content| agentops_core::fuzzing::segment(content.bytes()));
