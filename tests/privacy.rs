//! Content that a program wants to hide is seen nowhere: not by a collector, in no file, on no screen.
//!
//! A program in a process of its own says a word in every way in which something can be said, and everything
//! that leaves the process is searched for it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    collections::HashMap,
    fs,
    panic::catch_unwind,
    path::{Path, PathBuf},
    process::Output,
    time::{Duration, Instant},
};

use agentops::{
    EndState, ForeignSpans, LlmRequest, LlmResponse, MaskedText, Message, Session, ToLlmResponse,
    Tool, TracingConfig, TracingConfigBuilder, Usage, agent, current, extract, llm, session, tool,
    tracing::{field::Empty, info_span},
};
use agentops_tests::{
    collector::{Collector, closed_port},
    process::{contain, files_below, part, play},
};
use futures_util::{FutureExt, Stream, StreamExt, stream};
use serde_json::json;

const WORD: &str = "jabberwocky";
const MASKED: &str = "<monster>";

struct Answer;

impl ToLlmResponse for Answer {
    fn to_llm_response(&self) -> LlmResponse {
        LlmResponse::new().text(WORD).usage(Usage::new().input(1).output(1))
    }
}

/// Speaks the word where content belongs.
#[session]
fn speak(word: &str) -> String {
    research(word.to_owned());
    let tool = Tool::start("by hand");
    tool.set_input(word).set_output(&[word]);
    tool.end(EndState::Success);
    stream(word).collect::<Vec<_>>().now_or_never().unwrap();
    frameworks(word);
    word.to_owned()
}

#[agent]
fn research(word: String) -> Vec<String> {
    current().set_input(&json!({"asked": word})).set_output(&word);
    ask(&word);
    vec![word]
}

#[llm(model = "m")]
fn ask(prompt: &str) -> Answer {
    current()
        .set_request(&LlmRequest::new().temperature(0.5))
        .set_system_instructions(prompt)
        .set_input_messages(&[Message::user(prompt)])
        .set_tool_definitions(
            &json!([{"type": "function", "function": {"name": "t", "description": prompt}}]),
        );
    Answer
}

#[tool]
fn stream(word: &str) -> impl Stream<Item = String> + use<> {
    stream::iter([word.to_owned(), word.to_owned()])
}

/// Fields that frameworks are known to write, and some that nobody knows.
fn frameworks(word: &str) {
    let chat = info_span!(
        target: "rig::agent_chat",
        "chat",
        gen_ai.operation.name = "chat",
        gen_ai.input.messages = Empty,
        "gen_ai.prompt.0.content" = word,
        input.value = word,
    );
    let messages = json!([{"role": "user", "content": word}]).to_string();
    chat.record("gen_ai.input.messages", messages.as_str());
    chat.in_scope(|| info_span!("add_message", message = word).in_scope(|| {}));
    let tool = info_span!(
        target: "rig_agent::agent::telemetry",
        "execute_tool",
        gen_ai.operation.name = "execute_tool",
        gen_ai.tool.name = "t",
        gen_ai.tool.call.arguments = word,
        gen_ai.tool.call.result = word,
        what = ?word,
    );
    tool.in_scope(|| {});
}

/// Speaks the word in every other way, too.
fn speak_out(word: &'static str) {
    let session = Session::builder(word)
        .session_id(word)
        .user_id(word)
        .tags([word])
        .metadata("k", word)
        .metadata(word, "v")
        .start();
    session.in_scope(|| {
        let tool = Tool::start(word);
        tool.in_scope(|| {
            current().set_attribute("k", format!("one {word}")).add_tag(word).event(word);
            current().set_attribute(word, "v").set_attribute(format!("{word} twice"), 1);
            current().record_error(word);
        });
        tool.end(EndState::Success);
        let _ = fail(word);
        let _ = catch_unwind(|| panic_of(word));
    });
    session.end(EndState::Success);
    called_by(word);
}

/// A stranger says the word, too: in its baggage, and in what it says of the trace.
fn called_by(word: &str) {
    let header = |name: &str, value: String| (name.to_owned(), value);
    let headers = HashMap::from([
        header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned()),
        header("tracestate", format!("vendor={word},{word}=1")),
        header("baggage", format!("session.id={word},user.id={word},{word}={word}")),
    ]);
    extract(&headers).in_scope(|| {
        Tool::start("called").end(EndState::Success);
        Session::start("linked").end(EndState::Success);
    });
}

#[tool(skip_all)]
fn fail(word: &str) -> Result<(), String> {
    Err(format!("no {word}"))
}

#[tool(skip_all)]
fn panic_of(word: &str) {
    panic!("oh, {word}");
}

