//! Tests of `agentops curl`: which call it takes, and where its command goes. `tests/curl.rs` runs the commands.

use serde_json::{Value, json};

use super::*;
use crate::{
    commands::command_run::{parsed, printed},
    store::fixture::{TestFolder, TestSpan},
};

/// Number of the session of the tests.
const SESSION: u128 = 0xa1;
const MESSAGES: &str = r#"[{"role":"user","parts":[{"type":"text","content":"hi"}]}]"#;

fn span(id: u64, title: &str) -> TestSpan {
    TestSpan::new(SESSION, id, u64::from(id > 1), title).at(id, 100)
}

fn call(id: u64) -> TestSpan {
    span(id, "llm ask").text("gen_ai.input.messages", MESSAGES).text("gen_ai.request.model", "m-1")
}

fn command(spans: &[TestSpan], name: &str) -> Result<CurlCommand, String> {
    let folder = TestFolder::new();
    folder.write(SESSION, &[spans]);
    let curl: Curl = parsed(&[&folder.arg(), name]);
    curl.command().map_err(|failure| failure.to_string())
}

/// Returns the URL of the command of a call with these attributes, and the notes.
fn url(attributes: &[(&str, &str)]) -> (String, Vec<String>) {
    let call = attributes.iter().fold(call(2), |call, (key, text)| call.text(key, text));
    let CurlCommand { text, notes, .. } = command(&[call], "last").unwrap();
    (text.split(' ').nth(1).unwrap().to_owned(), notes)
}

#[test]
fn curl_prints_one_argument_a_line() {
    let folder = TestFolder::new();
    folder.write(
        SESSION,
        &[&[call(2).text("gen_ai.provider.name", "anthropic"), span(1, "session run")]],
    );
    let curl: Curl = parsed(&[&folder.arg(), "last"]);
    let (outcome, text) = printed(40, |screen| curl.run(screen).unwrap());
    let expected = r#"curl 'https://api.anthropic.com/v1/messages' \
  -H "x-api-key: $ANTHROPIC_API_KEY" \
  -H 'anthropic-version: 2023-06-01' \
  -H 'Content-Type: application/json' \
  --data-binary @- <<'END'
{
  "max_tokens": 1024,
  "messages": [
    {
      "content": [
        {
          "text": "hi",
          "type": "text"
        }
      ],
      "role": "user"
    }
  ],
  "model": "m-1"
}
END
"#;
    assert_eq!((outcome, &*text), (Outcome::Fine, expected));
}

#[test]
fn url_is_that_of_the_provider_or_of_the_span() {
    let public = "'https://api.openai.com/v1/chat/completions'";
    let none: [&str; 0] = [];
    let of_openai =
        |more: &[(&str, &str)]| url(&[&[("gen_ai.provider.name", "openai")], more].concat());
    for same in [("server.address", "api.openai.com"), ("url.full", "https://host/v1/responses")] {
        let (url, notes) = of_openai(&[same]);
        assert_eq!((&*url, &notes[..]), (public, &none.map(str::to_owned)[..]), "{same:?}");
    }
    let there = |url: &str| {
        format!(
            "the session names `{url}`, which is no public address of provider `openai`; set `API_KEY` to its key"
        )
    };
    let own = "https://host/v2/chat/completions";
    let with_key = [("url.full", "https://host/v2/chat/completions?key=secret")];
    assert_eq!(of_openai(&with_key), (format!("'{own}'"), vec![there(own)]));
    let local = "http://localhost:8080/v1/chat/completions";
    let address = [("server.address", "localhost"), ("server.port", "8080")];
    assert_eq!(of_openai(&address), (format!("'{local}'"), vec![there(local)]));
    let groq = "the command has OpenAI's form, which provider `groq` accepts, too".to_owned();
    assert_eq!(
        url(&[("gen_ai.provider.name", "groq")]),
        ("'https://api.groq.com/openai/v1/chat/completions'".to_owned(), vec![groq])
    );
    let (unknown, notes) = url(&[]);
    assert_eq!(unknown, "\"$BASE_URL/chat/completions\"");
    assert_eq!(
        notes,
        [
            "the address of provider `unknown` is not known; set `BASE_URL`, such as `https://host/v1`, for a server that \
          accepts OpenAI's chat completions"
        ]
    );
}

