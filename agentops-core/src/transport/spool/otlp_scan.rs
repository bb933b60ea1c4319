//! Partial protobuf reader: finds the spans of an encoded request, and changes the end of one.
//!
//! Nothing is decoded and nothing is allocated, whatever lengths the bytes claim.

use std::ops::Range;

/// Field numbers on the path to a span: `resource_spans`, `scope_spans`, `spans`.
const PATH_TO_SPANS: [u64; 3] = [1, 2, 2];
/// Field numbers of a span's start and end, in nanoseconds since 1970.
const START: u64 = 7;
const END: u64 = 8;

/// Calls `found` with the range of each span of a request; returns `None` if it is not a request.
pub(super) fn visit_spans(request: &[u8], found: &mut dyn FnMut(Range<usize>)) -> Option<()> {
    visit(request, 0..request.len(), &PATH_TO_SPANS, found)
}

fn visit(
    bytes: &[u8],
    message: Range<usize>,
    way: &[u64],
    found: &mut dyn FnMut(Range<usize>),
) -> Option<()> {
    let [number, way @ ..] = way else {
        found(message);
        return Some(());
    };
    let mut fields = Fields { bytes, rest: message };
    while !fields.rest.is_empty() {
        let field = fields.field()?;
        if field.number == *number {
            visit(bytes, field.of_kind(Kind::Bytes)?, way, found)?;
        }
    }
    Some(())
}

/// Sets the end of a span to a moment, or to its start if that is later; returns `None` if it has no end field.
pub(super) fn end_span_at(bytes: &mut [u8], span: Range<usize>, moment: u64) -> Option<()> {
    let (mut start, mut end) = (0, None);
    let mut fields = Fields { bytes, rest: span };
    while !fields.rest.is_empty() {
        let field = fields.field()?;
        match field.number {
            START => start = fields.fixed64(field.of_kind(Kind::Fixed64)?)?,
            END => end = Some(field.of_kind(Kind::Fixed64)?),
            _ => {}
        }
    }
    bytes.get_mut(end?)?.copy_from_slice(&moment.max(start).to_le_bytes());
    Some(())
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Varint,
    Fixed64,
    Bytes,
    Fixed32,
}

/// Field with the range of its value.
struct Field {
    number: u64,
    kind: Kind,
    value: Range<usize>,
}

impl Field {
    fn of_kind(self, kind: Kind) -> Option<Range<usize>> {
        (self.kind == kind).then_some(self.value)
    }
}

/// Reader of the remaining fields of a message.
struct Fields<'b> {
    bytes: &'b [u8],
    rest: Range<usize>,
}

