//! Agents that are types: who they are stands on every span that their methods open.
#![deny(clippy::pedantic)]

use std::{pin::Pin, sync::Arc};

use agentops::{Agent, agent, llm, opentelemetry_sdk::trace::SpanData, session, task, tool};
use agentops_tests::{Recording, attribute};

/// Name, id, role and description of the agent that a span tells of.
fn told(span: &SpanData) -> [Option<String>; 4] {
    let keys = ["gen_ai.agent.name", "gen_ai.agent.id", "agent.role", "gen_ai.agent.description"];
    keys.map(|key| attribute(span, key).map(|value| value.to_string()))
}

fn all(name: &str, id: &str, role: &str, description: &str) -> [Option<String>; 4] {
    [name, id, role, description].map(|part| (!part.is_empty()).then(|| part.to_owned()))
}

/// Finds sources.
///
/// And sums them up.
#[agent(name = "research bot", role = "research")]
struct Researcher {
    #[agentops(id)]
    number: u32,
}

#[agent]
impl Researcher {
    /// Not who it is but what it does.
    pub fn run(&self, topic: &str) -> usize {
        self.search(topic) + ask(topic)
    }

    #[tool]
    fn search(&self, topic: &str) -> usize {
        look_up(topic)
    }

    #[agent(name = "by name", id = self.number + 1, role = "another", description = "given here")]
    pub fn named(&self) {}

    #[task]
    fn new() -> Self {
        Self { number: 1 }
    }
}

#[tool]
fn look_up(topic: &str) -> usize {
    topic.len()
}

#[llm]
fn ask(topic: &str) -> usize {
    topic.len()
}

#[test]
fn agent_identity_is_on_every_method_span() {
    #[session]
    fn identified() {
        let researcher = Researcher::new();
        researcher.run("tea");
        researcher.search("milk");
        ask("nobody");
    }
    let recording = Recording::global();
    identified();
    assert_eq!(
        recording.tree_of("identified"),
        "session identified\n\
        \x20 task new\n\
        \x20 agent research bot\n\
        \x20   tool search\n\
        \x20     tool look_up\n\
        \x20   llm ask\n\
        \x20 tool search\n\
        \x20   tool look_up\n\
        \x20 llm ask\n"
    );
    let itself = all("research bot", "1", "research", "Finds sources.");
    let inside = all("research bot", "", "", "");
    let nobody = all("", "", "", "");
    let spans: Vec<_> = recording.trace_of("identified").iter().map(told).collect();
    let expected =
        [&nobody, &nobody, &itself, &itself, &inside, &inside, &itself, &inside, &nobody];
    assert_eq!(spans.iter().collect::<Vec<_>>(), expected);
}

#[test]
fn call_options_override_the_identity() {
    #[session]
    fn overridden() {
        Researcher { number: 6 }.named();
    }
    let recording = Recording::global();
    overridden();
    assert_eq!(recording.tree_of("overridden"), "session overridden\n  agent by name\n");
    let span = recording.span_of("overridden", "by name");
    assert_eq!(told(&span), all("by name", "7", "another", "given here"));
}

#[derive(Agent)]
struct Worker<T> {
    #[agentops(name)]
    name: Option<&'static str>,
    #[agentops(role)]
    #[agentops(id)]
    role: T,
}

#[agent]
impl<T: Clone + agentops::FieldValue> Worker<T> {
    pub fn by_ref(&self) {}
    pub fn by_mut(&mut self) {}
    pub fn by_box(self: Box<Self>) {}
    pub fn by_arc(self: Arc<Self>) {}
    pub fn by_pin(self: Pin<&Self>) {}
    pub async fn later(&self) {}
    pub fn by_value(self) {}
}

#[test]
fn identity_fields_work_behind_pointers() {
    #[session]
    async fn by_fields() {
        let worker = |name| Worker { name, role: "cook".to_owned() };
        worker(Some("Ann")).by_ref();
        worker(Some("Bob")).by_mut();
        Box::new(worker(Some("Cid"))).by_box();
        Arc::new(worker(Some("Dan"))).by_arc();
        Pin::new(&worker(Some("Eve"))).by_pin();
        worker(None).later().await;
        worker(Some("")).by_value();
    }
    let recording = Recording::global();
    futures_util::FutureExt::now_or_never(by_fields()).unwrap();
    let spans: Vec<_> = recording.trace_of("by_fields").iter().skip(1).map(told).collect();
    let expected = ["Ann", "Bob", "Cid", "Dan", "Eve", "Worker", "Worker"];
    assert_eq!(spans, expected.map(|name| all(name, "cook", "cook", "")));
}

struct Nameless;

#[agent]
impl Nameless {
    pub fn run(&self) {}
}

#[test]
fn agent_without_a_name_uses_its_type() {
    #[session]
    fn nameless() {
        Nameless.run();
    }
    let recording = Recording::global();
    nameless();
    assert_eq!(recording.tree_of("nameless"), "session nameless\n  agent Nameless\n");
    assert_eq!(told(&recording.span_of("nameless", "Nameless")), all("Nameless", "", "", ""));
}

#[derive(Agent)]
struct Shy(#[agentops(name)] Panicking);

struct Panicking;

impl agentops::FieldValue for Panicking {
    fn field_value(&self) -> Option<agentops::opentelemetry::Value> {
        panic!("no name")
    }
}

impl Shy {
    #[tool]
    fn work(&self) -> u8 {
        7
    }
}

#[test]
fn panicking_identity_falls_back_to_the_type() {
    #[session]
    fn panicking_name() {
        assert_eq!(Shy(Panicking).work(), 7);
    }
    let recording = Recording::global();
    panicking_name();
    assert_eq!(recording.tree_of("panicking_name"), "session panicking_name\n  tool work\n");
    assert_eq!(told(&recording.span_of("panicking_name", "work")), all("Shy", "", "", ""));
}
