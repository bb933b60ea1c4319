//! What the far side's answer means for what was sent.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, Response, header};
use opentelemetry_http::Bytes;
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceResponse,
};
use prost::Message;

use super::hint;
use crate::config::Endpoint;

/// The longest pause that the far side may ask for.
const LONGEST_WISH: Duration = Duration::from_secs(300);
/// As much of what the far side says is repeated.
const LONGEST_SAYING: usize = 300;

/// What one attempt came to.
pub(super) enum Attempt {
    Accepted(Response<Bytes>),
    /// Not now; the far side may have said when.
    Later {
        error: String,
        after: Option<Duration>,
    },
    /// Never; unless it was not for the spans but for want of a key, or for the address, which somebody can
    /// put right.
    Refused {
        error: String,
        is_for_the_spans: bool,
    },
}

/// Reads an endpoint's answer.
pub(super) fn judge(endpoint: &Endpoint, response: Response<Bytes>) -> Attempt {
    let status = response.status();
    if status.is_success() {
        return Attempt::Accepted(response);
    }
    let said = saying(&response).map(|said| format!(": {said}")).unwrap_or_default();
    let error = format!("`{endpoint}` answered with status {status}");
    match status.as_u16() {
        429 | 502 | 503 | 504 => Attempt::Later {
            error: error + &said,
            after: retry_after(response.headers(), SystemTime::now()),
        },
        300..400 => {
            let error = format!("{error}; redirects are not followed");
            Attempt::Refused { error, is_for_the_spans: false }
        }
        number => {
            let is_for_the_spans = !matches!(number, 401 | 403 | 404 | 405 | 407);
            let hint = hint::of_refusal(endpoint, status, response.body());
            Attempt::Refused { error: error + &said + hint, is_for_the_spans }
        }
    }
}

/// What the far side did not take of a request that it took, and what it says of it.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Partial {
    pub(super) rejected: u64,
    pub(super) message: String,
}

/// The `partial_success` of an accepted request; traces and metrics have it in the same place.
pub(super) fn partial_success(response: &Response<Bytes>) -> Option<Partial> {
    let body = response.body();
    let answer = if has_type(response, "json") {
        serde_json::from_slice::<ExportTraceServiceResponse>(body).ok()
    } else {
        ExportTraceServiceResponse::decode(body.as_ref()).ok()
    };
    let ExportTracePartialSuccess { rejected_spans, error_message } = answer?.partial_success?;
    let rejected = u64::try_from(rejected_spans).unwrap_or_default();
    let message = presentable(&error_message).unwrap_or_default();
    (rejected > 0 || !message.is_empty()).then_some(Partial { rejected, message })
}

/// Why it was not taken, in the far side's words.
fn saying(response: &Response<Bytes>) -> Option<String> {
    let body = response.body();
    let said = if has_type(response, "json") {
        let json: serde_json::Value = serde_json::from_slice(body).ok()?;
        ["message", "error", "detail"]
            .iter()
            .find_map(|key| Some(json.get(key)?.as_str()?.to_owned()))
    } else if has_type(response, "text/plain") {
        Some(String::from_utf8_lossy(body).into_owned())
    } else if has_type(response, "protobuf") {
        // A `google.rpc.Status`, which has its number and its text where this has its own.
        ExportTracePartialSuccess::decode(body.as_ref()).ok().map(|status| status.error_message)
    } else {
        None
    };
    presentable(&said?)
}

fn has_type(response: &Response<Bytes>, part: &str) -> bool {
    let found = response.headers().get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok());
    found.is_some_and(|found| found.to_ascii_lowercase().contains(part))
}

/// A short line without control characters, if there is anything.
fn presentable(text: &str) -> Option<String> {
    let printable = |letter: char| if letter.is_control() { ' ' } else { letter };
    let line: String = text.trim().chars().map(printable).take(LONGEST_SAYING).collect();
    (!line.is_empty()).then_some(line)
}

/// `Retry-After`, in seconds or as a date.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let wish = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    let pause = match wish.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => httpdate::parse_http_date(wish).ok()?.duration_since(now).unwrap_or_default(),
    };
    Some(pause.min(LONGEST_WISH))
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
        match judge(&Endpoint("http://u:p@h/v1/traces".parse().unwrap()), response) {
            Attempt::Refused { error, .. } | Attempt::Later { error, .. } => error,
            Attempt::Accepted(_) => "accepted".to_owned(),
        }
    }

    #[test]
    fn a_pause_is_read_as_seconds_or_as_a_date_and_is_bounded() {
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
                pause("Mon, 07 Nov 1994 08:49:37 GMT"),
                pause("soon"),
                pause("-1"),
            ],
            [Some(7), Some(0), Some(30), Some(0), Some(300), Some(300), None, None]
        );
    }

    #[test]
    fn what_was_not_taken_is_read_from_either_format() {
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
        let expected = Partial { rejected: 3, message: "too old".to_owned() };
        assert_eq!(binary(3, "too\nold"), Some(expected));
        assert_eq!(binary(0, "slow down").unwrap().rejected, 0);
        assert_eq!(binary(-3, ""), None);
        assert_eq!(binary(0, ""), None);
        let json = br#"{"partialSuccess":{"rejectedSpans":2,"errorMessage":"no"}}"#;
        let expected = Partial { rejected: 2, message: "no".to_owned() };
        assert_eq!(partial_success(&answer(200, "application/json", json)), Some(expected));
    }

    #[test]
    fn an_answer_that_is_none_takes_nothing_back() {
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
    fn the_reason_is_told_in_the_words_of_the_far_side() {
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
        assert_eq!(long.len(), error.len() + 2 + LONGEST_SAYING);
    }

    #[test]
    fn a_refusal_that_somebody_can_mend_has_the_remedy() {
        let hinted = |address: &str, status, body: &[u8]| {
            let endpoint = Endpoint(address.parse().unwrap());
            hint::of_refusal(&endpoint, StatusCode::from_u16(status).unwrap(), body)
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
                "; check the key in `OTEL_EXPORTER_OTLP_HEADERS` or `header`",
                "; that port speaks TLS: use `https://`",
                "",
                "",
                "; port 4317 is that of gRPC, and this sends OTLP over HTTP: use port 4318",
            ]
        );
    }
}
