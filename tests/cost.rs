//! Cost of model calls: by what they say, by the program's table, by the bundled one, or not at all.
#![deny(clippy::pedantic)]

use std::time::Duration;

use agentops::{
    Budget, EndState, Llm, LlmResponse, PriceTable, PricedCall, Session, SpanKind, Tool, Totals,
    Usage, current, current_session, llm, opentelemetry::Value, session, tool,
    tracing::subscriber::with_default,
};
use agentops_tests::{Recording, attribute, name};
use tracing_subscriber::{layer::SubscriberExt, registry};

/// Knows its own models only.
struct Own;

impl PriceTable for Own {
    fn cost(&self, call: &PricedCall<'_>) -> Option<f64> {
        match call.model {
            "own" => Some(if call.provider == Some("local") { 0.5 } else { 9.0 }),
            "free" => Some(0.0),
            "senseless" => Some(-1.0),
            "broken" => panic!("this table is broken"),
            _ => None,
        }
    }
}

#[llm(model = model, provider = "local")]
fn ask(model: &str) {
    current().set_usage(Usage::new().input(1_000).output(100));
}

#[llm(model = "gpt-5", provider = "openai")]
fn ask_a_known_model() {
    let usage = Usage::new().input(1_000).output(100).cached(400);
    current().set_response(&LlmResponse::new().usage(usage));
}

#[llm(model = "claude-sonnet-4-5", provider = "openai")]
fn ask_another_by_the_client_of_openai() {
    current().set_usage(Usage::new().input(1_000).output(0));
}

#[llm(model = "own")]
fn says_it_itself() {
    current()
        .set_usage(Usage::new().input(1).output(1))
        .set_attribute("agentops.usage.cost_usd", 0.125);
}

#[llm(model = "own")]
fn without_tokens() {}

#[tool(cost = 0.25)]
fn paid_tool() {}

#[session]
fn spends() {
    for model in ["own", "free", "senseless", "broken", "nobody's"] {
        ask(model);
    }
    ask_a_known_model();
    ask_another_by_the_client_of_openai();
    says_it_itself();
    without_tokens();
    paid_tool();
}

#[test]
fn known_models_are_priced_and_others_are_not() {
    let recording = Recording::new(|builder| builder.prices(Own));
    with_default(registry().with(agentops::layer(&recording.core)), spends);
    let spans = recording.trace_of("spends");
    let costs: Vec<_> = spans[1..]
        .iter()
        .map(|span| (name(span), attribute(span, "agentops.usage.cost_usd")))
        .collect();
    let cost = |name: &str, usd: Option<f64>| (name.to_owned(), usd.map(Value::F64));
    assert_eq!(
        costs,
        [
            cost("ask", Some(0.5)),
            cost("ask", Some(0.0)),
            cost("ask", None),
            cost("ask", None),
            cost("ask", None),
            cost("ask_a_known_model", Some(0.0018)),
            cost("ask_another_by_the_client_of_openai", Some(0.003)),
            cost("says_it_itself", Some(0.125)),
            cost("without_tokens", None),
            cost("paid_tool", Some(0.25)),
        ]
    );
    assert_eq!(attribute(&spans[0], "agentops.session.cost_usd"), Some(Value::F64(0.8798)));
}

#[test]
fn session_sums_tokens_by_type_and_model() {
    #[session]
    fn adds_up() -> Totals {
        ask("own");
        ask("own");
        ask_a_known_model();
        let usage = Usage::new().input(10).output(7).cache_write(3).reasoning(5);
        let response = LlmResponse::new().model("own").usage(usage);
        let thinks = Llm::start("own");
        thinks.span().set_response(&response);
        thinks.end(EndState::Success);
        current_session().expect("a session").totals()
    }
    let recording = Recording::new(|builder| builder.prices(Own));
    let totals = with_default(registry().with(agentops::layer(&recording.core)), adds_up);
    let usage = Usage::new().input(3_010).output(307).cached(400).cache_write(3).reasoning(5);
    assert_eq!((totals.usage(), totals.calls(SpanKind::Llm)), (usage, 4));
    let models: Vec<_> = totals
        .models()
        .iter()
        .map(|it| (it.model.as_str(), it.calls, it.usage.input, it.usage.output))
        .collect();
    assert_eq!(models, [("own", 3, Some(2_010), Some(207)), ("gpt-5", 1, Some(1_000), Some(100))]);
    let root = recording.trace_of("adds_up").remove(0);
    assert_eq!(attribute(&root, "agentops.session.tokens.cached"), Some(Value::I64(400)));
    let models = attribute(&root, "agentops.session.models").expect("it is there").to_string();
    let models: serde_json::Value = serde_json::from_str(&models).expect("it is JSON");
    assert_eq!((&models[0]["cost_usd"], &models[1]["cost_usd"]), (&10.0.into(), &0.0018.into()));
}

