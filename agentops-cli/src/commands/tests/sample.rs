//! Store with fixed sessions at a fixed time.

use std::{fs, path::Path};

use serde_json::{Value, json};

/// Time of the first session, in nanoseconds since 1970, and the time at which the tests look.
pub(super) const T0: u64 = 1_795_859_196_000_000_000;
pub(super) const NOW: u64 = T0 + 300 * 1_000_000_000;

/// Span as JSON.
#[derive(Clone, Debug)]
pub(super) struct Span(Value);

/// Returns a span of the session with this number that runs from `start` to `end`, in microseconds since it began.
pub(super) fn span(
    session: u8,
    id: u64,
    parent: u64,
    kind: &str,
    name: &str,
    [start, end]: [u64; 2],
) -> Span {
    let moment =
        |micros: u64| (T0 + u64::from(session) * 60_000_000_000 + micros * 1_000).to_string();
    let parent = if parent == 0 { String::new() } else { span_id(parent) };
    let span = json!({
        "traceId": trace(session), "spanId": span_id(id), "parentSpanId": parent,
        "name": name, "startTimeUnixNano": moment(start), "endTimeUnixNano": moment(end),
        "attributes": [], "status": { "code": 0 },
    });
    Span(span).text("agentops.span.kind", kind).text("operation.name", name)
}

/// Returns the id of a span with this number, up to 15: its digit, sixteen times.
pub(super) fn span_id(number: u64) -> String {
    format!("{:016x}", number * 0x1111_1111_1111_1111)
}

/// Returns the trace id of a session with this number; those of 1 and 17 start with the same digits.
pub(super) fn trace(session: u8) -> String {
    format!("4164892{session:02x}0000000000000000000000{session}").chars().take(32).collect()
}

/// Returns a span of session 1 whose id is this number as it is.
pub(super) fn span_at(id: u64, parent: u64) -> Span {
    let mut span = span(1, 1, 0, "tool", "deep", [0, 100]);
    span.0["spanId"] = json!(format!("{id:016x}"));
    span.0["parentSpanId"] =
        json!(if parent == 0 { String::new() } else { format!("{parent:016x}") });
    span
}

impl Span {
    pub(super) fn text(self, key: &str, text: &str) -> Self {
        self.with(key, &json!({ "stringValue": text }))
    }

    pub(super) fn integer(self, key: &str, number: u64) -> Self {
        self.with(key, &json!({ "intValue": number.to_string() }))
    }

    pub(super) fn double(self, key: &str, number: f64) -> Self {
        self.with(key, &json!({ "doubleValue": number }))
    }

    fn with(mut self, key: &str, value: &Value) -> Self {
        if let Some(attributes) = self.0["attributes"].as_array_mut() {
            attributes.push(json!({ "key": key, "value": value }));
        }
        self
    }

    pub(super) fn model(self, [input, output]: [u64; 2], usd: f64) -> Self {
        self.text("gen_ai.request.model", "gpt-4o-mini")
            .integer("gen_ai.usage.input_tokens", input)
            .integer("gen_ai.usage.output_tokens", output)
            .double("agentops.usage.cost_usd", usd)
    }

    pub(super) fn error(mut self, message: &str) -> Self {
        self.0["status"] = json!({ "code": 2, "message": message });
        self
    }

    /// Sets the totals of a root: model calls, tool calls, errors, tokens and cost.
    pub(super) fn totals(
        self,
        state: &str,
        [llm, tool, errors]: [u64; 3],
        tokens: [u64; 2],
        usd: f64,
    ) -> Self {
        self.text("agentops.session.end_state", state)
            .integer("agentops.session.calls.llm", llm)
            .integer("agentops.session.calls.tool", tool)
            .integer("agentops.session.errors", errors)
            .integer("agentops.session.tokens.input", tokens[0])
            .integer("agentops.session.tokens.output", tokens[1])
            .double("agentops.session.cost_usd", usd)
    }
}

/// Returns spans as a line.
pub(super) fn line(spans: &[Span]) -> String {
    let spans: Vec<_> = spans.iter().map(|Span(span)| span).collect();
    let mut line = json!({ "resourceSpans": [{ "scopeSpans": [{ "spans": spans }] }] }).to_string();
    line.push('\n');
    line
}

/// Writes a session that has ended: an agent that calls tools and a model, one of which fails.
pub(super) fn write_ask(dir: &Path) {
    let spans = [
        span(1, 3, 2, "tool", "read_file", [100, 266])
            .error("no such file: FAQ.md\nwas it renamed?")
            .text("input.value", r#"{"path":"FAQ.md"}"#),
        span(1, 4, 2, "tool", "search", [300, 190_000]).text("output.value", "3 passages\nfound"),
        span(1, 5, 2, "tool", "fetch", [190_100, 190_300]),
        span(1, 6, 2, "tool", "fetch", [190_400, 190_700]),
        span(1, 7, 2, "tool", "fetch", [190_800, 191_200]),
        span(1, 2, 1, "agent", "research", [50, 200_000]),
        span(1, 8, 1, "llm", "answer", [200_100, 238_000]).model([3_790, 61], 0.0031),
    ];
    let root = span(1, 1, 0, "session", "ask", [0, 238_000]).totals(
        "Success",
        [1, 5, 1],
        [3_790, 61],
        0.0031,
    );
    fs::write(dir.join(format!("{}.jsonl", trace(1))), line(&spans) + &line(&[root])).unwrap();
}

/// Writes a session that failed, with a name that would not fit.
pub(super) fn write_failed(dir: &Path) {
    let name = "nightly report of all customers in every region";
    let root = span(2, 1, 0, "session", name, [0, 192_000_000])
        .error("the card was declined")
        .totals("Failure", [96, 715, 4], [1_200_000, 88_000], 1.84);
    fs::write(dir.join(format!("{}.jsonl", trace(2))), line(&[root])).unwrap();
}

/// Writes a session without a root.
pub(super) fn write_unfinished(dir: &Path) {
    let spans = [
        span(17, 9, 7, "tool", "search", [10, 20]).text("gen_ai.agent.name", "research"),
        span(17, 10, 7, "llm", "answer", [30, 12_000_000]).model([88_100, 4_200], 0.031),
    ];
    fs::write(dir.join(format!("{}.jsonl", trace(17))), line(&spans)).unwrap();
}
