//! Commands that `agentops curl` prints, run by a shell whose `curl` keeps its arguments.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Command};

use agentops::{LlmRequest, Message, Part, current, llm, session};
use agentops_tests::process::{command, part};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Text that is hard to hand through a shell.
const HARD: &str = concat!(
    "it's '\\''\nEND\n\"$HOME\" $(touch pwned) `touch pwned` \\ \\n !! %s \0 \t\r ",
    "\u{1b}[2J \u{202e} \u{7f} 日本 @x -d"
);

fn schema() -> Value {
    json!({"type": "object", "properties": {"tower": {"type": "integer", "description": HARD}}})
}

/// Conversation with a round of two tools.
fn conversation() -> Vec<Message> {
    let call =
        |id: &str, tower: u64| Part::tool_call(id, "lookup", json!({"tower": tower, "note": HARD}));
    vec![
        Message::system(HARD),
        Message::user("How tall?"),
        Message::assistant_with_parts(vec![Part::reasoning("look"), call("t1", 7), call("t2", 8)]),
        Message::tool("t1", json!({"metres": 88})),
        Message::tool("t2", json!(HARD)),
        Message::user(HARD)
            .part(Part::Uri { modality: "image".into(), uri: "https://host/'a'.png".into() }),
    ]
}

#[llm(name = "ask")]
fn ask(provider: &str) {
    let tools = json!([{"name": "lookup", "description": HARD, "input_schema": schema()}]);
    let request = LlmRequest::new().model("it's-4").provider(provider).messages(conversation());
    let request =
        request.system_instructions("Be brief.").tools(&tools).temperature(0.2).top_k(40.0);
    current().set_request(&request.max_tokens(500_u64).seed(7).stop_sequence("'\n").stream(true));
}

#[session]
fn run(provider: &str) {
    ask(provider);
}

#[test]
#[ignore = "a part of the other tests, played in a process of its own"]
fn plays_its_part() {
    let _guard = agentops::init().unwrap();
    run(&part());
}

/// Arguments and body of `curl`, and what `agentops` says on stderr.
struct Sent {
    arguments: Vec<String>,
    body: Value,
    notes: String,
    status: Option<i32>,
}

/// Prints the command of the only model call in a folder, and runs it.
fn sent(dir: &Path) -> Sent {
    let mut agentops = Command::new(env!("CARGO_BIN_EXE_agentops"));
    let printed = agentops.args(["curl", "last", "--dir"]).arg(dir).env_clear().output().unwrap();
    let bin = TempDir::new().unwrap();
    let curl = bin.path().join("curl");
    fs::write(&curl, "#!/bin/sh\nprintf '%s\\0' \"$@\" > arguments\n/bin/cat > body\n").unwrap();
    fs::set_permissions(&curl, fs::Permissions::from_mode(0o700)).unwrap();
    let script = String::from_utf8(printed.stdout).unwrap();
    let mut sh = Command::new("/bin/sh");
    sh.arg("-c").arg(&script).env_clear().current_dir(&bin);
    sh.env("PATH", bin.path()).env("HOME", "expanded");
    sh.envs([("OPENAI_API_KEY", "key 'o'"), ("ANTHROPIC_API_KEY", "key-a"), ("API_KEY", "key")]);
    assert!(sh.env("BASE_URL", "http://own/v1").status().unwrap().success(), "{script}");
    assert!(!bin.path().join("pwned").exists(), "{script}");
    let [arguments, body] =
        ["arguments", "body"].map(|name| fs::read_to_string(bin.path().join(name)).unwrap());
    let arguments = arguments.split_terminator('\0').map(str::to_owned).collect();
    let body = serde_json::from_str(&body).unwrap();
    let (notes, status) = (String::from_utf8(printed.stderr).unwrap(), printed.status.code());
    Sent { arguments, body, notes, status }
}

/// Runs a program that asks a provider, and the command of its call.
fn sent_of(provider: &str) -> Sent {
    let dir = TempDir::new().unwrap();
    let mut program = command(provider, &[("AGENTOPS_LOCAL_DIR", dir.path().to_str().unwrap())]);
    assert!(program.output().unwrap().status.success(), "the program runs");
    sent(dir.path())
}

