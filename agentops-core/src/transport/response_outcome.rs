//! Outcome of a request, derived from the endpoint's response.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, Response, header};
use opentelemetry_http::Bytes;
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceResponse,
};
use prost::Message;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    address_remedies,
    secrets::{RawMessage, Secrets},
};
use crate::config::{DeliveryFailure, Endpoint};

/// Longest pause that the endpoint may ask for.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(300);

/// Outcome of one attempt.
pub(super) enum SendOutcome {
    Accepted(Response<Bytes>),
    /// Temporary failure, to be retried; the endpoint may have asked for a pause.
    Retry {
        error: String,
        after: Option<Duration>,
    },
    /// Permanent refusal, of the configuration or of the payload.
    Refused(DeliveryFailure),
}

/// Classifies an endpoint's response; its message is quoted without these secrets.
pub(super) fn classify(
    endpoint: &Endpoint,
    response: Response<Bytes>,
    secrets: impl FnOnce() -> Secrets,
) -> SendOutcome {
    let status = response.status();
    if status.is_success() {
        return SendOutcome::Accepted(response);
    }
    let said = server_message(&response).map(|message| secrets().quote(&message));
    let said = said.filter(|said| !said.is_empty()).map(|said| format!(": {said}"));
    let said = said.unwrap_or_default();
    let error = format!("`{endpoint}` answered with status {status}");
    match status.as_u16() {
        429 | 502 | 503 | 504 => SendOutcome::Retry {
            error: error + &said,
            after: retry_after(response.headers(), SystemTime::now()),
        },
        300..400 => {
            let error = format!("{error}; redirects are not followed");
            SendOutcome::Refused(DeliveryFailure::Configuration(error))
        }
        number => {
            let error =
                error + &said + address_remedies::of_refusal(endpoint, status, response.body());
            SendOutcome::Refused(match number {
                401 | 403 | 404 | 405 | 407 => DeliveryFailure::Configuration(error),
                _ => DeliveryFailure::Payload(error),
            })
        }
    }
}

/// Partial success: the number of rejected spans of an accepted request, and the endpoint's message.
#[derive(Debug, PartialEq)]
pub(super) struct PartialSuccess {
    pub(super) rejected: u64,
    pub(super) message: RawMessage,
}

/// Returns the `partial_success` of an accepted request; traces and metrics have it in the same field.
pub(super) fn partial_success(response: &Response<Bytes>) -> Option<PartialSuccess> {
    let body = response.body();
    let (rejected, message) = if has_type(response, "json") {
        let answer: JsonResponse<'_> = serde_json::from_slice(body).ok()?;
        let JsonPartial { rejected, error_message } = answer.partial_success?;
        (rejected.map_or(0, count), error_message.and_then(text).unwrap_or_default())
    } else {
        let answer = ExportTraceServiceResponse::decode(body.as_ref()).ok()?;
        let ExportTracePartialSuccess { rejected_spans, error_message } = answer.partial_success?;
        (u64::try_from(rejected_spans).unwrap_or_default(), error_message)
    };
    (rejected > 0 || !message.trim().is_empty())
        .then(|| PartialSuccess { rejected, message: RawMessage::new(message) })
}

/// Response in OTLP/JSON. Its fields are kept as raw JSON: a value of an unexpected type does not invalidate the
/// others, and unused values take no memory.
#[derive(Deserialize)]
struct JsonResponse<'body> {
    #[serde(borrow, rename = "partialSuccess", alias = "partial_success")]
    partial_success: Option<JsonPartial<'body>>,
}

#[derive(Deserialize)]
struct JsonPartial<'body> {
    #[serde(borrow, rename = "rejectedSpans")]
    #[serde(
        alias = "rejected_spans",
        alias = "rejectedDataPoints",
        alias = "rejected_data_points"
    )]
    rejected: Option<&'body RawValue>,
    #[serde(borrow, rename = "errorMessage", alias = "error_message")]
    error_message: Option<&'body RawValue>,
}

/// Parses a number in protobuf's JSON. Integers of 64 bits are strings, but numbers are accepted, too, and
/// integers written as fractions. Negative values are zero.
fn count(value: &RawValue) -> u64 {
    let digits = value.get().trim_matches('"').trim();
    let rounded = || digits.parse::<f64>().unwrap_or_default();
    // The cast saturates.
    digits.parse().unwrap_or_else(|_| rounded() as u64)
}

