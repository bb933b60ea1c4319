//! Options that tell of a call besides its arguments: redaction, metadata, budgets, a model's own words.

use agentops::{
    LlmResponse, Usage, llm,
    opentelemetry::{Array, Value},
    session, tool,
};
use agentops_tests::{Recording, attribute};
use futures_util::{FutureExt, Stream, StreamExt, stream};

fn last_four(card: &str) -> String {
    format!("…{}", &card[card.len() - 4..])
}

struct Secret(String);

mod masks {
    pub(super) fn length<T: AsRef<str>>(secret: &T) -> usize {
        secret.as_ref().len()
    }

    pub(super) fn broken(_: &u8) -> u8 {
        panic!("this mask is broken")
    }
}

impl AsRef<str> for Secret {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

#[tool(redact(password, card = last_four, secret = masks::length::<Secret>, pin = masks::broken))]
fn pay(user: &str, password: &str, card: String, secret: Secret, pin: u8) -> usize {
    user.len() + password.len() + card.len() + secret.0.len() + usize::from(pin)
}

#[test]
fn redacted_argument_is_masked_or_absent() {
    #[session]
    fn redacted() -> usize {
        pay("ann", "hunter2", "4111111111111234".into(), Secret("swordfish".into()), 99)
    }
    let recording = Recording::global();
    assert_eq!(redacted(), 3 + 7 + 16 + 9 + 99);
    let span = recording.span_of("redacted", "pay");
    let expected =
        r#"{"user":"ann","password":"<redacted>","card":"…1234","secret":9,"pin":"<redacted>"}"#;
    assert_eq!(attribute(&span, "input.value"), Some(expected.into()));
    let whole = format!("{span:?}");
    for secret in ["hunter2", "41111", "swordfish"] {
        assert!(!whole.contains(secret), "{secret} is in {whole}");
    }
}

#[session(
    user_id = user.1,
    metadata(plan = user.0, "shop.id" = 7, retry, trial = %true),
    budget(tokens = 50_000, usd = 1, seconds = limit / 2.0)
)]
fn serve(user: (&str, u32), retry: bool, limit: f64) -> bool {
    retry && limit > 0.0
}

#[test]
fn metadata_and_budget_are_on_the_session_root() {
    let recording = Recording::global();
    assert!(serve(("pro", 3), true, 5.0));
    let root = recording.span_of("serve", "serve");
    let told = [
        "user.id",
        "agentops.metadata.plan",
        "agentops.metadata.shop.id",
        "agentops.metadata.retry",
        "agentops.metadata.trial",
        "agentops.session.budget.tokens",
        "agentops.session.budget.usd",
        "agentops.session.budget.seconds",
    ];
    let expected: [Value; 8] = [
        "3".into(),
        "pro".into(),
        7.into(),
        true.into(),
        "true".into(),
        50_000.into(),
        1.0.into(),
        2.5.into(),
    ];
    assert_eq!(told.map(|key| attribute(&root, key)), expected.map(Some));
    let metadata: serde_json::Value =
        serde_json::from_str(&attribute(&root, "metadata").unwrap().as_str()).unwrap();
    let expected = serde_json::json!({"plan": "pro", "shop.id": 7, "retry": true, "trial": "true"});
    assert_eq!(metadata, expected);
}

struct Part {
    text: &'static str,
    tokens: Option<u64>,
}

fn told(part: &Part) -> LlmResponse {
    let response = LlmResponse::new().model("m-2").provider("local").id("r1");
    match part.tokens {
        Some(tokens) => response
            .usage(Usage::new().input(10).output(tokens).cached(4).reasoning(2))
            .finish_reason("stop"),
        None => response,
    }
}

fn broken(_: &Part) -> LlmResponse {
    panic!("this extractor is broken")
}

const WHOLE: [(&str, i64); 4] = [
    ("gen_ai.usage.input_tokens", 10),
    ("gen_ai.usage.output_tokens", 5),
    ("gen_ai.usage.cache_read.input_tokens", 4),
    ("gen_ai.usage.reasoning.output_tokens", 2),
];

#[test]
fn response_option_extracts_the_answer() {
    #[llm(model = "m", response = told)]
    fn ask(ok: bool) -> Result<Part, String> {
        if ok { Ok(Part { text: "hi", tokens: Some(5) }) } else { Err("down".into()) }
    }
    #[llm(response = told)]
    fn streamed() -> impl Stream<Item = Part> {
        stream::iter([
            Part { text: "h", tokens: None },
            Part { text: "i", tokens: Some(5) },
            Part { text: "", tokens: None },
        ])
    }
    #[llm(response = broken)]
    async fn unreadable() -> Part {
        Part { text: "fine", tokens: None }
    }
    #[session]
    async fn answers() -> String {
        assert!(ask(false).is_err());
        let mut text = ask(true).map_or("", |part| part.text).to_owned();
        text += &streamed().map(|part| part.text).collect::<String>().await;
        text + unreadable().await.text
    }
    let recording = Recording::global();
    assert_eq!(answers().now_or_never().unwrap(), "hihifine");
    assert_eq!(
        recording.tree_of("answers"),
        "session answers\n\
        \x20 llm ask error=\"down\"\n\
        \x20 llm ask\n\
        \x20 llm streamed\n\
        \x20 llm unreadable\n"
    );
    let trace = recording.trace_of("answers");
    for span in &trace[2..4] {
        let usage = WHOLE.map(|(key, _)| attribute(span, key));
        assert_eq!(usage, WHOLE.map(|(_, tokens)| Some(tokens.into())));
        let told = ["gen_ai.response.model", "gen_ai.provider.name", "gen_ai.response.id"];
        assert_eq!(
            told.map(|key| attribute(span, key)),
            ["m-2", "local", "r1"].map(|it| Some(it.into()))
        );
        let reasons = Value::Array(Array::String(vec!["stop".into()]));
        assert_eq!(attribute(span, "gen_ai.response.finish_reasons"), Some(reasons));
    }
    let names: Vec<_> = trace[2..].iter().map(|span| span.name.to_string()).collect();
    assert_eq!(names, ["chat m", "chat m-2", "chat"]);
}
