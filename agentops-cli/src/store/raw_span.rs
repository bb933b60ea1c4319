//! Span as it stands in a line: borrowed, with its lists raw until somebody reads them.

use std::{borrow::Cow, fmt, marker::PhantomData};

use opentelemetry_proto::tonic::common::v1::AnyValue;
use serde::{
    Deserialize, Deserializer,
    de::{self, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use super::ids::{SessionId, SpanId};

/// Span of a line of OTLP JSON.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct RawSpan<'l> {
    #[serde(borrow)]
    pub(crate) trace_id: Cow<'l, str>,
    #[serde(borrow)]
    pub(crate) span_id: Cow<'l, str>,
    #[serde(borrow)]
    pub(crate) parent_span_id: Cow<'l, str>,
    flags: Integer,
    #[serde(borrow)]
    pub(crate) name: Cow<'l, str>,
    start_time_unix_nano: Integer,
    end_time_unix_nano: Integer,
    #[serde(borrow)]
    attributes: Option<&'l RawValue>,
    #[serde(borrow)]
    events: Option<&'l RawValue>,
    #[serde(borrow)]
    links: Option<&'l RawValue>,
    /// `None` for `null`, which some writers have for a status that is not set.
    #[serde(borrow)]
    status: Option<RawStatus<'l>>,
}

/// Event of a span.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct RawEvent<'l> {
    time_unix_nano: Integer,
    #[serde(borrow)]
    pub(crate) name: Cow<'l, str>,
    #[serde(borrow)]
    attributes: Option<&'l RawValue>,
}

/// Link of a span to another one.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RawLink<'l> {
    #[serde(borrow)]
    trace_id: Cow<'l, str>,
    #[serde(borrow)]
    span_id: Cow<'l, str>,
}

/// Status of a span.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RawStatus<'l> {
    #[serde(borrow)]
    message: Cow<'l, str>,
    code: StatusCode,
}

impl<'l> RawSpan<'l> {
    /// Bit of the flags that marks a parent in another process.
    const PARENT_IS_REMOTE: u64 = 0x200;

    /// Returns `true` if the span is the first one of its process: it has no parent, or one in another process.
    pub(crate) fn is_root(&self) -> bool {
        self.parent_span_id.is_empty() || self.flags.0 & Self::PARENT_IS_REMOTE != 0
    }

    /// Returns the start, in nanoseconds since 1970.
    pub(crate) fn start(&self) -> u64 {
        self.start_time_unix_nano.0
    }

    /// Returns the end, in nanoseconds since 1970.
    pub(crate) fn end(&self) -> u64 {
        self.end_time_unix_nano.0
    }

    /// Returns the message of the error if the span failed; it may be empty.
    pub(crate) fn error(&self) -> Option<&str> {
        let status = self.status.as_ref().filter(|status| status.code == StatusCode::Error)?;
        Some(&status.message)
    }

    /// Returns the trace and the span that the span is linked to, of several links the first.
    pub(crate) fn link(&self) -> Option<(SessionId, SpanId)> {
        let mut first = None;
        for_each_element(self.links, |RawLink { trace_id, span_id }| {
            first = first.or_else(|| Some((trace_id.parse().ok()?, span_id.parse().ok()?)));
        });
        first
    }

    /// Calls `read` with each attribute in turn. Attributes that are no list are none.
    pub(crate) fn for_each_attribute(&self, read: impl FnMut(RawAttribute<'l>)) {
        for_each_element(self.attributes, read);
    }

    /// Returns the events as JSON, or nothing if there are none.
    pub(crate) fn events(&self) -> &'l str {
        self.events.map_or("", RawValue::get)
    }

    /// Calls `read` with each event in turn.
    pub(crate) fn for_each_event(&self, read: impl FnMut(RawEvent<'l>)) {
        for_each_element(self.events, read);
    }
}

impl<'l> RawEvent<'l> {
    /// Returns the time, in nanoseconds since 1970.
    pub(super) fn time(&self) -> u64 {
        self.time_unix_nano.0
    }

