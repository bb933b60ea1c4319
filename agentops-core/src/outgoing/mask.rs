//! Applies the masks to every text of a span, and of the process that it comes from, before it is exported.
//!
//! ```text
//! attribute ─▶ its value, under its own key ─▶ its key, unless we or the conventions made it ─▶ attribute
//! ```

use std::{borrow::Cow, collections::HashSet, mem};

use opentelemetry::{
    Array, InstrumentationScope, Key, KeyValue, Value,
    trace::{SpanContext, Status, TraceState},
};
use opentelemetry_sdk::{Resource, trace::SpanData};

use crate::{
    mask::{Masks, is_json, quote},
    record::semconv::{
        ADOPTED_FROM, GUARDRAIL_SPEC, INPUT, METADATA_PREFIX, OUTPUT, SESSION_END_STATE, SPAN_KIND,
        is_known,
    },
};

/// Attributes that are always JSON, even if they are a number. A masked value that is no JSON is quoted.
const JSON: [&str; 2] = [INPUT, OUTPUT];

/// Attributes that only agentops and the annotations set. They are not masked: readers identify a span by them.
const VOCABULARY: [&str; 4] = [SPAN_KIND, ADOPTED_FROM, GUARDRAIL_SPEC, SESSION_END_STATE];

// Names by which a mask is given texts that are not attribute values.
const KEY: &str = "key";
const SCOPE: &str = "scope";
const TRACESTATE: &str = "tracestate";

/// Masks a span that has ended, before it is translated, so that everything derived from it is masked, too.
pub(crate) fn mask(span: &mut SpanData, masks: &Masks) {
    if masks.is_empty() {
        return;
    }
    mask_text(&mut span.name, "name", masks);
    if let Status::Error { description } = &mut span.status {
        mask_text(description, "status", masks);
    }
    mask_state(&mut span.span_context, masks);
    span.dropped_attributes_count += mask_attributes(&mut span.attributes, masks);
    for event in &mut span.events.events {
        mask_text(&mut event.name, "event", masks);
        event.dropped_attributes_count += mask_attributes(&mut event.attributes, masks);
    }
    for link in &mut span.links.links {
        mask_state(&mut link.span_context, masks);
        link.dropped_attributes_count += mask_attributes(&mut link.attributes, masks);
    }
}

/// Returns the masked copy of a resource.
pub(crate) fn mask_resource(resource: &Resource, masks: &Masks) -> Resource {
    if masks.is_empty() {
        return resource.clone();
    }
    let attributes = resource.iter().map(|(key, value)| KeyValue::new(key.clone(), value.clone()));
    let mut attributes: Vec<_> = attributes.collect();
    // Sorted, so that the order is the same in every run: of two attributes that become one, the last is kept.
    attributes.sort_by(|one, other| one.key.cmp(&other.key));
    mask_attributes(&mut attributes, masks);
    let schema = resource.schema_url().unwrap_or_default().to_owned();
    Resource::builder_empty().with_schema_url(attributes, schema).build()
}

/// Masks the instrumentation scope of a tracer that is not ours.
pub(crate) fn mask_scope(scope: &mut InstrumentationScope, masks: &Masks) {
    if masks.is_empty() {
        return;
    }
    let shown = |text: &str| masks.text(SCOPE, text).unwrap_or_else(|| text.to_owned());
    let mut attributes: Vec<_> = scope.attributes().cloned().collect();
    mask_attributes(&mut attributes, masks);
    let mut masked = InstrumentationScope::builder(shown(scope.name())).with_attributes(attributes);
    if let Some(version) = scope.version() {
        masked = masked.with_version(shown(version));
    }
    if let Some(url) = scope.schema_url() {
        masked = masked.with_schema_url(url.to_owned());
    }
    *scope = masked.build();
}

fn mask_text(text: &mut Cow<'static, str>, name: &str, masks: &Masks) {
    if let Some(masked) = masks.value(name, text) {
        *text = masked.into();
    }
}

/// Masks the keys and values of a tracestate, which other processes have set. A result that is not a valid tracestate
/// is dropped.
fn mask_state(context: &mut SpanContext, masks: &Masks) {
    let mut is_another = false;
    let mut shown = |text: &str| {
        let masked = masks.text(TRACESTATE, text);
        is_another |= masked.is_some();
        masked.unwrap_or_else(|| text.to_owned())
    };
    let members = context.trace_state().into_iter();
    let members: Vec<_> = members.map(|(key, value)| (shown(key), shown(value))).collect();
    if is_another {
        let state = TraceState::from_key_value(members).unwrap_or_default();
        let (trace, span, flags) = (context.trace_id(), context.span_id(), context.trace_flags());
        *context = SpanContext::new(trace, span, flags, context.is_remote(), state);
    }
}

