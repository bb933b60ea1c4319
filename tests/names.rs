//! Names that are known only when the program runs, and the functions that spans come from.
#![deny(clippy::pedantic)]

use std::{
    borrow::Cow,
    cell::Cell,
    fmt::{Debug, Display},
    pin::Pin,
};

use agentops::{
    OrphanPolicy, agent, guardrail, llm, operation, session, task, tool, traced,
    tracing::subscriber, workflow,
};
use agentops_tests::{Recording, attribute};
use async_trait::async_trait;
use futures_util::future::BoxFuture;
use tracing_subscriber::{layer::SubscriberExt, registry};

#[async_trait]
trait Tool: Send + Sync {
    fn name(&self) -> &str;
    async fn call(&self, args: &str) -> Result<usize, String>;
}

struct Weather;

#[async_trait]
impl Tool for Weather {
    fn name(&self) -> &'static str {
        "weather"
    }

    #[tool(name = self.name())]
    async fn call(&self, args: &str) -> Result<usize, String> {
        Ok(args.len())
    }
}

/// A tool that is called as its configuration says.
struct Remote(String);

#[tool(name = self.name())]
#[async_trait]
impl Tool for Remote {
    fn name(&self) -> &str {
        &self.0
    }

    async fn call(&self, args: &str) -> Result<usize, String> {
        Err(format!("no {args}"))
    }
}

trait BoxedTool {
    fn id(&self) -> Cow<'_, str>;
    fn call<'a>(&'a self, args: &'a str) -> BoxFuture<'a, usize>;
}

struct Clock(u8);

impl BoxedTool for Clock {
    fn id(&self) -> Cow<'_, str> {
        format!("clock {}", self.0).into()
    }

    #[tool(name = self.id())]
    fn call<'a>(&'a self, args: &'a str) -> Pin<Box<dyn Future<Output = usize> + Send + 'a>> {
        Box::pin(async move { args.len() })
    }
}

trait Hidden {
    fn call(&self, args: &str) -> impl Future<Output = usize> + Send;
}

impl Hidden for Clock {
    #[tool(name = format!("hidden {}", self.0))]
    fn call(&self, args: &str) -> impl Future<Output = usize> + Send {
        let length = args.len();
        async move { length }
    }
}

fn names(session: &str) -> Vec<String> {
    let trace = Recording::global().trace_of(session);
    let name = |span| attribute(span, "operation.name").map(|name| name.to_string());
    trace.iter().filter_map(name).collect()
}

fn functions(session: &str) -> Vec<String> {
    let trace = Recording::global().trace_of(session);
    let function = |span| attribute(span, "code.function.name");
    trace.iter().map(|span| function(span).map_or("-".into(), |it| it.to_string())).collect()
}

#[tokio::test]
async fn registry_tools_have_their_own_names() {
    #[session]
    async fn registry_of_tools() {
        let tools: [Box<dyn Tool>; 3] =
            [Box::new(Weather), Box::new(Remote("search".into())), Box::new(Remote("mail".into()))];
        for tool in &tools {
            let _ = tool.call("Rome").await;
        }
        BoxedTool::call(&Clock(7), "UTC").await;
        Hidden::call(&Clock(8), "UTC").await;
    }
    Recording::global();
    registry_of_tools().await;
    assert_eq!(
        Recording::global().tree_of("registry_of_tools"),
        "session registry_of_tools\n  \
         tool weather\n  \
         tool search error=\"no Rome\"\n  \
         tool mail error=\"no Rome\"\n  \
         tool clock 7\n  \
         tool hidden 8\n"
    );
    assert_eq!(
        functions("registry_of_tools"),
        [
            "names::registry_tools_have_their_own_names::{{closure}}::registry_of_tools",
            "<names::Weather as names::Tool>::call",
            "<names::Remote as names::Tool>::call",
            "<names::Remote as names::Tool>::call",
            "<names::Clock as names::BoxedTool>::call",
            "<names::Clock as names::Hidden>::call",
        ]
    );
}

#[test]
fn name_expression_works_for_every_kind() {
    #[agent(name = format!("agent {n}"))]
    fn of_agent(n: u8) {
        of_tool("tool");
    }
    #[tool(name = name.to_owned())]
    fn of_tool(name: &str) {}
    #[llm(name = *name, model = "m")]
    fn of_llm(name: &&str) {}
    #[task(name = &name)]
    fn of_task(name: Box<str>) {
        drop(name);
    }
    #[workflow(name = Cow::Borrowed(name))]
    fn of_workflow(name: &str) {}
    #[operation(name = concat!("opera", "tion"))]
    fn of_operation() {}
    #[guardrail(spec = "input", name = Some(&name))]
    fn of_guardrail(name: String) {
        drop(name);
    }
    #[traced(kind = "rerank", name = (name, 1).0)]
    fn of_traced(name: &str) {}
    #[session(name = format!("chat with {user}"))]
    fn of_session(user: &str) {
        of_agent(7);
        of_llm(&"llm");
        of_task("task".into());
        of_workflow("workflow");
        of_operation();
        of_guardrail("guardrail".to_owned());
        of_traced("traced");
        let session = agentops::current_session().unwrap();
        assert_eq!(session.name(), "chat with ann");
    }
    Recording::global();
    of_session("ann");
    assert_eq!(
        Recording::global().tree_of("chat with ann"),
        "session chat with ann\n  \
         agent agent 7\n    \
         tool tool\n  \
         llm llm\n  \
         task task\n  \
         workflow workflow\n  \
         operation operation\n  \
         guardrail guardrail\n  \
         rerank traced\n"
    );
    let tool = Recording::global().span_of("chat with ann", "tool");
    assert_eq!(attribute(&tool, "gen_ai.agent.name"), Some("agent 7".into()));
    assert_eq!(attribute(&tool, "gen_ai.tool.name"), Some("tool".into()));
}

