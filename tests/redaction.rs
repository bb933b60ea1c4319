//! Values named like a credential are recorded nowhere, unless somebody says so.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;

use agentops::{
    LlmResponse, Message, Part, Session, agent, current, llm,
    opentelemetry_sdk::trace::SpanData,
    session, tool,
    tracing::{self, info_span},
};
use agentops_tests::{Recording, attribute};
use futures_util::{FutureExt, Stream, StreamExt, stream};
use http::{HeaderMap, HeaderValue, header};
use secrecy::{ExposeSecret, SecretBox, SecretString, SerializableSecret};
use serde::Serialize;
use serde_json::{Value, json};
use tracing_subscriber::{layer::SubscriberExt, registry};

const WORD: &str = "hunter2";

/// The input or output of a span, as JSON; a text alone has no quotes.
fn content(span: &SpanData, key: &str) -> Value {
    let text = attribute(span, key).unwrap().to_string();
    serde_json::from_str(&text).unwrap_or_else(|_| text.into())
}

/// The only span of its name in a session of which nothing holds the word.
fn without(recording: &Recording, session: &str, span: &str) -> SpanData {
    let whole = format!("{:?}", recording.trace_of(session));
    assert!(!whole.contains(WORD), "{WORD} is in {whole}");
    recording.span_of(session, span)
}

/// The extractors of axum, which have a `Debug` and no `Serialize`.
#[derive(Debug)]
struct State<T>(T);

#[derive(Debug)]
struct Json<T>(T);

#[derive(Debug, Clone)]
#[expect(dead_code, reason = "it is shown by its Debug")]
struct App {
    database: &'static str,
    signing_key: &'static str,
}

#[derive(Debug, Serialize)]
struct Login {
    user: &'static str,
    password: &'static str,
}

#[derive(Debug, Serialize)]
struct Granted {
    access_token: String,
    expires_in: u64,
}

#[derive(Debug)]
#[expect(dead_code, reason = "it is shown by its Debug")]
struct Denied {
    user: &'static str,
    password: &'static str,
}

#[tool]
async fn log_in(
    State(app): State<App>,
    headers: HeaderMap,
    Json(body): Json<Login>,
) -> Result<Json<Granted>, Denied> {
    match body.user {
        "ann" => {
            Ok(Json(Granted { access_token: headers.len().to_string() + WORD, expires_in: 60 }))
        }
        user => Err(Denied { user, password: app.signing_key }),
    }
}

fn headers() -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::AUTHORIZATION, HeaderValue::from_static(WORD));
    headers.insert("x-own", HeaderValue::from_static(WORD));
    headers
}

async fn served(user: &'static str) {
    let app = App { database: "sqlite", signing_key: WORD };
    let _ = log_in(State(app), headers(), Json(Login { user, password: WORD })).await;
}

#[test]
fn handler_records_no_headers_or_passwords() {
    #[session]
    async fn granted() {
        served("ann").await;
    }
    let recording = Recording::global();
    granted().now_or_never().unwrap();
    let span = without(recording, "granted", "log_in");
    let expected = json!({
        "app": "App { database: \"sqlite\", signing_key: \"<redacted>\" }",
        "headers": "{\"authorization\": \"<redacted>\", \"x-own\": \"<redacted>\"}",
        "body": {"user": "ann", "password": "<redacted>"},
    });
    assert_eq!(content(&span, "input.value"), expected);
    let expected = "Json(Granted { access_token: \"<redacted>\", expires_in: 60 })";
    assert_eq!(content(&span, "output.value"), expected);
}

#[test]
fn error_debug_hides_credentials() {
    #[session]
    async fn denied() {
        served("bob").await;
    }
    let recording = Recording::global();
    denied().now_or_never().unwrap();
    let span = without(recording, "denied", "log_in");
    let expected = "Denied { user: \"bob\", password: \"<redacted>\" }";
    assert!(format!("{:?}", span.status).contains(&format!("{expected:?}")), "{:?}", span.status);
}

#[expect(clippy::too_many_arguments, reason = "each has a name of its own")]
#[tool(fields(token_of = user, api_key = WORD, pin = 7, ?login))]
fn by_name(
    user: &str,
    db_password: String,
    api_key: Option<&str>,
    token: u64,
    pin: u16,
    max_tokens: usize,
    r#auth: (u8, &str),
    login: &Login,
) -> BTreeMap<String, String> {
    let _ = (db_password, api_key, token, pin, max_tokens, auth, login);
    BTreeMap::from([("user".into(), user.into()), ("Set-Cookie".into(), WORD.into())])
}

