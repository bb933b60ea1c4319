//! Sessions with a limit in dollars, of calls that nobody knows the price of.
#![deny(clippy::pedantic)]

use agentops::{Budget, EndState, Session, Usage, current, current_session, llm, session};
use agentops_tests::{Recording, log};

#[llm(model = model)]
fn ask(model: &str) {
    current().set_usage(Usage::new().input(1_000).output(100));
}

#[llm]
fn ask_a_nameless_model() {
    current().set_usage(Usage::new().input(1_000).output(100));
}

#[test]
fn cost_budget_without_prices_is_warned_once() {
    #[session(budget(usd = 0.5))]
    fn limits_dollars() -> [bool; 2] {
        let is_complete = || current_session().is_some_and(|it| it.budget().is_cost_complete());
        ask("gpt-5");
        // It may have to wait for the table.
        Recording::global().core.flush().expect("it is delivered");
        let before = is_complete();
        ask("mystery-1");
        [before, is_complete()]
    }
    #[session]
    fn limits_nothing() {
        ask("mystery-0");
    }
    #[session(budget(tokens = 5_000))]
    fn limits_tokens() {
        ask("mystery-0");
    }
    let recording = Recording::global();
    limits_nothing();
    limits_tokens();
    assert_eq!([limits_dollars(), limits_dollars()], [[true, false]; 2]);
    recording.spans();
    assert_eq!(
        log::lines_with("mystery"),
        [
            "the budget of session `limits_dollars` does not count every call in its dollars: a call of \
          `mystery-1` has no price, since no table has this model; give its price by \
          `TracingConfig::builder().prices(..)`, or record `agentops.usage.cost_usd` in the call"
        ]
    );
}

#[test]
fn call_without_a_model_has_its_own_reason() {
    let recording = Recording::global();
    let session = Session::builder("nameless").budget(Budget::new().usd(1.0)).start();
    session.in_scope(ask_a_nameless_model);
    let status = session.session().map(|session| session.budget()).expect("it is open");
    assert_eq!((status.totals.unpriced_calls(), status.is_cost_complete()), (1, false));
    session.end(EndState::Success);
    recording.spans();
    assert_eq!(
        log::lines_with("nameless"),
        [
            "the budget of session `nameless` does not count every call in its dollars: a call has no \
          price, since it does not say which model it is of; give `#[llm(model = ..)]`, or record \
          `agentops.usage.cost_usd` in the call"
        ]
    );
}
