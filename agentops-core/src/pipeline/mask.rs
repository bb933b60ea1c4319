//! Every text of a span, shown to the masks before anybody else sees it.

use std::borrow::Cow;

use opentelemetry::{Array, KeyValue, Value, trace::Status};
use opentelemetry_sdk::trace::SpanData;

use crate::{
    mask::{Masks, is_json, quote},
    semconv::{ADOPTED_FROM, GUARDRAIL_SPEC, INPUT, OUTPUT, SESSION_END_STATE, SPAN_KIND},
};

/// What is JSON even where it is a number.
const JSON: [&str; 2] = [INPUT, OUTPUT];

/// What only we and the code itself write: readers would not know the span any more.
const VOCABULARY: [&str; 4] = [SPAN_KIND, ADOPTED_FROM, GUARDRAIL_SPEC, SESSION_END_STATE];

/// Masks a span that has ended, before it is translated: all that is derived from it is masked, too.
pub(crate) fn mask(span: &mut SpanData, masks: &Masks) {
    if masks.is_empty() {
        return;
    }
    mask_text(&mut span.name, "name", masks);
    if let Status::Error { description } = &mut span.status {
        mask_text(description, "status", masks);
    }
    mask_attributes(&mut span.attributes, masks);
    for event in &mut span.events.events {
        mask_text(&mut event.name, "event", masks);
        mask_attributes(&mut event.attributes, masks);
    }
    span.links.links.iter_mut().for_each(|link| mask_attributes(&mut link.attributes, masks));
}

fn mask_text(text: &mut Cow<'static, str>, name: &str, masks: &Masks) {
    if let Some(masked) = masks.value(name, text) {
        *text = masked.into();
    }
}

fn mask_attributes(attributes: &mut [KeyValue], masks: &Masks) {
    for KeyValue { key, value, .. } in attributes {
        let texts = match value {
            _ if VOCABULARY.contains(&key.as_str()) => continue,
            Value::String(text) => std::slice::from_mut(text),
            Value::Array(Array::String(texts)) => texts,
            _ => continue,
        };
        for text in texts {
            if let Some(masked) = masks.value(key.as_str(), text.as_str()) {
                let is_torn = JSON.contains(&key.as_str()) && !is_json(&masked);
                *text = if is_torn { quote(&masked) } else { masked }.into();
            }
        }
    }
}