#[test]
fn names_decide_on_redaction_and_counts_are_kept() {
    #[session(metadata(plan = "pro", api_key = WORD))]
    fn named() {
        let login = Login { user: "ann", password: WORD };
        by_name("ann", WORD.into(), None, 7, 1234, 9, (1, WORD), &login);
    }
    let recording = Recording::global();
    named();
    let span = without(recording, "named", "by_name");
    let expected = json!({
        "user": "ann", "db_password": "<redacted>", "api_key": null, "token": 7, "pin": "<redacted>",
        "max_tokens": 9, "auth": "<redacted>", "login": {"user": "ann", "password": "<redacted>"},
    });
    assert_eq!(content(&span, "input.value"), expected);
    assert_eq!(content(&span, "output.value"), json!({"user": "ann", "Set-Cookie": "<redacted>"}));
    let told = ["token_of", "api_key", "pin", "login"].map(|key| attribute(&span, key).unwrap());
    let told = told.map(|value| value.to_string());
    let login = "Login { user: \"ann\", password: \"<redacted>\" }";
    assert_eq!(told, ["ann", "<redacted>", "<redacted>", login]);
    let root = recording.span_of("named", "named");
    let metadata = ["agentops.metadata.plan", "agentops.metadata.api_key"];
    let metadata = metadata.map(|key| attribute(&root, key).unwrap().to_string());
    assert_eq!(metadata, ["pro", "<redacted>"]);
}

struct Answer;

impl agentops::ToLlmResponse for Answer {
    fn to_llm_response(&self) -> LlmResponse {
        let call = Part::tool_call("1", "log_in", json!({"user": "ann", "password": WORD}));
        LlmResponse::new().output(Message::assistant_with(call))
    }
}

#[llm(model = "m")]
fn ask(prompt: &str) -> Answer {
    let result = json!({"refresh_token": WORD}).to_string();
    current()
        .set_input_messages(&[Message::user(prompt), Message::tool("0", result.into())])
        .set_tool_definitions(&json!([{"name": "log_in", "parameters": {
            "type": "object", "properties": {"password": {"type": "string"}}
        }}]));
    Answer
}

#[agent]
fn plan() {
    let told = json!({"credentials": [WORD], "n": 1});
    current().set_input(&told).set_output(&json!({"arguments": told.to_string()}));
}

#[tool]
fn items() -> impl Stream<Item = Value> {
    stream::iter([json!({"cookie": WORD}), json!({"n": 1})])
}

#[test]
fn captured_json_is_redacted_by_key() {
    #[session]
    fn captured() {
        ask("the password: none");
        plan();
        items().collect::<Vec<_>>().now_or_never().unwrap();
        let framework = info_span!(
            target: "rig_agent::agent::telemetry",
            "execute_tool",
            gen_ai.operation.name = "execute_tool",
            gen_ai.tool.name = "theirs",
            gen_ai.tool.call.arguments = json!({"secret": WORD}).to_string(),
        );
        framework.in_scope(|| {});
    }
    let recording = Recording::global();
    captured();
    let asked = without(recording, "captured", "ask");
    let expected = json!([
        {"role": "user", "parts": [{"type": "text", "content": "the password: none"}]},
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "0",
            "response": {"refresh_token": "<redacted>"}}]},
    ]);
    assert_eq!(content(&asked, "gen_ai.input.messages"), expected);
    let call = &content(&asked, "gen_ai.output.messages")[0]["parts"][0];
    assert_eq!(call["arguments"], json!({"user": "ann", "password": "<redacted>"}));
    let schema = &content(&asked, "gen_ai.tool.definitions")[0]["parameters"];
    assert_eq!(schema["properties"], json!({"password": {"type": "string"}}));
    let plan = recording.span_of("captured", "plan");
    assert_eq!(content(&plan, "input.value"), json!({"credentials": "<redacted>", "n": 1}));
    let expected = json!({"arguments": "{\"credentials\":\"<redacted>\",\"n\":1}"});
    assert_eq!(content(&plan, "output.value"), expected);
    let items = recording.span_of("captured", "items");
    assert_eq!(content(&items, "output.value"), json!([{"cookie": "<redacted>"}, {"n": 1}]));
    let theirs = recording.span_of("captured", "theirs");
    assert_eq!(content(&theirs, "input.value"), json!({"secret": "<redacted>"}));
}

