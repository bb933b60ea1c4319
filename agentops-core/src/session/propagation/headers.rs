//! Traits for headers that are read and written: `http::HeaderMap`, and every carrier of OpenTelemetry.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::propagation::{Extractor, Injector};

/// Headers that [`extract`](crate::extract) reads: an [`http::HeaderMap`], or any [`Extractor`], such as a
/// `HashMap<String, String>`.
///
/// Several values of one name are joined by commas, as W3C Trace Context and Baggage define it.
#[diagnostic::on_unimplemented(
    message = "no headers can be read from `{Self}`",
    note = "pass an `http::HeaderMap` (of `http` 1), a `HashMap<String, String>`, or a type that implements \
            `agentops::Extractor`"
)]
pub trait Headers<Via> {
    #[doc(hidden)]
    fn header(&self, name: &str) -> Option<Cow<'_, str>>;
}

/// Headers that [`inject`](crate::inject) writes: an [`http::HeaderMap`], or any [`Injector`], such as a
/// `HashMap<String, String>`.
#[diagnostic::on_unimplemented(
    message = "no headers can be written to `{Self}`",
    note = "pass an `http::HeaderMap` (of `http` 1), a `HashMap<String, String>`, or a type that implements \
            `agentops::Injector`"
)]
pub trait HeadersMut<Via> {
    #[doc(hidden)]
    fn set_header(&mut self, name: &str, value: String);
}

/// Marker of the implementations through OpenTelemetry's traits.
#[doc(hidden)]
#[derive(Debug)]
pub enum ViaOpenTelemetry {}

/// Marker of the implementations for `http::HeaderMap`. The separate marker avoids a conflict if OpenTelemetry
/// implements its traits for that type one day.
#[doc(hidden)]
#[derive(Debug)]
pub enum ViaHttp {}

impl<T: Extractor + ?Sized> Headers<ViaOpenTelemetry> for T {
    fn header(&self, name: &str) -> Option<Cow<'_, str>> {
        joined(self.get_all(name)?.into_iter().map(Cow::Borrowed))
    }
}

impl<T: Injector + ?Sized> HeadersMut<ViaOpenTelemetry> for T {
    fn set_header(&mut self, name: &str, value: String) {
        self.set(name, value);
    }
}

impl Headers<ViaHttp> for HeaderMap {
    /// Decodes values lossily: one that is not UTF-8 becomes malformed, and is then rejected.
    fn header(&self, name: &str) -> Option<Cow<'_, str>> {
        let values = self.get_all(name).into_iter();
        joined(values.map(|value| String::from_utf8_lossy(value.as_bytes())))
    }
}

impl HeadersMut<ViaHttp> for HeaderMap {
    /// Drops a name or value that is not valid in a header, as OpenTelemetry's injector does.
    fn set_header(&mut self, name: &str, value: String) {
        let header = HeaderName::from_bytes(name.as_bytes()).ok();
        if let (Some(name), Ok(value)) = (header, HeaderValue::try_from(value)) {
            self.insert(name, value);
        }
    }
}

fn joined<'a>(mut values: impl Iterator<Item = Cow<'a, str>>) -> Option<Cow<'a, str>> {
    let first = values.next()?;
    Some(values.fold(first, |all, value| {
        let mut all = all.into_owned();
        all.push(',');
        all.push_str(&value);
        Cow::Owned(all)
    }))
}

/// Propagation headers of a received request.
#[derive(Debug)]
pub(super) struct ReceivedHeaders<'a> {
    headers: [(&'static str, Option<Cow<'a, str>>); 3],
}

impl<'a> ReceivedHeaders<'a> {
    pub(super) fn read<Via>(headers: &'a (impl Headers<Via> + ?Sized)) -> Self {
        let names = ["traceparent", "tracestate", "baggage"];
        Self { headers: names.map(|name| (name, headers.header(name))) }
    }
}

impl Extractor for ReceivedHeaders<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(name, _)| *name == key)?;
        value.as_deref()
    }

    fn keys(&self) -> Vec<&str> {
        self.headers.iter().filter(|(_, value)| value.is_some()).map(|(name, _)| *name).collect()
    }
}

/// Propagation headers for a request, independent of the carrier.
#[derive(Debug, Default)]
pub(super) struct RequestHeaders(Vec<(String, String)>);

impl RequestHeaders {
    pub(super) fn write<Via>(self, headers: &mut (impl HeadersMut<Via> + ?Sized)) {
        self.0.into_iter().for_each(|(name, value)| headers.set_header(&name, value));
    }
}

impl Injector for RequestHeaders {
    fn set(&mut self, key: &str, value: String) {
        self.0.push((key.to_owned(), value));
    }
}
