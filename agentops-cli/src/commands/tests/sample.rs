//! Store with fixed sessions at a fixed time.

use std::{
    fs::{self, File},
    path::Path,
    time::{Duration, UNIX_EPOCH},
};

use crate::store::fixture::{TestSpan, line};

/// Time of the first session, in nanoseconds since 1970, and the time at which the tests look.
pub(super) const T0: u64 = 1_795_859_196_000_000_000;
pub(super) const NOW: u64 = T0 + 5 * MINUTE;
const MINUTE: u64 = 60 * 1_000_000_000;

/// Messages to a model.
const MESSAGES: &str =
    r#"[{"role":"user","parts":[{"type":"text","content":"What's \u202enew?"}]}]"#;

/// Returns a span of the session with this number that runs from `start` to `end`, in microseconds since it began. Ids
/// up to 15 are their digit, sixteen times.
pub(super) fn span(
    session: u8,
    id: u64,
    parent: u64,
    title: &str,
    [start, end]: [u64; 2],
) -> TestSpan {
    let moment = |micros: u64| T0 + u64::from(session) * MINUTE + micros * 1_000;
    let trace = u128::from_str_radix(&trace(session), 16).unwrap();
    let digits = 0x1111_1111_1111_1111;
    TestSpan::new(trace, id * digits, parent * digits, title).at(moment(start), moment(end))
}

/// Returns the trace id of a session with this number; those of 1 and 17 start with the same digits.
pub(super) fn trace(session: u8) -> String {
    format!("4164892{session:02x}0000000000000000000000{session}").chars().take(32).collect()
}

/// Returns a span of session 1 whose id is this number as it is.
pub(super) fn span_at(id: u64, parent: u64) -> TestSpan {
    let trace = u128::from_str_radix(&trace(1), 16).unwrap();
    TestSpan::new(trace, id, parent, "tool deep").at(T0, T0 + 100_000)
}

/// Adds what a model call records.
fn of_model(span: TestSpan, [input, output]: [u64; 2], usd: f64) -> TestSpan {
    span.text("gen_ai.request.model", "gpt-4o-mini")
        .count("gen_ai.usage.input_tokens", input)
        .count("gen_ai.usage.output_tokens", output)
        .number("agentops.usage.cost_usd", usd)
}

/// Adds the totals of a root: model calls, tool calls, errors, tokens and cost.
fn with_totals(
    root: TestSpan,
    state: &str,
    [llm, tool, errors]: [u64; 3],
    [input, output]: [u64; 2],
    usd: f64,
) -> TestSpan {
    root.text("agentops.session.end_state", state)
        .count("agentops.session.calls.llm", llm)
        .count("agentops.session.calls.tool", tool)
        .count("agentops.session.errors", errors)
        .count("agentops.session.tokens.input", input)
        .count("agentops.session.tokens.output", output)
        .number("agentops.session.cost_usd", usd)
}

/// Writes the file of a session, as if it had been written when the session began.
fn write(dir: &Path, session: u8, lines: &str) {
    let path = dir.join(format!("{}.jsonl", trace(session)));
    fs::write(&path, lines).unwrap();
    let written = UNIX_EPOCH + Duration::from_nanos(T0 + u64::from(session) * MINUTE);
    File::options().append(true).open(path).unwrap().set_modified(written).unwrap();
}

/// Writes a session that has ended: an agent that calls tools and a model, one of which fails.
pub(super) fn write_ask(dir: &Path) {
    let spans = [
        span(1, 3, 2, "tool read_file", [100, 266])
            .failed("no such file: FAQ.md\nwas it renamed?")
            .text("operation.name", "read_file")
            .text("input.value", r#"{"path":"FAQ.md"}"#),
        span(1, 4, 2, "tool search", [300, 190_000]).text("output.value", "3 passages\nfound"),
        span(1, 5, 2, "tool fetch", [190_100, 190_300]),
        span(1, 6, 2, "tool fetch", [190_400, 190_700]),
        span(1, 7, 2, "tool fetch", [190_800, 191_200]),
        span(1, 2, 1, "agent research", [50, 200_000]),
        of_model(span(1, 8, 1, "llm answer", [200_100, 238_000]), [3_790, 61], 0.0031)
            .text("gen_ai.input.messages", r#"[{"role":"user","content":"How do I start?"}]"#),
    ];
    let root = span(1, 1, 0, "session ask", [0, 238_000]);
    let root = with_totals(root, "Success", [1, 5, 1], [3_790, 61], 0.0031);
    let root = root.count("agentops.session.calls.agent", 1);
    write(dir, 1, &(line(&spans) + &line(&[root])));
}

/// Writes a session that did nearly the same a minute before, with another model.
pub(super) fn write_ask_before(dir: &Path) {
    let spans = [
        span(0, 3, 2, "tool read_file", [100, 200])
            .text("operation.name", "read_file")
            .text("input.value", r#"{"path":"README.md"}"#),
        span(0, 4, 2, "tool search", [300, 90_000]).text("output.value", "3 passages\nfound"),
        span(0, 2, 1, "agent research", [50, 200_000]),
        of_model(span(0, 8, 1, "llm answer", [200_100, 220_000]), [2_900, 61], 0.0141)
            .text("gen_ai.response.model", "gpt-4o")
            .text("gen_ai.input.messages", r#"[{"role":"user","content":"How do I begin?"}]"#),
    ];
    let root = span(0, 1, 0, "session ask", [0, 220_000]);
    let root = with_totals(root, "Success", [1, 2, 0], [2_900, 61], 0.0141);
    let root = root.count("agentops.session.calls.agent", 1);
    write(dir, 0, &(line(&spans) + &line(&[root])));
}

/// Writes a session that failed, with a name that would not fit.
pub(super) fn write_failed(dir: &Path) {
    let title = "session nightly report of all customers in every region";
    let root = span(2, 1, 0, title, [0, 192_000_000]).failed("the card was declined");
    let root = with_totals(root, "Failure", [96, 715, 4], [1_200_000, 88_000], 1.84);
    write(dir, 2, &line(&[root]));
}

/// Writes a session without a root.
pub(super) fn write_unfinished(dir: &Path) {
    let spans = [
        span(17, 9, 7, "tool search", [10, 20]).text("gen_ai.agent.name", "research"),
        of_model(span(17, 10, 7, "llm answer", [30, 12_000_000]), [88_100, 4_200], 0.031)
            .text("gen_ai.provider.name", "openai")
            .text("gen_ai.input.messages", MESSAGES),
    ];
    write(dir, 17, &line(&spans));
}