#[test]
fn curl_says_that_texts_were_cut() {
    let cut = MESSAGES.replace("hi", "hi…[truncated]");
    let call = call(2).text("gen_ai.input.messages", &cut).text("gen_ai.provider.name", "openai");
    let command = command(&[call], "last").unwrap();
    assert_eq!(command.outcome, Outcome::No);
    assert_eq!(
        command.notes,
        [
            "texts of the call were cut or masked when they were recorded; the command sends the marks"
        ]
    );
    assert!(command.text.contains(r#""content": "hi…[truncated]""#), "{}", command.text);
}

#[test]
fn curl_names_the_model_calls_of_a_session() {
    let root = || span(1, "session run");
    let message = |spans: &[TestSpan], name: &str| command(spans, name).unwrap_err();
    let [two, three] = [2, 3].map(|id| format!("`last/{id:016x}` (ask)"));
    assert_eq!(
        message(&[root()], "last"),
        "`last` has 0 model calls, and the session has no model call; `agentops show last` shows what it has"
    );
    assert_eq!(
        message(&[call(2), call(3), root()], "last"),
        format!("`last` has 2 model calls; name one: {two}, {three}")
    );
    let whole = format!("{SESSION:032x}/0000000000000001");
    let address = two.replace("last", &format!("{SESSION:032x}"));
    assert_eq!(
        message(&[call(2), root()], &whole),
        format!("`{whole}` is of kind `session`; the model call is {address}")
    );
    let calls: Vec<_> = (2..7).map(call).collect();
    let four = format!("`last/{:016x}` (ask)", 4);
    assert_eq!(
        message(&calls, "last"),
        format!(
            "`last` has 5 model calls; name one, such as {two}, {three}, {four}; `agentops show last --kind llm --json` \
             lists all"
        )
    );
    let silent = span(2, "llm ask").text("input.value", r#"{"question":"hi"}"#);
    assert_eq!(
        message(&[silent], "last"),
        "`ask` has no messages: content was not captured, or no argument of the function is a request; record them by \
         `agentops::current().set_request(…)`"
    );
}

#[test]
fn parts_without_text_keep_their_form() {
    let messages = json!([
        {"role": "assistant", "parts": [{"type": "reasoning", "content": "hm"}]},
        {"role": "user", "name": "ann", "parts": [{"type": "uri", "modality": "audio", "uri": "https://host/a"}]},
    ]);
    let tools =
        json!([{"type": "web_search", "name": "web_search"}, {"type": "function", "name": "f"}]);
    let body = |provider: &str| -> Value {
        let call = call(2)
            .text("gen_ai.input.messages", &messages.to_string())
            .text("gen_ai.tool.definitions", &tools.to_string())
            .text("gen_ai.provider.name", provider);
        let text = command(&[call], "last").unwrap().text;
        let body = text.split_once("<<'END'\n").unwrap().1;
        serde_json::from_str(body.strip_suffix("END\n").unwrap()).unwrap()
    };
    let openai = json!({
        "model": "m-1",
        "messages": [
            {"role": "user", "name": "ann", "content": "https://host/a"},
        ],
        "tools": [tools[0], {"type": "function", "function": {"name": "f"}}],
    });
    assert_eq!(body("openai"), openai);
    let anthropic = json!({
        "model": "m-1",
        "max_tokens": 1024,
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "https://host/a"}]},
        ],
        "tools": [tools[0], {"name": "f", "input_schema": {"type": "object"}}],
    });
    assert_eq!(body("anthropic"), anthropic);
}