/// Masks values, then keys. Returns how many attributes were dropped, since each key may occur only once.
fn mask_attributes(attributes: &mut Vec<KeyValue>, masks: &Masks) -> u32 {
    let mut keys = Vec::new();
    for (index, attribute) in attributes.iter_mut().enumerate() {
        mask_value(attribute, masks);
        if let Some(key) = masked_key(attribute.key.as_str(), masks) {
            attribute.key = Key::new(key);
            keys.push(index);
        }
    }
    if keys.is_empty() { 0 } else { drop_masked(attributes, &keys) }
}

fn mask_value(KeyValue { key, value, .. }: &mut KeyValue, masks: &Masks) {
    let texts = match value {
        _ if VOCABULARY.contains(&key.as_str()) => return,
        Value::String(text) => std::slice::from_mut(text),
        Value::Array(Array::String(texts)) => texts,
        _ => return,
    };
    for text in texts {
        if let Some(masked) = masks.value(key.as_str(), text.as_str()) {
            let is_torn = JSON.contains(&key.as_str()) && !is_json(&masked);
            *text = if is_torn { quote(&masked) } else { masked }.into();
        }
    }
}

/// Returns the masked key, if a mask changes it. Of a metadata key only the part after the prefix is masked.
fn masked_key(key: &str, masks: &Masks) -> Option<String> {
    if is_known(key) {
        return None;
    }
    match key.strip_prefix(METADATA_PREFIX) {
        Some(own) => Some(format!("{METADATA_PREFIX}{}", masks.text(KEY, own)?)),
        None => masks.text(KEY, key),
    }
}