#[test]
fn session_handle_is_redacted_by_key() {
    let recording = Recording::global();
    let session =
        Session::builder("in hand").metadata("client_secret", WORD).metadata("n", 1).start();
    session.set_metadata("refresh_token", WORD);
    session.set_input(&json!({"jwt": WORD})).end(agentops::EndState::Success);
    let root = without(recording, "in hand", "in hand");
    let expected = Some("<redacted>".into());
    assert_eq!(attribute(&root, "agentops.metadata.client_secret"), expected);
    assert_eq!(attribute(&root, "agentops.metadata.refresh_token"), expected);
    assert_eq!(attribute(&root, "agentops.metadata.n"), Some(1.into()));
    assert_eq!(content(&root, "input.value"), json!({"jwt": "<redacted>"}));
}

#[derive(Clone, Serialize)]
struct Pass(&'static str);

impl secrecy::zeroize::Zeroize for Pass {
    fn zeroize(&mut self) {}
}

impl SerializableSecret for Pass {}

#[derive(Serialize)]
struct Account {
    name: &'static str,
    opening: SecretBox<Pass>,
}

#[test]
fn secrecy_types_stay_secret() {
    #[tool]
    fn open(
        by: SecretString,
        one: Option<&SecretString>,
        all: SecretBox<Pass>,
        account: &Account,
    ) -> usize {
        one.map_or(0, |one| one.expose_secret().len())
            + by.expose_secret().len()
            + account.name.len()
            + all.expose_secret().0.len()
    }
    let pass = || SecretBox::new(Box::new(Pass(WORD)));
    #[session]
    fn kept(opening: impl Fn() -> SecretBox<Pass>) {
        let by = SecretString::from(WORD);
        open(by.clone(), Some(&by), opening(), &Account { name: "a", opening: opening() });
    }
    let recording = Recording::global();
    kept(pass);
    let span = without(recording, "kept", "open");
    let expected = json!({
        "by": "<redacted>", "one": "Some(SecretBox<str>([REDACTED]))", "all": "<redacted>",
        "account": {"name": "a", "opening": "<redacted>"},
    });
    assert_eq!(content(&span, "input.value"), expected);
}

struct Bank;

#[tool(redact = off)]
impl Bank {
    pub fn pay(&self, token: &str, login: Login) -> Value {
        current().set_input(&json!({"token": token, "password": login.password}));
        json!({"secret": token, "user": login.user})
    }
}

fn first(password: &str) -> String {
    format!("{}…", &password[..1])
}

#[tool(redact(password = first))]
fn masked(password: &str) -> usize {
    password.len()
}

#[tool(redact = off, fields(api_key = token, ?login))]
fn plain(token: &str, login: &Login) -> Vec<usize> {
    vec![token.len(), login.user.len()]
}

#[test]
fn redact_option_replaces_or_allows() {
    #[session]
    fn said() {
        masked(WORD);
        let login = || Login { user: "ann", password: WORD };
        Bank.pay(WORD, login());
        plain(WORD, &login());
    }
    let recording = Recording::global();
    said();
    let input = |span| content(&recording.span_of("said", span), "input.value");
    assert_eq!(input("masked"), json!({"password": "h…"}));
    assert_eq!(input("pay"), json!({"token": WORD, "password": WORD}));
    let expected = json!({"token": WORD, "login": {"user": "ann", "password": WORD}});
    assert_eq!(input("plain"), expected);
    let paid = recording.span_of("said", "pay");
    assert_eq!(content(&paid, "output.value"), json!({"secret": WORD, "user": "ann"}));
    assert_eq!(attribute(&paid, "agentops.redact"), Some("off".into()));
    let plain = recording.span_of("said", "plain");
    assert_eq!(attribute(&plain, "api_key"), Some(WORD.into()));
    assert!(attribute(&plain, "login").unwrap().as_str().contains(WORD));
}

#[test]
fn redaction_setting_disables_it() {
    #[tool(fields(api_key = WORD))]
    fn shown(password: &str, headers: HeaderMap) -> Value {
        json!({"password": password, "headers": headers.len()})
    }
    #[session]
    fn switched_off() {
        shown(WORD, headers());
    }
    let recording = Recording::new(|builder| builder.redact_credentials(false));
    let subscriber = registry().with(agentops::layer(&recording.core));
    tracing::subscriber::with_default(subscriber, switched_off);
    let span = recording.span_of("switched_off", "shown");
    let input = content(&span, "input.value");
    assert_eq!(input["password"], WORD);
    assert!(input["headers"].as_str().unwrap().contains(WORD), "{input}");
    assert_eq!(content(&span, "output.value"), json!({"password": WORD, "headers": 2}));
    assert_eq!(attribute(&span, "api_key"), Some(WORD.into()));
}

#[test]
fn macros_and_runtime_know_the_same_credentials() {
    let runtime = include_str!("../agentops-core/src/credential/name.rs");
    let macros = include_str!("../agentops-macros/src/credential.rs");
    assert!(runtime == macros, "copy the one file over the other");
}