#[test]
fn unknown_price_is_absent_and_zero_is_kept() {
    #[session]
    fn has_prices(models: &[&str]) -> (Option<f64>, Vec<Option<f64>>) {
        for model in models {
            ask(model);
        }
        let totals = current_session().expect("a session").totals();
        (totals.cost_usd(), totals.models().iter().map(|it| it.cost_usd).collect())
    }
    let recording = Recording::new(|builder| builder.prices(Own));
    let told = with_default(registry().with(agentops::layer(&recording.core)), || {
        [has_prices(&["nobody's"]), has_prices(&["free"]), has_prices(&["nobody's", "own"])]
    });
    assert_eq!(
        told,
        [(None, vec![None]), (Some(0.0), vec![Some(0.0)]), (Some(0.5), vec![None, Some(0.5)])]
    );
    let roots = recording.traces_of("has_prices").into_iter().map(|mut trace| trace.remove(0));
    let costs: Vec<_> = roots
        .map(|root| {
            let models = attribute(&root, "agentops.session.models").expect("it is there");
            let models: serde_json::Value =
                serde_json::from_str(&models.as_str()).expect("it is JSON");
            (attribute(&root, "agentops.session.cost_usd"), models[0].get("cost_usd").cloned())
        })
        .collect();
    assert_eq!(
        costs,
        [(None, None), (Some(0.0.into()), Some(0.0.into())), (Some(0.5.into()), None)]
    );
}

#[test]
fn call_without_a_model_is_counted() {
    #[llm]
    fn refused() -> Result<(), String> {
        Err("refused".to_owned())
    }
    #[llm]
    fn nameless() {
        current()
            .set_usage(Usage::new().input(3).output(2))
            .set_attribute("agentops.usage.cost_usd", 0.25);
    }
    #[session]
    fn calls_no_model() -> Totals {
        _ = refused();
        nameless();
        current_session().expect("a session").totals()
    }
    let recording = Recording::new(|builder| builder.prices(Own));
    let totals = with_default(registry().with(agentops::layer(&recording.core)), calls_no_model);
    assert_eq!((totals.calls(SpanKind::Llm), totals.errors(), totals.models()), (2, 1, &[][..]));
    assert_eq!((totals.usage().total(), totals.cost_usd()), (5, Some(0.25)));
    let root = recording.trace_of("calls_no_model").remove(0);
    assert_eq!(attribute(&root, "agentops.session.models"), None);
}

#[test]
fn cost_counts_against_the_budget() {
    let recording = Recording::new(|builder| builder.prices(Own));
    with_default(registry().with(agentops::layer(&recording.core)), || {
        let budget = Budget::new().usd(0.75).duration(Duration::from_secs(600));
        let session = Session::builder("budgeted").budget(budget).start();
        let exceeded = || session.session().is_some_and(|it| it.budget().is_exceeded());
        session.in_scope(|| ask("own"));
        assert!(!exceeded());
        session.in_scope(|| ask("own"));
        assert!(exceeded());
        session.end(EndState::Success);
    });
}

#[test]
fn custom_cost_counts_in_totals_and_budget() {
    #[tool(cost = 9)]
    fn searches() {
        current().set_cost(1.0).set_cost(f64::NAN).set_cost(-1.0).set_cost(0.125);
    }
    #[agentops::task]
    fn rents() {
        current().set_cost(5.0).set_cost(0.25);
    }
    #[llm(model = "own")]
    fn asks() {
        current().set_usage(Usage::new().input(1_000).output(100)).set_cost(0.0625);
    }
    let recording = Recording::new(|builder| builder.prices(Own));
    with_default(registry().with(agentops::layer(&recording.core)), || {
        let session = Session::builder("told").budget(Budget::new().usd(3.0)).start();
        let spent = || session.session().and_then(|session| session.totals().cost_usd());
        session.in_scope(|| {
            searches();
            rents();
            asks();
            let tool = Tool::builder("in hand").cost(7.0).start();
            tool.set_cost(0.5).end(EndState::Success);
            tool.set_cost(100.0);
            current().set_cost(2.0).set_cost(1.0);
        });
        assert_eq!(spent(), Some(1.9375));
        session.add_cost(1.0).add_cost(f64::INFINITY).add_cost(-1.0);
        assert!(!session.session().is_some_and(|it| it.budget().is_exceeded()));
        session.in_scope(|| current_session().map(|session| _ = session.add_cost(0.125)));
        let look = session.session().expect("it is open");
        assert!(look.budget().is_exceeded());
        session.end(EndState::Success);
        look.add_cost(100.0);
    });
    let cost = |name| {
        let span = recording.span_of("told", name);
        ["agentops.usage.cost_usd", "agentops.session.cost_usd"].map(|key| attribute(&span, key))
    };
    let told = |usd: f64| [Some(Value::F64(usd)), None];
    assert_eq!(
        ["searches", "rents", "asks", "in hand"].map(cost),
        [0.125, 0.25, 0.0625, 0.5].map(told)
    );
    assert_eq!(cost("told"), [None, Some(Value::F64(3.0625))]);
    let root = recording.span_of("told", "told");
    let names: Vec<_> = root.events.iter().map(|event| &*event.name).collect();
    assert_eq!(names, ["agentops.session.budget_exceeded"]);
}
