use std::time::Duration;

use opentelemetry::{TraceFlags, TraceId, trace::TraceState};
use opentelemetry_proto::{
    tonic::collector::trace::v1::ExportTraceServiceRequest,
    transform::trace::tonic::group_spans_by_resource_and_scope,
};
use opentelemetry_sdk::trace::{SpanEvents, SpanLinks};
use proptest::{collection::vec, prelude::*};
use prost::Message;

use super::*;

/// Returns the request that the official conversion makes of these spans.
fn official(spans: &[SpanData], resource: &Resource) -> ExportTraceServiceRequest {
    let resource_spans = group_spans_by_resource_and_scope(spans.to_vec(), &resource.into());
    ExportTraceServiceRequest { resource_spans }
}

fn any_value() -> impl Strategy<Value = Value> {
    let number = prop_oneof![Just(0.0), Just(-0.0), -1e300..1e300, Just(f64::INFINITY)];
    prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        number.clone().prop_map(Value::from),
        any_text().prop_map(Value::from),
        any_array(number).prop_map(Value::Array),
    ]
}

fn any_array(number: impl Strategy<Value = f64>) -> impl Strategy<Value = Array> {
    let texts = any_text().prop_map(Into::into);
    prop_oneof![
        vec(any::<bool>(), 0..4).prop_map(Array::Bool),
        vec(any::<i64>(), 0..4).prop_map(Array::I64),
        vec(number, 0..4).prop_map(Array::F64),
        vec(texts, 0..4).prop_map(Array::String),
    ]
}

/// Generates mostly short texts, and some whose length takes two or three bytes.
fn any_text() -> impl Strategy<Value = String> {
    let long = prop_oneof![100..140_usize, 16_370..16_390_usize];
    prop_oneof![9 => ".{0,12}", 1 => long.prop_map(|length| "x".repeat(length))]
}

fn any_attributes() -> impl Strategy<Value = Vec<KeyValue>> {
    let attribute =
        (any_text(), any_value()).prop_map(|(key, value)| KeyValue::new(format!("k{key}"), value));
    vec(attribute, 0..4)
}

fn any_time() -> impl Strategy<Value = SystemTime> {
    prop_oneof![
        any::<u64>().prop_map(|nanos| UNIX_EPOCH + Duration::from_nanos(nanos)),
        Just(UNIX_EPOCH - Duration::from_secs(1)),
    ]
}

fn any_context() -> impl Strategy<Value = SpanContext> {
    let state = prop_oneof![
        Just(TraceState::default()),
        Just(TraceState::from_key_value([("a", "1"), ("b", "2")]).unwrap()),
    ];
    (any::<u128>(), any::<u64>(), any::<u8>(), any::<bool>(), state).prop_map(
        |(trace, span, flags, is_remote, state)| {
            let (trace, span) = (TraceId::from(trace), SpanId::from(span));
            SpanContext::new(trace, span, TraceFlags::new(flags), is_remote, state)
        },
    )
}

fn any_events() -> impl Strategy<Value = SpanEvents> {
    let event = (any_text(), any_time(), any_attributes(), 0..2_u32)
        .prop_map(|(name, time, attributes, dropped)| Event::new(name, time, attributes, dropped));
    (vec(event, 0..3), 0..2_u32).prop_map(|(list, dropped)| {
        let mut events = SpanEvents::default();
        (events.events, events.dropped_count) = (list, dropped);
        events
    })
}

fn any_links() -> impl Strategy<Value = SpanLinks> {
    let link = (any_context(), any_attributes(), any::<u32>())
        .prop_map(|(context, attributes, dropped)| Link::new(context, attributes, dropped));
    (vec(link, 0..3), any::<u32>()).prop_map(|(list, dropped)| {
        let mut links = SpanLinks::default();
        (links.links, links.dropped_count) = (list, dropped);
        links
    })
}

fn any_status() -> impl Strategy<Value = Status> {
    let error = any_text().prop_map(Status::error);
    prop_oneof![Just(Status::Unset), Just(Status::Ok), error]
}

/// Generates one of a few scopes, so that spans share them, consecutive or not.
fn any_scope() -> impl Strategy<Value = InstrumentationScope> {
    (0..4_usize, any::<bool>()).prop_map(|(number, is_more)| {
        let scope = InstrumentationScope::builder(["", "a", "b", "b"][number]);
        let attributes = [KeyValue::new("n", number as i64)];
        match is_more {
            true => scope.with_version("1").with_schema_url("s").with_attributes(attributes),
            false => scope,
        }
        .build()
    })
}

fn any_kind() -> impl Strategy<Value = SpanKind> {
    use SpanKind::{Client, Consumer, Internal, Producer, Server};
    prop::sample::select(vec![Client, Consumer, Internal, Producer, Server])
}

fn any_span() -> impl Strategy<Value = SpanData> {
    let place = (any_context(), prop_oneof![Just(0), any::<u64>()], any::<bool>());
    let times = (any_time(), any_time());
    let more = (any_events(), any_links(), any_status(), any_scope());
    let about = (any_kind(), any_text(), any_attributes(), 0..2_u32);
    (place, times, about, more).prop_map(|(place, times, about, more)| {
        let (span_context, parent, parent_span_is_remote) = place;
        let (start_time, end_time) = times;
        let (span_kind, name, attributes, dropped_attributes_count) = about;
        let (events, links, status, instrumentation_scope) = more;
        SpanData {
            span_context,
            parent_span_id: SpanId::from(parent),
            parent_span_is_remote,
            span_kind,
            name: name.into(),
            start_time,
            end_time,
            attributes,
            dropped_attributes_count,
            events,
            links,
            status,
            instrumentation_scope,
        }
    })
}

fn any_resource() -> impl Strategy<Value = Resource> {
    let schema = prop_oneof![Just(""), Just("https://opentelemetry.io/schemas/1.41.1")];
    (any_attributes(), schema).prop_map(|(attributes, url)| {
        Resource::builder_empty().with_schema_url(attributes, url).build()
    })
}

proptest! {
    #[test]
    fn request_encoding_matches_official_conversion(
        spans in vec(any_span(), 0..4),
        resource in any_resource(),
    ) {
        let mut request = Request::of_about(spans.len());
        spans.iter().for_each(|span| request.add(span));
        let body = request.finish(&resource);
        let expected = official(&spans, &resource);
        prop_assert_eq!(body.len(), expected.encoded_len(), "no byte is wasted");
        prop_assert_eq!(ExportTraceServiceRequest::decode(&body[..]), Ok(expected));
    }
}
