//! The recorder's own words have room on a span, however much the program says; what is left out is said.
#![deny(clippy::pedantic)]

use agentops::{
    Message, Tool, Usage, current, current_session, llm,
    opentelemetry::{
        Value,
        trace::{Status, TracerProvider},
    },
    opentelemetry_sdk::trace::{SdkTracerProvider, SpanData},
    session, tool,
};
use agentops_tests::{Recording, attribute, log};
use tracing_subscriber::{layer::SubscriberExt, registry};

/// Records more than a span holds.
fn fill(prefix: &str) {
    for n in 0..130_u8 {
        current().set_attribute(format!("{prefix}.{n}"), n);
        current().event(format!("{prefix} {n}"));
    }
}

/// The values of these keys.
fn told<const N: usize>(span: &SpanData, keys: [&str; N]) -> [Option<String>; N] {
    keys.map(|key| attribute(span, key).map(|value| value.to_string()))
}

fn some<const N: usize>(texts: [&str; N]) -> [Option<String>; N] {
    texts.map(|text| Some(text.to_owned()))
}

#[test]
fn full_span_keeps_usage_output_totals_and_exception() {
    #[tool]
    fn fails() -> Result<u8, String> {
        fill("item");
        Err("after many".to_owned())
    }
    #[tool]
    fn bursts() {
        fill("item");
        current().set_cost(0.5);
        panic!("do not print this in a passing test");
    }
    #[llm(model = "m", capture_input = false)]
    fn asks() -> String {
        fill("doc");
        current()
            .set_usage(Usage::new().input(3).output(4))
            .set_input_messages(&[Message::user("q")])
            .add_tag("cut");
        "answer".to_owned()
    }
    #[session]
    fn filled() {
        fill("meta");
        fails().unwrap_err();
        std::panic::catch_unwind(bursts).unwrap_err();
        asks();
        current_session().unwrap().set_user_id("ann");
        let tool = Tool::start("held");
        tool.in_scope(|| fill("held"));
        tool.set_output("held output").record_error("held error");
    }
    let recording = Recording::global();
    filled();
    let trace = recording.trace_of("filled");
    let [root, fails, bursts, asks, held] = &trace[..] else { panic!("{}", trace.len()) };
    assert_eq!(
        told(
            root,
            [
                "agentops.session.end_state",
                "agentops.session.calls.llm",
                "agentops.session.tokens.input",
                "agentops.session.errors",
                "user.id",
                "output.value",
            ]
        ),
        some(["Success", "1", "3", "3", "ann", "null"])
    );
    for (span, message) in [
        (fails, "after many"),
        (bursts, "do not print this in a passing test"),
        (held, "held error"),
    ] {
        assert_eq!(span.status, Status::error(message));
        assert!(attribute(span, "error.type").is_some(), "{message}");
        let last = span.events.events.last().unwrap();
        assert_eq!((&*last.name, span.events.dropped_count), ("exception", 2), "{message}");
        assert_eq!(span.events.events.len(), 129, "{message}");
        assert!(span.dropped_attributes_count > 0, "{message}");
    }
    assert_eq!(told(bursts, ["agentops.usage.cost_usd"]), some(["0.5"]));
    assert_eq!(told(held, ["output.value"]), some(["held output"]));
    assert_eq!(
        told(
            asks,
            [
                "gen_ai.usage.input_tokens",
                "gen_ai.usage.output_tokens",
                "output.value",
                "agentops.tags"
            ]
        ),
        some(["3", "4", "answer", "[\"cut\"]"])
    );
    assert!(attribute(asks, "gen_ai.input.messages").is_some());
    assert_eq!(
        log::lines_with("more than it can hold").len(),
        1,
        "{:?}",
        log::lines_with("more than it can hold")
    );
}

#[test]
fn last_of_many_values_and_errors_is_kept() {
    #[tool]
    fn reports() -> Result<u8, String> {
        for n in 0..500_i64 {
            current().set_attribute("progress", n).record_error(&format!("try {n}"));
        }
        Err("in the end".to_owned())
    }
    #[session]
    fn reporting() {
        reports().unwrap_err();
    }
    let recording = Recording::global();
    reporting();
    let span = recording.span_of("reporting", "reports");
    assert_eq!(attribute(&span, "progress"), Some(Value::I64(499)));
    assert_eq!(span.dropped_attributes_count, 0);
    assert_eq!(span.status, Status::error("in the end"));
    let last = span.events.events.last().unwrap();
    assert!(last.attributes.iter().any(|it| it.value.as_str() == "in the end"), "{last:?}");
}

#[test]
fn existing_provider_holds_its_own_limits() {
    #[tool]
    fn fails() -> Result<u8, String> {
        fill("item");
        Err("after many".to_owned())
    }
    #[session]
    fn in_their_provider() {
        fails().unwrap_err();
    }
    let recording = Recording::new(|builder| builder);
    let provider = SdkTracerProvider::builder()
        .with_max_attributes_per_span(512)
        .with_max_events_per_span(512)
        .with_span_processor(agentops::span_processor(&recording.core))
        .build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("theirs"));
    tracing::subscriber::with_default(registry().with(layer), in_their_provider);
    let span = recording.span_of("in_their_provider", "fails");
    assert_eq!((span.dropped_attributes_count, span.events.dropped_count), (0, 0));
    assert_eq!(span.status, Status::error("after many"));
    assert_eq!(&*span.events.events.last().unwrap().name, "exception");
}