    /// Calls `read` with each attribute in turn.
    pub(crate) fn for_each_attribute(&self, read: impl FnMut(RawAttribute<'l>)) {
        for_each_element(self.attributes, read);
    }
}

/// Calls `read` with each element of a list, up to the first that is invalid.
// One at a time: a list of `{}` would take twenty times its length in memory.
pub(super) fn for_each_element<'l, T: Deserialize<'l>>(
    list: Option<&'l RawValue>,
    read: impl FnMut(T),
) {
    if let Some(list) = list {
        let mut list = serde_json::Deserializer::from_str(list.get());
        let _ = list.deserialize_seq(EachElement(read, PhantomData));
    }
}

/// Attribute of a span, with its value raw.
#[derive(Debug, Deserialize)]
pub(crate) struct RawAttribute<'l> {
    #[serde(borrow)]
    pub(crate) key: Cow<'l, str>,
    #[serde(borrow)]
    value: Option<&'l RawValue>,
}

/// Value of an attribute, as far as it is one text or one number.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct RawScalar<'l> {
    #[serde(borrow)]
    string_value: Option<Cow<'l, str>>,
    int_value: Option<Integer>,
    double_value: Option<f64>,
    bool_value: bool,
}

impl<'l> RawAttribute<'l> {
    /// Returns the value as OTLP JSON, or nothing if there is none.
    pub(crate) fn raw(&self) -> &'l str {
        self.value.map_or("", RawValue::get)
    }

    fn scalar(&self) -> RawScalar<'l> {
        let parsed = self.value.map(|value| serde_json::from_str(value.get()));
        parsed.and_then(Result::ok).unwrap_or_default()
    }

    /// Returns the value if it is a text.
    pub(crate) fn text(&self) -> Option<Cow<'l, str>> {
        self.scalar().string_value
    }

    /// Returns the value if it is an integer that is not negative.
    pub(crate) fn integer(&self) -> Option<u64> {
        self.scalar().int_value.map(|Integer(number)| number)
    }

    /// Returns the value if it is a number.
    #[expect(clippy::cast_precision_loss, reason = "an amount of money has fewer digits")]
    pub(crate) fn number(&self) -> Option<f64> {
        let RawScalar { double_value, int_value, .. } = self.scalar();
        double_value.or_else(|| int_value.map(|Integer(number)| number as f64))
    }

    /// Returns `true` if the value is `true`.
    pub(crate) fn is_true(&self) -> bool {
        self.scalar().bool_value
    }

    /// Returns the value whole.
    pub(super) fn any_value(&self) -> Option<AnyValue> {
        self.value.and_then(|value| serde_json::from_str(value.get()).ok())
    }

    /// Returns the texts of a list of texts.
    pub(crate) fn texts(&self) -> Vec<String> {
        #[derive(Default, Deserialize)]
        #[serde(rename_all = "camelCase", default)]
        struct OfList {
            array_value: OfValues,
        }
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct OfValues {
            values: Vec<OfText>,
        }
        #[derive(Default, Deserialize)]
        #[serde(rename_all = "camelCase", default)]
        struct OfText {
            string_value: String,
        }
        let parsed = self.value.map(|value| serde_json::from_str::<OfList>(value.get()));
        let list = parsed.and_then(Result::ok).unwrap_or_default();
        list.array_value.values.into_iter().map(|text| text.string_value).collect()
    }
}

/// Visitor of a list.
struct EachElement<T, F>(F, PhantomData<T>);

impl<'de, T: Deserialize<'de>, F: FnMut(T)> Visitor<'de> for EachElement<T, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        while let Some(element) = list.next_element()? {
            (self.0)(element);
        }
        Ok(())
    }
}

/// Integer of 64 bits, which JSON has as a number or as a string. A negative one counts as zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Integer(pub(super) u64);

/// Code of a status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum StatusCode {
    #[default]
    Other,
    Error,
}

impl<'de> Deserialize<'de> for Integer {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        value
            .deserialize_any(NumberOrText)
            .map(|parsed| Self(parsed.map_or(0, |(number, _)| number)))
    }
}

impl<'de> Deserialize<'de> for StatusCode {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        let parsed = value.deserialize_any(NumberOrText)?;
        Ok(match parsed {
            Some((2, _)) | Some((_, Spelling::Error)) => Self::Error,
            _ => Self::Other,
        })
    }
}

/// Spelling of a status in words, as some writers have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spelling {
    Digits,
    Error,
    Other,
}

/// Visitor of a number or of its digits as a text; `None` for `null`.
struct NumberOrText;

impl Visitor<'_> for NumberOrText {
    type Value = Option<(u64, Spelling)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an integer as a number or a text")
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some((number, Spelling::Digits)))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Some((u64::try_from(number).unwrap_or_default(), Spelling::Digits)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(match text.parse::<i128>() {
            Ok(number) => (u64::try_from(number).unwrap_or_default(), Spelling::Digits),
            Err(_) if text == "STATUS_CODE_ERROR" => (0, Spelling::Error),
            Err(_) => (0, Spelling::Other),
        }))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}
