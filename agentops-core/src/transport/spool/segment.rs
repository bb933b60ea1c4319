//! Request on disk: label, body, and a checksum that detects damage.
//!
//! ```text
//! "agentops" 1 0 0 0 │ CRC-32 of all that follows │ length of the label │ label as JSON │ body
//! ```
//!
//! Numbers are 32-bit little-endian. The body is that of the request: OTLP, compressed or not. Headers with keys
//! are not stored, so that no key is on disk.

use std::io::Read;

use http::{HeaderMap, HeaderName, HeaderValue, Request, header};
use opentelemetry_http::Bytes;
use serde::{Deserialize, Serialize};

use super::otlp_scan::visit_spans;
use crate::config::Endpoint;

/// Content type of a request that is encoded as OTLP.
pub(crate) const PROTOBUF: &str = "application/x-protobuf";

/// Maximum size of a segment; a larger file is invalid.
pub(super) const LONGEST_SEGMENT: u64 = 256 << 20;
pub(super) const MAGIC: [u8; 12] = *b"agentops\x01\0\0\0";
const CHECKED_FROM: usize = MAGIC.len() + 4;
const LABEL_FROM: usize = CHECKED_FROM + 4;
/// Maximum size of a label that is peeked at.
const LONGEST_LABEL: u32 = 4 << 20;

/// Metadata of a body, known without decoding it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
pub(crate) struct Label {
    /// Endpoint it was meant for: an address without user, password and query.
    pub(crate) endpoint: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) content_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) content_encoding: Option<String>,
    pub(crate) spans: u64,
    /// Roots in the body, and other spans recorded as started, as `<trace>-<span>`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) roots: Vec<String>,
}

/// Labelled body of a request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Segment {
    pub(crate) label: Label,
    pub(crate) body: Bytes,
}

/// Reason for which bytes are not a valid segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SegmentDamage {
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
    pub(crate) fn encode(&self) -> Result<Vec<u8>, SegmentDamage> {
        let label = serde_json::to_vec(&self.label).map_err(|_| SegmentDamage::Label)?;
        let label_len = u32::try_from(label.len()).map_err(|_| SegmentDamage::Label)?.to_le_bytes();
        let length = LABEL_FROM.saturating_add(label.len()).saturating_add(self.body.len());
        if length as u64 > LONGEST_SEGMENT {
            return Err(SegmentDamage::Length);
        }
        let mut sum = crc32fast::Hasher::new();
        [&label_len[..], &label, &self.body].iter().for_each(|part| sum.update(part));
        let sum = sum.finalize().to_le_bytes();
        Ok([&MAGIC[..], &sum, &label_len, &label, &self.body].concat())
    }

    pub(crate) fn decode(bytes: Vec<u8>) -> Result<Self, SegmentDamage> {
        let bytes = Bytes::from(bytes);
        if !bytes.starts_with(&MAGIC) {
            return Err(SegmentDamage::Magic);
        }
        let sum = number_at(&bytes, MAGIC.len()).ok_or(SegmentDamage::Checksum)?;
        let label_len = number_at(&bytes, CHECKED_FROM).ok_or(SegmentDamage::Checksum)? as usize;
        if crc32fast::hash(&bytes[CHECKED_FROM..]) != sum {
            return Err(SegmentDamage::Checksum);
        }
        let rest = bytes.slice(LABEL_FROM..);
        let label = rest.get(..label_len).ok_or(SegmentDamage::Label)?;
        let label = serde_json::from_slice(label).map_err(|_| SegmentDamage::Label)?;
        Ok(Self { label, body: rest.slice(label_len..) })
    }

    /// Returns the number of spans: counted in the body or, if that is compressed, as the label states, if possible.
    pub(crate) fn count(&self) -> Result<u64, SegmentDamage> {
        if self.label.content_type.as_deref() == Some(PROTOBUF)
            && self.label.content_encoding.is_none()
        {
            let mut count = 0_u64;
            let read = visit_spans(&self.body, &mut |_| count = count.saturating_add(1));
            return read.map(|()| count).filter(|count| *count > 0).ok_or(SegmentDamage::Body);
        }
        // Each span has an id, which takes at least one byte.
        let most = self.body.len() as u64;
        Some(self.label.spans)
            .filter(|spans| (1..=most).contains(spans))
            .ok_or(SegmentDamage::Count)
    }

    /// Reads the label alone, without its checksum; for messages, not for sending.
    pub(crate) fn peek(mut file: impl Read) -> Option<Label> {
        let mut head = [0; LABEL_FROM];
        file.read_exact(&mut head).ok()?;
        let length = number_at(&head, CHECKED_FROM).filter(|_| head.starts_with(&MAGIC))?;
        let mut label = Vec::new();
        file.take(length.min(LONGEST_LABEL).into()).read_to_end(&mut label).ok()?;
        serde_json::from_slice(&label).ok()
    }

    /// Creates the request to an endpoint.
    pub(crate) fn request(&self, endpoint: &Endpoint) -> Result<Request<Bytes>, http::Error> {
        let mut request = Request::post(&endpoint.0).body(self.body.clone())?;
        *request.headers_mut() = self.label.headers();
        Ok(request)
    }
}

impl Label {
    /// Returns the headers that describe the body.
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
    fn segment_encoding_round_trips() {
        let bytes = segment().encode().unwrap();
        assert_eq!(Segment::decode(bytes), Ok(segment()));
    }

    #[test]
    fn segment_detects_torn_tails_and_flipped_bits() {
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
    fn segment_label_longer_than_the_file_is_refused() {
        let rest = [&u32::MAX.to_le_bytes()[..], b"{}"].concat();
        let sum = crc32fast::hash(&rest).to_le_bytes();
        assert_eq!(Segment::decode([&MAGIC[..], &sum, &rest].concat()), Err(SegmentDamage::Label));
    }

    proptest! {
        #[test]
        fn segment_of_any_bytes_is_read_or_refused(
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