#[test]
fn command_for_openai_sends_the_recorded_call() {
    let sent = sent_of("openai");
    let expected = [
        "https://api.openai.com/v1/chat/completions",
        "-H",
        "Authorization: Bearer key 'o'",
        "-H",
        "Content-Type: application/json",
        "--data-binary",
        "@-",
    ];
    assert_eq!(sent.arguments, expected);
    let call = |id: &str, tower: u64| {
        let arguments = json!({"tower": tower, "note": HARD}).to_string();
        json!({"id": id, "type": "function", "function": {"name": "lookup", "arguments": arguments}})
    };
    let expected = json!({
        "model": "it's-4",
        "stream": true,
        "temperature": 0.2,
        "max_completion_tokens": 500,
        "seed": 7,
        "stop": ["'\n"],
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "system", "content": HARD},
            {"role": "user", "content": "How tall?"},
            {"role": "assistant", "content": null, "tool_calls": [call("t1", 7), call("t2", 8)]},
            {"role": "tool", "tool_call_id": "t1", "content": "{\"metres\":88}"},
            {"role": "tool", "tool_call_id": "t2", "content": HARD},
            {"role": "user", "content": [
                {"type": "text", "text": HARD},
                {"type": "image_url", "image_url": {"url": "https://host/'a'.png"}},
            ]},
        ],
        "tools": [{"type": "function", "function": {
            "name": "lookup", "description": HARD, "parameters": schema(),
        }}],
    });
    assert_eq!(sent.body, expected);
    let notes = "agentops: the setting `top_k` is left out: this form has no place for it\n\
                 agentops: reasoning of the model is left out, which a request cannot repeat\n";
    assert_eq!((&*sent.notes, sent.status), (notes, Some(0)));
}

#[test]
fn command_for_anthropic_sends_the_recorded_call() {
    let sent = sent_of("anthropic");
    let expected = [
        "https://api.anthropic.com/v1/messages",
        "-H",
        "x-api-key: key-a",
        "-H",
        "anthropic-version: 2023-06-01",
        "-H",
        "Content-Type: application/json",
        "--data-binary",
        "@-",
    ];
    assert_eq!(sent.arguments, expected);
    let call = |id: &str, tower: u64| json!({"type": "tool_use", "id": id, "name": "lookup", "input": {"tower": tower, "note": HARD}});
    let expected = json!({
        "model": "it's-4",
        "stream": true,
        "temperature": 0.2,
        "top_k": 40,
        "max_tokens": 500,
        "stop_sequences": ["'\n"],
        "system": format!("Be brief.\n\n{HARD}"),
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "How tall?"}]},
            {"role": "assistant", "content": [call("t1", 7), call("t2", 8)]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "t1", "content": "{\"metres\":88}"},
                {"type": "tool_result", "tool_use_id": "t2", "content": HARD},
                {"type": "text", "text": HARD},
                {"type": "image", "source": {"type": "url", "url": "https://host/'a'.png"}},
            ]},
        ],
        "tools": [{"name": "lookup", "description": HARD, "input_schema": schema()}],
    });
    assert_eq!(sent.body, expected);
    let notes = "agentops: the setting `seed` is left out: this form has no place for it\n\
                 agentops: reasoning of the model is left out, which a request cannot repeat\n";
    assert_eq!((&*sent.notes, sent.status), (notes, Some(0)));
}

#[test]
fn command_for_unknown_provider_has_variables() {
    let sent = sent_of("$(touch pwned)'");
    let expected = [
        "http://own/v1/chat/completions",
        "-H",
        "Authorization: Bearer key",
        "-H",
        "Content-Type: application/json",
        "--data-binary",
        "@-",
    ];
    assert_eq!(sent.arguments, expected);
    let note = "agentops: the address of provider `$(touch pwned)'` is not known; set `BASE_URL`, such as \
                `https://host/v1`, for a server that accepts OpenAI's chat completions\n";
    assert!(sent.notes.starts_with(note), "{}", sent.notes);
}

/// Writes a session with one model call that has these attributes, each a text.
fn write_call(dir: &Path, attributes: &[(&str, &str)]) {
    let messages = r#"[{"role":"user","parts":[{"type":"text","content":"hi"}]}]"#;
    let known = [("agentops.span.kind", "llm"), ("gen_ai.input.messages", messages)];
    let attributes: Vec<_> = known
        .iter()
        .chain(attributes)
        .map(|(key, value)| json!({"key": key, "value": {"stringValue": value}}))
        .collect();
    let (trace, id) = ("a".repeat(32), "b".repeat(16));
    let span =
        json!({"traceId": trace, "spanId": id, "parentSpanId": "", "attributes": attributes});
    let line = json!({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]});
    fs::write(dir.join(format!("{trace}.jsonl")), format!("{line}\n")).unwrap();
}

#[test]
fn address_of_session_is_quoted_and_said() {
    let dir = TempDir::new().unwrap();
    let address = "evil'; touch pwned; '$(touch pwned)";
    write_call(dir.path(), &[("gen_ai.provider.name", "openai"), ("server.address", address)]);
    let sent = sent(dir.path());
    let url = format!("https://{address}/v1/chat/completions");
    assert_eq!(sent.arguments[..3], [&*url, "-H", "Authorization: Bearer key"]);
    assert_eq!(sent.body, json!({"messages": [{"role": "user", "content": "hi"}]}));
    let notes = format!(
        "agentops: the session names `{url}`, which is no public address of provider `openai`; set `API_KEY` to \
         its key\nagentops: the call names no model; add `model` to the body\n"
    );
    assert_eq!((sent.notes, sent.status), (notes, Some(0)));
}
