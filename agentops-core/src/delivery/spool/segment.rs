//! A request on disk: who it is for, what it holds, and a sum that tells whether it is whole.
//!
//! ```text
//! "agentops" 1 0 0 0 │ CRC-32 of all that follows │ length of the label │ label as JSON │ body
//! ```
//!
//! Numbers are of 32 bits, the lowest byte first. The body is the request's as it goes out: OTLP, packed or
//! not. No header of ours is kept, so that no key is on disk.

use std::io::Read;

use http::{HeaderMap, HeaderName, HeaderValue, Request, header};
use opentelemetry_http::Bytes;
use serde::{Deserialize, Serialize};

use super::{file::LONGEST_SEGMENT, wire::visit_spans};
use crate::config::Endpoint;

/// The content type of a request that is encoded as OTLP.
pub(crate) const PROTOBUF: &str = "application/x-protobuf";

pub(super) const MAGIC: [u8; 12] = *b"agentops\x01\0\0\0";
const CHECKED_FROM: usize = MAGIC.len() + 4;
const LABEL_FROM: usize = CHECKED_FROM + 4;
/// More than this is not peeked at.
const LONGEST_LABEL: u32 = 4 << 20;

/// What is known of a body without reading it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
pub(crate) struct Label {
    /// Where it was meant to go: an address without user, password and query.
    pub(crate) endpoint: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) content_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) content_encoding: Option<String>,
    pub(crate) spans: u64,
    /// The roots that are in it, and what else was noted as begun, as trace and span.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) roots: Vec<String>,
}

/// A labelled body.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Segment {
    pub(crate) label: Label,
    pub(crate) body: Bytes,
}

/// Why bytes are no segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Damage {
    #[error("it does not begin as a segment does")]
    Magic,
    #[error("it is torn or was changed")]
    Checksum,
    #[error("its label cannot be read")]
    Label,
    #[error("it holds no spans")]
    Body,
    #[error("it is longer than {LONGEST_SEGMENT} bytes")]
    Length,
    #[error("its label says more spans than it can hold, or none")]
    Count,
}

impl Segment {
    pub(crate) fn encode(&self) -> Result<Vec<u8>, Damage> {
        let label = serde_json::to_vec(&self.label).map_err(|_| Damage::Label)?;
        let label_len = u32::try_from(label.len()).map_err(|_| Damage::Label)?.to_le_bytes();
        let length = LABEL_FROM.saturating_add(label.len()).saturating_add(self.body.len());
        if length as u64 > LONGEST_SEGMENT {
            return Err(Damage::Length);
        }
        let mut sum = crc32fast::Hasher::new();
        [&label_len[..], &label, &self.body].iter().for_each(|part| sum.update(part));
        let sum = sum.finalize().to_le_bytes();
        Ok([&MAGIC[..], &sum, &label_len, &label, &self.body].concat())
    }

    pub(crate) fn decode(bytes: Vec<u8>) -> Result<Self, Damage> {
        let bytes = Bytes::from(bytes);
        if !bytes.starts_with(&MAGIC) {
            return Err(Damage::Magic);
        }
        let sum = number_at(&bytes, MAGIC.len()).ok_or(Damage::Checksum)?;
        let label_len = number_at(&bytes, CHECKED_FROM).ok_or(Damage::Checksum)? as usize;
        if crc32fast::hash(&bytes[CHECKED_FROM..]) != sum {
            return Err(Damage::Checksum);
        }
        let rest = bytes.slice(LABEL_FROM..);
        let label = rest.get(..label_len).ok_or(Damage::Label)?;
        let label = serde_json::from_slice(label).map_err(|_| Damage::Label)?;
        Ok(Self { label, body: rest.slice(label_len..) })
    }