impl Fields<'_> {
    fn field(&mut self) -> Option<Field> {
        let key = self.varint()?;
        let start = self.rest.start;
        let (kind, value) = match key & 7 {
            0 => {
                self.varint()?;
                (Kind::Varint, start..self.rest.start)
            }
            1 => (Kind::Fixed64, self.skip(8)?),
            2 => {
                let length = self.varint()?;
                (Kind::Bytes, self.skip(length)?)
            }
            5 => (Kind::Fixed32, self.skip(4)?),
            _ => return None,
        };
        Some(Field { number: key >> 3, kind, value })
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = *self.bytes.get(self.rest.next()?)?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn skip(&mut self, length: u64) -> Option<Range<usize>> {
        let end = self.rest.start.checked_add(usize::try_from(length).ok()?)?;
        let skipped = (end <= self.rest.end).then_some(self.rest.start..end)?;
        self.rest.start = end;
        Some(skipped)
    }

    fn fixed64(&self, value: Range<usize>) -> Option<u64> {
        self.bytes.get(value)?.try_into().ok().map(u64::from_le_bytes)
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::{
        collector::trace::v1::ExportTraceServiceRequest,
        common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value::Value},
        resource::v1::Resource,
        trace::v1::{ResourceSpans, ScopeSpans, Span},
    };
    use proptest::prelude::*;
    use prost::Message;

    use super::*;

    fn count(request: &[u8]) -> Option<usize> {
        let mut count = 0;
        visit_spans(request, &mut |_| count += 1).map(|()| count)
    }

    fn span(start: u64, end: u64) -> Span {
        let value = Some(AnyValue { value: Some(Value::StringValue("\u{1}".repeat(300))) });
        Span {
            trace_id: vec![1; 16],
            span_id: vec![2; 8],
            name: "tick".to_owned(),
            start_time_unix_nano: start,
            end_time_unix_nano: end,
            attributes: vec![KeyValue { key: "k".to_owned(), value, ..KeyValue::default() }],
            ..Span::default()
        }
    }

    /// Creates a request with this many spans in each scope of each resource.
    fn request(resources: &[Vec<usize>]) -> ExportTraceServiceRequest {
        let scope = |spans: &usize| ScopeSpans {
            scope: Some(InstrumentationScope { name: "s".to_owned(), ..Default::default() }),
            spans: vec![span(5, 6); *spans],
            schema_url: "u".to_owned(),
        };
        let resource = |scopes: &Vec<usize>| ResourceSpans {
            resource: Some(Resource::default()),
            scope_spans: scopes.iter().map(scope).collect(),
            schema_url: "u".to_owned(),
        };
        ExportTraceServiceRequest { resource_spans: resources.iter().map(resource).collect() }
    }

    #[test]
    fn span_end_is_set_and_nothing_else() {
        for (moment, end) in [(9, 9), (5, 5), (3, 5), (u64::MAX, u64::MAX)] {
            let mut bytes = request(&[vec![1]]).encode_to_vec();
            let mut place = 0..0;
            visit_spans(&bytes, &mut |span| place = span).unwrap();
            assert_eq!(end_span_at(&mut bytes, place, moment), Some(()));
            let mut expected = request(&[vec![1]]);
            expected.resource_spans[0].scope_spans[0].spans[0].end_time_unix_nano = end;
            assert_eq!(ExportTraceServiceRequest::decode(&*bytes), Ok(expected));
        }
    }

    #[test]
    fn end_span_at_skips_span_without_end_field() {
        let mut bytes = span(5, 0).encode_to_vec();
        let all = 0..bytes.len();
        assert_eq!(end_span_at(&mut bytes, all, 9), None);
    }

    #[test]
    fn request_with_wrong_lengths_or_fields_is_refused() {
        let longest = [&[0x0a][..], &[0xff; 9], &[1]].concat();
        for bytes in [&[0x0a][..], &[0x0a, 1], &longest, &[0x08, 1], &[0x0b], &[0xff; 11]] {
            assert_eq!(count(bytes), None, "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn spans_are_counted_wherever_they_are(
            resources in prop::collection::vec(prop::collection::vec(0_usize..4, 0..4), 0..4),
        ) {
            let expected = resources.iter().flatten().sum();
            prop_assert_eq!(count(&request(&resources).encode_to_vec()), Some(expected));
        }

        #[test]
        fn request_spans_are_counted_as_prost_does(
            resources in prop::collection::vec(prop::collection::vec(0_usize..3, 0..3), 0..3),
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
            rest: Vec<u8>,
        ) {
            let mut bytes = [request(&resources).encode_to_vec(), rest].concat();
            let length = bytes.len();
            for (place, byte) in changes.iter().filter(|_| length > 0) {
                bytes[place.index(length)] = *byte;
            }
            let counted = count(&bytes);
            if let Ok(request) = ExportTraceServiceRequest::decode(&*bytes) {
                let scopes = request.resource_spans.iter().flat_map(|resource| &resource.scope_spans);
                let spans: usize = scopes.map(|scope| scope.spans.len()).sum();
                // Groups, which are obsolete and not written, are refused.
                prop_assert!(counted.is_none_or(|counted| counted == spans));
            }
            let all = 0..bytes.len();
            let _ = end_span_at(&mut bytes, all, 1);
        }
    }
}