/// Speaks in a session that is on disk and does not end.
fn die_in_session(spool: &Path) {
    let session = Session::builder(WORD).user_id(WORD).metadata(WORD, WORD).start();
    let until = Instant::now() + Duration::from_secs(60);
    while journal(spool).is_none() {
        assert!(Instant::now() < until, "the session does not reach the disk");
        std::thread::sleep(Duration::from_millis(1));
    }
    std::mem::forget(session);
    std::process::abort();
}

/// The file of the one session that is open.
fn journal(spool: &Path) -> Option<PathBuf> {
    let mut files = files_below(spool).into_iter();
    let is_whole = |file: &PathBuf| file.extension().is_none() && !file.ends_with(".gitignore");
    files.find(|file| file.parent().is_some_and(|it| it.ends_with("open")) && is_whole(file))
}

fn config() -> TracingConfigBuilder {
    TracingConfig::builder().foreign_spans(ForeignSpans::All)
}

fn masking() -> TracingConfigBuilder {
    config()
        .service_name(WORD)
        .resource_attribute(WORD, format!("one {WORD}"))
        .mask(|it: &MaskedText<'_>| it.text.contains(WORD).then(|| it.text.replace(WORD, MASKED)))
}

#[test]
#[ignore = "a part of the other tests, played in a process of its own"]
fn plays_its_part() {
    let part = part();
    let config = match part.as_str() {
        "speak" => config(),
        "masked" | "die" => masking(),
        other => panic!("no part `{other}`"),
    };
    // The word that a panic says is not ours to keep from the screen.
    std::panic::set_hook(Box::new(|_| {}));
    let guard = agentops::init_with(config.build().unwrap()).unwrap();
    if part == "die" {
        die_in_session(Path::new(&std::env::var("AGENTOPS_SPOOL_DIR").unwrap()));
    }
    speak(WORD);
    if part != "speak" {
        speak_out(WORD);
    }
    let _ = guard.shutdown();
}

/// Whatever leaves a process that plays this part, whichever way: as one text.
fn everything(part: &str, variables: &[(&str, &str)]) -> String {
    let all = [("AGENTOPS_DIALECT", "agentops,openinference"), ("AGENTOPS_CONSOLE", "true")];
    let with = |own: &[(&str, &str)]| {
        let output = play(part, &[&all, variables, own].concat());
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let dir = tempfile::tempdir().unwrap();
    let mut said = with(&[("AGENTOPS_LOCAL_DIR", dir.path().to_str().unwrap())]);
    said += &read(dir.path());

    let collector = Collector::start();
    said += &with(&[("AGENTOPS_EXPORTER_ENDPOINT", collector.address())]);
    assert!(!collector.spans().is_empty() && !collector.metrics().is_empty());
    said += &String::from_utf8_lossy(&collector.bytes());

    let spool = tempfile::tempdir().unwrap();
    said += &with(&[
        ("AGENTOPS_EXPORTER_ENDPOINT", &closed_port()),
        ("AGENTOPS_SPOOL_DIR", spool.path().to_str().unwrap()),
    ]);
    said + &read(spool.path())
}

fn read(dir: &Path) -> String {
    let files = files_below(dir).into_iter().map(|file| fs::read(file).unwrap());
    files.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect()
}

/// Where the word stands, with a little of what is around it.
fn places(text: &str) -> Vec<&str> {
    let around = |at: usize| text.get(at.saturating_sub(60)..at + WORD.len()).unwrap_or_default();
    text.match_indices(WORD).map(|(at, _)| around(at)).collect()
}

#[test]
fn captured_content_is_seen_everywhere() {
    let said = everything("speak", &[]);
    assert!(places(&said).len() > 100, "{said}");
}

#[test]
fn uncaptured_content_is_nowhere() {
    let said = everything("speak", &[("AGENTOPS_CAPTURE_CONTENT", "false")]);
    assert_eq!(places(&said), [""; 0]);
    assert!(said.contains("rig::agent_chat"), "what is nobody's words is there: {said}");
}

#[test]
fn masked_content_is_nowhere() {
    let said = everything("masked", &[]);
    assert_eq!(places(&said), [""; 0]);
    assert!(said.matches(MASKED).count() > 100, "{said}");
}

#[test]
fn masked_content_is_not_in_the_journal() {
    let spool = tempfile::tempdir().unwrap();
    let output: Output = play(
        "die",
        &[
            ("AGENTOPS_EXPORTER_ENDPOINT", &closed_port()),
            ("AGENTOPS_SPOOL_DIR", spool.path().to_str().unwrap()),
            ("AGENTOPS_MAX_WAIT_TIME", "10"),
        ],
    );
    assert!(!output.status.success());
    let bytes = fs::read(journal(spool.path()).unwrap()).unwrap();
    assert!(contain(&bytes, MASKED) && !contain(&bytes, WORD), "{bytes:?}");
}