fn text(value: &RawValue) -> Option<String> {
    serde_json::from_str(value.get()).ok()
}

/// Returns the endpoint's message about a refusal.
fn server_message(response: &Response<Bytes>) -> Option<RawMessage> {
    let body = response.body();
    let said = if has_type(response, "json") {
        let JsonMessage { message, error, detail } = serde_json::from_slice(body).ok()?;
        [message, error, detail].into_iter().flatten().find_map(text)
    } else if has_type(response, "text/plain") {
        Some(String::from_utf8_lossy(body).into_owned())
    } else if has_type(response, "protobuf") {
        // A `google.rpc.Status`, whose code and message have the same field numbers.
        ExportTracePartialSuccess::decode(body.as_ref()).ok().map(|status| status.error_message)
    } else {
        None
    };
    said.map(RawMessage::new)
}

/// Keys under which servers give the reason, in order of preference.
#[derive(Deserialize)]
struct JsonMessage<'body> {
    #[serde(borrow)]
    message: Option<&'body RawValue>,
    #[serde(borrow)]
    error: Option<&'body RawValue>,
    #[serde(borrow)]
    detail: Option<&'body RawValue>,
}

fn has_type(response: &Response<Bytes>, part: &str) -> bool {
    let found = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    found.is_some_and(|found| found.to_ascii_lowercase().contains(part))
}