#[test]
fn empty_name_is_ignored() {
    #[tool(name = name)]
    fn unnamed(name: Option<&str>) {}
    #[session]
    fn without_names() {
        [None, Some(""), Some("named")].into_iter().for_each(unnamed);
    }
    Recording::global();
    without_names();
    assert_eq!(names("without_names"), ["without_names", "unnamed", "unnamed", "named"]);
}

#[test]
fn name_expression_runs_once_and_only_for_a_span() {
    thread_local! {
        static ASKED: Cell<u8> = const { Cell::new(0) };
    }
    fn asked() -> String {
        ASKED.set(ASKED.get() + 1);
        format!("call {}", ASKED.get())
    }
    #[tool(name = asked())]
    fn counted() {}
    #[session]
    fn asks_once() {
        counted();
        counted();
        agentops::suppress(counted);
    }
    let recording = Recording::global();
    counted();
    assert_eq!(ASKED.get(), 0);
    asks_once();
    assert_eq!(
        (names("asks_once"), ASKED.get()),
        (vec!["asks_once".into(), "call 1".into(), "call 2".into()], 2)
    );
    assert!(recording.core.stats().orphans >= 1);
}

#[test]
fn agent_of_any_form_uses_its_name_expression() {
    #[agent(name = self.title)]
    struct ByStruct {
        title: &'static str,
    }
    #[agent]
    impl ByStruct {
        pub fn run(&self) {}
    }
    #[derive(agentops::Agent)]
    #[agentops(name = format!("number {}", self.0))]
    struct ByDerive(u8);
    #[agent]
    impl ByDerive {
        pub fn run(&self) {}
    }
    struct ByBlock(&'static str);
    #[agent(name = self.name())]
    #[expect(unreachable_pub, reason = "the attribute is for what is public")]
    impl ByBlock {
        pub fn name(&self) -> &'static str {
            self.0
        }

        pub fn run(&self) {
            used();
        }
    }
    #[tool]
    fn used() {}
    #[session]
    fn agents() {
        ByStruct { title: "planner" }.run();
        ByDerive(7).run();
        ByBlock("writer").run();
        ByBlock("").run();
    }
    Recording::global();
    agents();
    assert_eq!(names("agents")[1..], ["planner", "number 7", "writer", "used", "ByBlock", "used"]);
    let tools = Recording::global().trace_of("agents");
    assert_eq!(attribute(&tools[4], "gen_ai.agent.name"), Some("writer".into()));
}

#[tokio::test]
async fn session_of_one_call_has_its_name() {
    #[tool(name = format!("alone {n}"))]
    fn alone(n: u8) {}
    #[tool(name = format!("alone {n}"))]
    fn later(n: u8) -> impl Future<Output = ()> {
        async {}
    }
    let recording = Recording::new(|builder| builder.orphan_policy(OrphanPolicy::AutoSession));
    let subscriber = registry().with(agentops::layer(&recording.core));
    let _set = subscriber::set_default(subscriber);
    alone(1);
    later(2).await;
    assert_eq!(recording.tree_of("alone 1"), "session alone 1\n  tool alone 1\n");
    assert_eq!(recording.tree_of("alone 2"), "session alone 2\n  tool alone 2\n");
}

mod shop {
    use agentops::{session, tool};

    pub(super) struct Shelf<T>(pub T);

    impl<T: Clone> Shelf<T> {
        #[tool]
        pub(super) fn take(&self) -> T {
            self.0.clone()
        }
    }

    pub(super) trait Label {
        #[tool]
        fn label(&self) -> u8 {
            1
        }
    }

    impl<T> Label for Shelf<T> {}

    #[tool]
    pub(super) fn find<T>(value: T) -> T {
        value
    }

    #[tool]
    pub(super) async fn order() {
        std::future::ready(()).await;
    }

    #[session]
    pub(super) async fn visited() {
        find(Shelf(1)).take();
        find(Shelf("a")).label();
        order().await;
    }
}

#[tokio::test]
async fn span_records_its_function() {
    Recording::global();
    shop::visited().await;
    assert_eq!(
        functions("visited"),
        [
            "names::shop::visited",
            "names::shop::find",
            "names::shop::Shelf<_>::take",
            "names::shop::find",
            "names::shop::Label::label",
            "names::shop::order",
        ]
    );
    #[session]
    fn by_hand() {
        drop(agentops::Tool::start("held"));
    }
    by_hand();
    assert_eq!(functions("by_hand")[1..], ["-"]);
}

#[test]
fn name_may_borrow_what_the_body_moves() {
    #[tool(name = name)]
    fn takes(name: String, mut more: Vec<String>) -> Vec<String> {
        more.push(name);
        more
    }
    #[tool(name = value.to_string())]
    fn shows<T: Display + Debug>(value: T) -> T {
        value
    }
    #[session]
    fn borrows() {
        assert_eq!(takes("taken".to_owned(), Vec::new()), ["taken"]);
        assert_eq!(shows(7), 7);
    }
    Recording::global();
    borrows();
    assert_eq!(names("borrows"), ["borrows", "taken", "7"]);
}