    /// Counts its spans: those that are in it or, where it is packed, as many as its label says, if that can be.
    pub(crate) fn count(&self) -> Result<u64, Damage> {
        if self.label.content_type.as_deref() == Some(PROTOBUF)
            && self.label.content_encoding.is_none()
        {
            let mut count = 0_u64;
            let read = visit_spans(&self.body, &mut |_| count = count.saturating_add(1));
            return read.map(|()| count).filter(|count| *count > 0).ok_or(Damage::Body);
        }
        // Each has an id of its own, which takes a byte at the least.
        let most = self.body.len() as u64;
        Some(self.label.spans).filter(|spans| (1..=most).contains(spans)).ok_or(Damage::Count)
    }

    /// The label alone, of which nothing tells whether it is whole; for what is said, not for what is sent.
    pub(crate) fn peek(mut file: impl Read) -> Option<Label> {
        let mut head = [0; LABEL_FROM];
        file.read_exact(&mut head).ok()?;
        let length = number_at(&head, CHECKED_FROM).filter(|_| head.starts_with(&MAGIC))?;
        let mut label = Vec::new();
        file.take(length.min(LONGEST_LABEL).into()).read_to_end(&mut label).ok()?;
        serde_json::from_slice(&label).ok()
    }

    /// The request to an endpoint.
    pub(crate) fn request(&self, endpoint: &Endpoint) -> Result<Request<Bytes>, http::Error> {
        let mut request = Request::post(&endpoint.0).body(self.body.clone())?;
        *request.headers_mut() = self.label.headers();
        Ok(request)
    }
}

impl Label {
    /// What a request says of its body.
    pub(crate) fn headers(&self) -> HeaderMap {
        let pairs = [
            (header::CONTENT_TYPE, &self.content_type),
            (header::CONTENT_ENCODING, &self.content_encoding),
        ];
        let known = |(name, text): (HeaderName, &Option<String>)| {
            Some((name, HeaderValue::from_str(text.as_ref()?).ok()?))
        };
        pairs.into_iter().filter_map(known).collect()
    }
}

fn number_at(bytes: &[u8], place: usize) -> Option<u32> {
    let bytes = bytes.get(place..place.checked_add(4)?)?;
    bytes.try_into().ok().map(u32::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn segment() -> Segment {
        let label = Label {
            endpoint: "http://h/v1/traces".to_owned(),
            content_type: Some(PROTOBUF.to_owned()),
            content_encoding: None,
            spans: 3,
            roots: vec!["a1".to_owned()],
        };
        Segment { label, body: Bytes::from_static(b"the body") }
    }

    #[test]
    fn a_segment_comes_back_as_it_was() {
        let bytes = segment().encode().unwrap();
        assert_eq!(Segment::decode(bytes), Ok(segment()));
    }

    #[test]
    fn a_torn_tail_and_a_flipped_bit_anywhere_are_noticed() {
        let bytes = segment().encode().unwrap();
        for length in 0..bytes.len() {
            assert!(Segment::decode(bytes[..length].to_vec()).is_err(), "the first {length} bytes");
        }
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(Segment::decode(flipped).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn a_label_that_claims_more_than_there_is_is_no_label() {
        let rest = [&u32::MAX.to_le_bytes()[..], b"{}"].concat();
        let sum = crc32fast::hash(&rest).to_le_bytes();
        assert_eq!(Segment::decode([&MAGIC[..], &sum, &rest].concat()), Err(Damage::Label));
    }

    proptest! {
        #[test]
        fn whatever_stands_in_a_file_is_read_or_refused(
            head in prop_oneof![Just(MAGIC.to_vec()), any::<Vec<u8>>()],
            rest: Vec<u8>,
            has_sum: bool,
        ) {
            let sum = if has_sum { crc32fast::hash(&rest).to_le_bytes().to_vec() } else { Vec::new() };
            let _ = Segment::decode([head, sum, rest].concat());
        }

        #[test]
        fn any_body_and_label_come_back(body: Vec<u8>, endpoint: String, spans: u64, roots: Vec<String>) {
            let label = Label { endpoint, spans, roots, ..Label::default() };
            let segment = Segment { label, body: body.into() };
            prop_assert_eq!(Segment::decode(segment.encode().unwrap()), Ok(segment));
        }
    }
}