/// Parses `Retry-After`, in seconds or as a date.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let wish = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    let pause = match wish.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => httpdate::parse_http_date(wish).ok()?.duration_since(now).unwrap_or_default(),
    };
    Some(pause.min(MAX_RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;

    fn answer(status: u16, kind: &str, body: &[u8]) -> Response<Bytes> {
        let response = Response::builder().status(status).header(header::CONTENT_TYPE, kind);
        response.body(Bytes::copy_from_slice(body)).unwrap()
    }

    fn refusal(response: Response<Bytes>) -> String {
        let endpoint = Endpoint("http://u:p@h/v1/traces".parse().unwrap());
        match classify(&endpoint, response, Secrets::default) {
            SendOutcome::Refused(failure) => failure.to_string(),
            SendOutcome::Retry { error, .. } => error,
            SendOutcome::Accepted(_) => "accepted".to_owned(),
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_and_bounded() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        let pause = |wish: &str| {
            let headers = HeaderMap::from_iter([(header::RETRY_AFTER, wish.parse().unwrap())]);
            retry_after(&headers, now).map(|pause| pause.as_secs())
        };
        assert_eq!(
            [
                pause("7"),
                pause(" 0 "),
                pause("Sun, 06 Nov 1994 08:50:07 GMT"),
                pause("Sun, 06 Nov 1994 08:49:00 GMT"),
                pause("86400"),
                pause("1000000000"),
                pause("100000000000000000000000000"),
                pause("Mon, 07 Nov 1994 08:49:37 GMT"),
                pause("soon"),
                pause("-1"),
            ],
            [
                Some(7),
                Some(0),
                Some(30),
                Some(0),
                Some(300),
                Some(300),
                None,
                Some(300),
                None,
                None
            ]
        );
    }

    #[test]
    fn partial_success_is_read_from_protobuf() {
        let partial = |rejected_spans, error_message: &str| ExportTraceServiceResponse {
            partial_success: Some(ExportTracePartialSuccess {
                rejected_spans,
                error_message: error_message.to_owned(),
            }),
        };
        let binary = |rejected, message| {
            let body = partial(rejected, message).encode_to_vec();
            partial_success(&answer(200, "application/x-protobuf", &body))
        };
        let expected = |rejected, message: &str| {
            Some(PartialSuccess { rejected, message: RawMessage::new(message) })
        };
        assert_eq!(binary(3, "too\nold"), expected(3, "too\nold"));
        assert_eq!(binary(0, "slow down"), expected(0, "slow down"));
        assert_eq!(binary(i64::MAX, ""), expected(i64::MAX as u64, ""));
        assert_eq!(binary(-3, ""), None);
        assert_eq!(binary(i64::MIN, "\n"), None);
        assert_eq!(binary(0, ""), None);
    }

    #[test]
    fn partial_success_is_read_from_json() {
        let json = |partial: &str| {
            let body = format!("{{\"other\":[[1]],\"partialSuccess\":{partial}}}");
            let found = partial_success(&answer(200, "application/json", body.as_bytes()));
            found.map(|PartialSuccess { rejected, message }| (rejected, message))
        };
        let rejected = |number: &str| {
            let partial = format!("{{\"rejectedSpans\":{number},\"errorMessage\":\"no\"}}");
            json(&partial).map(|(rejected, _)| rejected)
        };
        for (number, expected) in [
            ("2", 2),
            ("\"2\"", 2),
            ("\" 7 \"", 7),
            ("2.0", 2),
            ("\"1e3\"", 1_000),
            ("\"9223372036854775807\"", 9_223_372_036_854_775_807),
            ("-1", 0),
            ("\"-1\"", 0),
            ("-9223372036854775809", 0),
            ("1e400", u64::MAX),
            ("\"99999999999999999999999999\"", u64::MAX),
            ("\"NaN\"", 0),
            ("\"many\"", 0),
            ("null", 0),
            ("true", 0),
            ("[1]", 0),
            ("{\"low\":1}", 0),
        ] {
            assert_eq!(rejected(number), Some(expected), "{number}");
        }
        let said = |number| Some((number, RawMessage::new("no")));
        let of_metrics = r#"{"rejectedDataPoints":"2","errorMessage":"no"}"#;
        assert_eq!(json(of_metrics), said(2));
        assert_eq!(json(r#"{"rejected_spans":"2","error_message":"no"}"#), said(2));
        assert_eq!(
            json(r#"{"rejectedSpans":"2","errorMessage":7}"#),
            Some((2, RawMessage::new("")))
        );
        for none in ["null", "{}", "[]", "7", r#"{"rejectedSpans":"0"}"#, r#"{"errorMessage":" "}"#]
        {
            assert_eq!(json(none), None, "{none}");
        }
    }

    #[test]
    fn invalid_response_has_no_partial_success() {
        for (kind, body) in [
            ("text/html", &b"<html>hello</html>"[..]),
            ("application/json", b"{"),
            ("application/x-protobuf", &[0xff; 40]),
            ("", b""),
        ] {
            assert_eq!(partial_success(&answer(200, kind, body)), None);
        }
    }

    #[test]
    fn refusal_quotes_the_endpoint() {
        let status = [&[8, 3, 18, 4][..], b"full"].concat();
        let error = "`http://h/v1/traces` answered with status 400 Bad Request";
        for (kind, body, said) in [
            ("application/json", &br#"{"code":3,"message":"full"}"#[..], ": full"),
            ("application/json; charset=utf-8", br#"{"code":3}"#, ""),
            ("text/plain", b"full\r\n\r\n", ": full"),
            ("application/x-protobuf", &status, ": full"),
            ("text/html", b"<html>", ""),
        ] {
            assert_eq!(refusal(answer(400, kind, body)), format!("{error}{said}"));
        }
        let long = refusal(answer(400, "text/plain", &[b'a'; 5_000]));
        assert_eq!(long, format!("{error}: {}…", "a".repeat(300)));
    }

    #[test]
    fn refusal_has_a_remedy() {
        let hinted = |address: &str, status, body: &[u8]| {
            let endpoint = Endpoint(address.parse().unwrap());
            address_remedies::of_refusal(&endpoint, StatusCode::from_u16(status).unwrap(), body)
        };
        let nginx = b"<center>The plain HTTP request was sent to HTTPS port</center>";
        assert_eq!(
            [
                hinted("http://h", 404, b""),
                hinted("http://h", 401, b""),
                hinted("http://h", 400, nginx),
                hinted("https://h", 400, nginx),
                hinted("http://h", 413, b""),
                hinted("http://h:4317", 415, b""),
            ],
            [
                "; check the path of the address",
                "; check the key: `OTEL_EXPORTER_OTLP_HEADERS` goes only to what `OTEL_EXPORTER_OTLP_ENDPOINT` \
                 names, `header` of the builder to any endpoint",
                "; that port speaks TLS: use `https://`",
                "",
                "",
                "; port 4317 is that of gRPC, and this sends OTLP over HTTP: use port 4318",
            ]
        );
    }
}