/// Drops attributes whose masked key is empty or equals a key that was not masked. Of several masked keys that are
/// the same the last one is kept.
fn drop_masked(attributes: &mut Vec<KeyValue>, masked: &[usize]) -> u32 {
    let all = mem::take(attributes);
    let before = all.len();
    let mut rest: Vec<_> = (0..).zip(all).collect();
    let is_masked = |index: &usize| masked.binary_search(index).is_ok();
    let kept = rest.iter().filter(|(index, _)| !is_masked(index));
    let mut taken: HashSet<Key> = kept.map(|(_, attribute)| attribute.key.clone()).collect();
    rest.reverse();
    rest.retain(|(index, attribute)| {
        !is_masked(index)
            || !attribute.key.as_str().is_empty() && taken.insert(attribute.key.clone())
    });
    rest.reverse();
    attributes.extend(rest.into_iter().map(|(_, attribute)| attribute));
    u32::try_from(before - attributes.len()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{Event, Link, SpanId, TraceFlags, TraceId};

    use super::*;
    use crate::{fixtures::span, mask::MaskedText};

    fn masks(mask: impl Fn(&MaskedText<'_>) -> Option<String> + Send + Sync + 'static) -> Masks {
        let mut masks = Masks::default();
        masks.push(mask);
        masks
    }

    fn hiding() -> Masks {
        masks(|masked| masked.text.contains("SECRET").then(|| masked.text.replace("SECRET", "*")))
    }

    fn told(attributes: &[KeyValue]) -> Vec<String> {
        attributes
            .iter()
            .map(|attribute| format!("{}={}", attribute.key, attribute.value))
            .collect()
    }

    fn attributes(all: &[(&'static str, &'static str)]) -> Vec<KeyValue> {
        all.iter().map(|(key, value)| KeyValue::new(*key, *value)).collect()
    }

    /// Returns the attributes after masking, and how many were dropped.
    fn masked(masks: &Masks, all: &[(&'static str, &'static str)]) -> (Vec<String>, u32) {
        let mut attributes = attributes(all);
        let left_out = mask_attributes(&mut attributes, masks);
        (told(&attributes), left_out)
    }

    fn span_context(state: &[(&str, &str)]) -> SpanContext {
        let state = TraceState::from_key_value(state.iter().copied()).unwrap();
        SpanContext::new(TraceId::from(7), SpanId::from(8), TraceFlags::SAMPLED, true, state)
    }

    #[test]
    fn mask_rewrites_keys_after_metadata_prefix() {
        let all = [("a SECRET", "v"), ("agentops.metadata.SECRET", "SECRET"), ("k", "1")];
        let expected = ["a *=v", "agentops.metadata.*=*", "k=1"].map(str::to_owned).to_vec();
        assert_eq!(masked(&hiding(), &all), (expected, 0));
    }

    #[test]
    fn value_mask_receives_original_key() {
        let masks = masks(|text| match (text.name, text.text) {
            ("SECRET", _) => Some("value".to_owned()),
            ("key", "SECRET") => Some("masked".to_owned()),
            _ => None,
        });
        assert_eq!(masked(&masks, &[("SECRET", "v")]), (vec!["masked=value".to_owned()], 0));
    }

    #[test]
    fn key_mask_skips_reserved_and_convention_keys() {
        let masks = masks(|masked| (masked.attribute == "key").then(|| "x".to_owned()));
        let known = [SPAN_KIND, "gen_ai.usage.input_tokens", "service.name", "session.id"];
        let all = known.map(|key| (key, "v"));
        let expected = known.map(|key| format!("{key}=v")).to_vec();
        assert_eq!(masked(&masks, &all), (expected, 0));
        // A key that only looks like one of them is the program's.
        let own = [("gen_ai.usage.mine", "v"), ("agentops.mine", "w")];
        assert_eq!(masked(&masks, &own), (vec!["x=w".to_owned()], 1));
    }

    #[test]
    fn key_mask_collisions_keep_last_masked_attribute() {
        let all =
            [("SECRET", "1"), ("*", "before"), ("k SECRET", "2"), ("k", "3"), ("k SECRET", "4")];
        let expected = ["*=before", "k=3", "k *=4"].map(str::to_owned).to_vec();
        assert_eq!(masked(&hiding(), &all), (expected, 2));
        let emptied = masks(|masked| (masked.text == "gone").then(String::new));
        assert_eq!(masked(&emptied, &[("gone", "1"), ("k", "2")]), (vec!["k=2".to_owned()], 1));
    }

    #[test]
    fn panicking_mask_hides_every_key() {
        let masks = masks(|text| {
            assert_ne!(text.attribute, "key");
            None
        });
        let expected = ["<mask failed>=2"].map(str::to_owned).to_vec();
        assert_eq!(masked(&masks, &[("a", "1"), ("b", "2")]), (expected, 1));
        assert!(masks.has_failed());
    }

    #[test]
    fn tracestate_is_masked_or_dropped_if_invalid() {
        let state = |masks: &Masks, members: &[(&str, &str)]| {
            let mut span_context = span_context(members);
            mask_state(&mut span_context, masks);
            assert!(
                span_context.is_valid() && span_context.is_sampled() && span_context.is_remote()
            );
            span_context.trace_state().header()
        };
        let secret = [("vendor", "SECRET"), ("other", "1")];
        assert_eq!(state(&hiding(), &secret), "vendor=*,other=1");
        assert_eq!(
            state(&masks(|masked| (masked.text == "vendor").then(|| "v".into())), &secret),
            "v=SECRET,other=1"
        );
        assert_eq!(
            state(&masks(|masked| (masked.text == "SECRET").then(|| "a,b=c".into())), &secret),
            ""
        );
        let panics = masks(|masked| panic!("{}", masked.text));
        assert_eq!(state(&panics, &secret), "");
    }

    #[test]
    fn every_part_of_a_span_is_shown() {
        let mut data = span(1, "SECRET");
        data.name = "SECRET".into();
        data.status = Status::error("SECRET");
        data.span_context = span_context(&[("a", "SECRET")]);
        data.attributes = attributes(&[("SECRET", "SECRET")]);
        let now = data.start_time;
        data.events.events =
            vec![Event::new("SECRET", now, attributes(&[("SECRET", "SECRET")]), 0)];
        let link =
            Link::new(span_context(&[("a", "SECRET")]), attributes(&[("SECRET", "SECRET")]), 0);
        data.links.links = vec![link];
        mask(&mut data, &hiding());
        let told = format!("{data:?}");
        assert!(!told.contains("SECRET") && told.matches('*').count() == 11, "{told}");
    }

    #[test]
    fn mask_covers_resource_and_scope() {
        let all = attributes(&[("service.name", "SECRET"), ("SECRET", "v"), ("k", "v")]);
        let resource = Resource::builder_empty().with_schema_url(all.clone(), "https://s").build();
        let masked = mask_resource(&resource, &hiding());
        let get = |key: &'static str| masked.get(&Key::new(key)).map(|value| value.to_string());
        let expected = ["service.name", "*", "k"].map(get);
        assert_eq!(expected, ["*", "v", "v"].map(|value| Some(value.to_owned())));
        assert_eq!((masked.len(), masked.schema_url()), (3, Some("https://s")));

        let scope = InstrumentationScope::builder("a SECRET").with_version("SECRET");
        let mut scope = scope.with_schema_url("https://s").with_attributes(all).build();
        mask_scope(&mut scope, &hiding());
        let (name, version, url) = (scope.name(), scope.version(), scope.schema_url());
        assert_eq!((name, version, url), ("a *", Some("*"), Some("https://s")));
        let attributes: Vec<_> = scope.attributes().cloned().collect();
        assert_eq!(told(&attributes), ["service.name=*", "*=v", "k=v"]);
    }
}
