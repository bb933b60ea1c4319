//! Spans in hand: what they record, how they end, and what comes of holding them wrong.

use std::panic::{AssertUnwindSafe, catch_unwind};

use agentops::tracing::subscriber::{NoSubscriber, with_default};
use agentops::{
    Agent, CustomSpan, EndState, Llm, LlmRequest, LlmResponse, Message, NoSessionReason,
    OrphanPolicy, Session, SpanKind, Tool, Traced, Usage, current, current_session,
    opentelemetry::trace::Status, opentelemetry_sdk::trace::SpanData, session, task, tool,
};
use agentops_tests::{Recording, alone, attribute, log};

fn end_state(session: &str) -> Option<String> {
    let root = Recording::global().trace_of(session).remove(0);
    attribute(&root, "agentops.session.end_state").map(|state| state.to_string())
}

#[task]
fn annotated() -> u8 {
    1
}

#[test]
fn handles_and_annotated_functions_make_one_trace() {
    let recording = Recording::global();
    let session =
        Session::builder("by hand").tags(["a"]).user_id(7).metadata("plan", "pro").start();
    let agent = session.in_scope(|| Agent::builder("planner").role("plans").id(3).start());
    agent.in_scope(|| {
        annotated();
        let tool = Tool::builder("search").description("finds").cost(0.5).start();
        tool.set_input(&["tea"]).set_output(&"found").add_tag("web").event("asked");
        tool.end(EndState::Success);
        let call = Llm::builder("gpt-4o-mini").provider("openai").start();
        call.set_response(&LlmResponse::new().usage(Usage::new().input(12).output(3)));
        call.in_scope(annotated);
        call.end(EndState::Success);
        CustomSpan::start("reranker", "rerank").end(EndState::Indeterminate);
    });
    agent.end(EndState::Success);
    let totals = session.session().map(|session| session.totals());
    session.set_output(&42).end(EndState::Success);
    assert_eq!(
        recording.tree_of("by hand"),
        "session by hand\n\
        \x20 agent planner\n\
        \x20   task annotated\n\
        \x20   tool search\n\
        \x20   llm gpt-4o-mini\n\
        \x20     task annotated\n\
        \x20   reranker rerank\n"
    );
    let tool = recording.span_of("by hand", "search");
    let keys = ["input.value", "output.value", "gen_ai.tool.description", "gen_ai.agent.name"];
    let expected = [r#"["tea"]"#, "found", "finds", "planner"].map(|it| Some(it.into()));
    assert_eq!(keys.map(|key| attribute(&tool, key)), expected);
    let keys = ["user.id", "metadata", "tag.tags", "session.id"];
    let session_id = attribute(&tool, "session.id").map(|id| id.to_string()).unwrap_or_default();
    let expected = ["7", r#"{"plan":"pro"}"#, r#"["a"]"#, &session_id];
    let stamps = keys.map(|key| attribute(&tool, key).map(|value| value.to_string()));
    assert_eq!(stamps, expected.map(|it| Some(it.to_owned())));
    let root = recording.span_of("by hand", "by hand");
    let keys = ["user.id", "agentops.metadata.plan", "output.value", "agentops.session.end_state"];
    assert_eq!(
        keys.map(|key| attribute(&root, key)),
        ["7", "pro", "42", "Success"].map(|it| Some(it.into()))
    );
    let totals = totals.expect("the session was open");
    // The model call adds its millionths when the prices are read, which may be by now.
    let cost = (totals.cost_usd().unwrap_or_default() * 1e3).round() / 1e3;
    assert_eq!((totals.calls(SpanKind::Task), totals.usage().total(), cost), (2, 15, 0.5));
}

#[tokio::test]
async fn handle_runs_a_future_without_ending() {
    let recording = Recording::global();
    let session = Session::start("with futures");
    session
        .instrument(async {
            let agent = Agent::start("waiter");
            let work = agent.instrument(async {
                tokio::task::yield_now().await;
                annotated()
            });
            tokio::spawn(work).await.ok();
            assert!(agent.is_recording());
        })
        .await;
    assert!(session.is_recording());
    session.end(EndState::Success);
    assert_eq!(
        recording.tree_of("with futures"),
        "session with futures\n  agent waiter\n    task annotated\n"
    );
}

#[test]
fn output_usage_and_errors_are_set_at_any_depth() {
    fn deep(depth: u8) {
        if depth > 0 {
            return deep(depth - 1);
        }
        current().set_output(&"told").record_error("half broken").add_tag("odd").add_tag("odd");
    }
    #[tool(tags("own"))]
    fn tells() -> &'static str {
        deep(5);
        "returned"
    }
    #[tool]
    fn fails() -> Result<(), String> {
        let error = "told once".to_owned();
        current().record_error(&error);
        Err(error)
    }
    #[session]
    fn telling_deep() {
        tells();
        let _ = fails();
    }
    let recording = Recording::global();
    telling_deep();
    let span = recording.span_of("telling_deep", "tells");
    assert_eq!(attribute(&span, "output.value"), Some("told".into()));
    assert_eq!(
        attribute(&span, "agentops.tags").map(|tags| tags.to_string()),
        Some("[\"own\",\"odd\"]".into())
    );
    assert_eq!(span.status, Status::error("half broken"));
    let failed = recording.span_of("telling_deep", "fails");
    assert_eq!((failed.events.len(), failed.status), (1, Status::error("told once")));
    assert_eq!(end_state("telling_deep").as_deref(), Some("Success"));
}

#[test]
fn session_endings_have_an_end_state() {
    Session::start("well").end(EndState::Success);
    Session::start("badly").record_error("reason").end(EndState::Failure);
    Session::start("unknown why").end(EndState::Failure);
    drop(Session::start("forgotten"));
    let unwound = catch_unwind(|| {
        let _session = Session::start("unwound");
        panic!("on purpose");
    });
    assert!(unwound.is_err());
    let recording = Recording::global();
    let left = |name| {
        let status = recording.span_of(name, name).status;
        (end_state(name).unwrap_or_default(), status)
    };
    let state = |state: &str, status| (state.to_owned(), status);
    assert_eq!(left("well"), state("Success", Status::Unset));
    assert_eq!(left("badly"), state("Failure", Status::error("reason")));
    assert_eq!(left("unknown why"), state("Failure", Status::error("")));
    assert_eq!(left("forgotten"), state("Indeterminate", Status::Unset));
    assert_eq!(left("unwound"), state("Failure", Status::error("on purpose")));
    let unknown = recording.span_of("unknown why", "unknown why");
    assert_eq!(attribute(&unknown, "error.type"), Some("_OTHER".into()));
}

#[test]
fn first_end_wins_and_later_calls_do_nothing() {
    let recording = Recording::global();
    let session = Session::start("ended twice");
    session.end(EndState::Success);
    session.end(EndState::Failure);
    session
        .set_attribute("late", 1)
        .record_error("late")
        .set_output("late")
        .event("late")
        .add_tag("late");
    assert!(!session.is_recording() && session.session().is_none());
    let before = recording.core.stats();
    assert_eq!(session.in_scope(annotated), 1);
    session.in_scope(|| Tool::start("too late")).end(EndState::Success);
    assert_eq!(recording.core.stats().late, before.late + 2);
    let root = recording.span_of("ended twice", "ended twice");
    assert_eq!((root.status.clone(), root.events.len()), (Status::Unset, 0));
    assert!(!format!("{root:?}").contains("late"));
    assert_eq!(
        recording.tree_of("ended twice"),
        "session ended twice\n  task annotated\n  tool too late\n"
    );
    assert_eq!(end_state("ended twice").as_deref(), Some("Success"));
}

#[test]
fn clones_share_a_span_and_the_last_ends_it() {
    let recording = Recording::global();
    let session = Session::start("dropped elsewhere");
    let tool = session.in_scope(|| Tool::start("moved"));
    let clone = tool.clone();
    drop(tool);
    assert!(clone.is_recording());
    std::thread::spawn(move || drop((clone, session))).join().expect("it only drops");
    assert_eq!(recording.tree_of("dropped elsewhere"), "session dropped elsewhere\n  tool moved\n");
    assert_eq!(end_state("dropped elsewhere").as_deref(), Some("Indeterminate"));
}

#[test]
fn try_start_without_a_session_is_an_error() {
    let recording = Recording::global();
    let before = recording.core.stats();
    let (error, line) = (Agent::try_start("alone"), line!());
    let error = error.expect_err("there is no session");
    assert_eq!(error.to_string(), outside_of_any_session("agent `alone`", line));
    let after = recording.core.stats();
    assert!(after.orphans > before.orphans);
    assert_eq!(log::lines_with("`alone`"), Vec::<String>::new(), "the error says it");
}

#[test]
fn no_session_reason_distinguishes_sessions_open_elsewhere() {
    alone(
        |builder| builder,
        |recording| {
            let reason = || Tool::try_start("alone").expect_err("no session").reason();
            assert_eq!(reason(), NoSessionReason::NoneOpen);
            let session = Session::start("elsewhere");
            assert_eq!(reason(), NoSessionReason::OutsideOfOpen);
            session.end(EndState::Success);
            assert_eq!(reason(), NoSessionReason::NoneOpen, "it has ended");
            assert_eq!(recording.core.stats().orphans, 3);
        },
    );
}

fn texts(span: &SpanData, keys: &[&str]) -> Vec<String> {
    let text = |key| attribute(span, key).map_or("-".to_owned(), |value| value.to_string());
    keys.iter().map(|key| text(key)).collect()
}

const STAMPS: [&str; 3] = ["user.id", "metadata", "tag.tags"];

#[test]
fn late_session_attributes_reach_root_and_later_spans() {
    let recording = Recording::global();
    let session = Session::builder("later").metadata("plan", "free").tags(["a"]).start();
    let long = session.in_scope(|| Tool::start("long"));
    session.in_scope(|| Tool::start("before")).end(EndState::Success);
    session.set_user_id("u-1").set_user_id("").set_user_id(None::<u8>);
    session.in_scope(|| {
        let session = current_session().expect("it is open");
        session.set_metadata("plan", "pro").set_metadata("seats", 1).add_tag("b").add_tag("a");
        assert_eq!(session.user_id().as_deref(), Some("u-1"));
        current().add_tag("of the root alone");
        Tool::start("between").end(EndState::Success);
    });
    session.set_user_id(2);
    long.end(EndState::Success);
    let look = session.session().expect("it is open");
    session.end(EndState::Success);
    look.set_user_id("late").set_metadata("late", true).add_tag("late");
    session.set_user_id("late");
    assert_eq!(look.user_id().as_deref(), Some("2"));
    let stamps = |name| texts(&recording.span_of("later", name), &STAMPS);
    assert_eq!(stamps("before"), ["-", r#"{"plan":"free"}"#, r#"["a"]"#]);
    let (metadata, tags) = (r#"{"plan":"pro","seats":1}"#, r#"["a","b"]"#);
    assert_eq!(stamps("between"), ["u-1", metadata, tags]);
    assert_eq!(stamps("long"), ["2", metadata, tags]);
    assert_eq!(stamps("later"), ["2", metadata, tags]);
    let root = recording.span_of("later", "later");
    assert_eq!(
        texts(&root, &["agentops.metadata.plan", "agentops.metadata.seats", "agentops.tags"]),
        ["pro", "1", r#"["a","b","of the root alone"]"#]
    );
}

#[test]
fn excess_tags_are_warned_of_once() {
    Recording::global();
    let session = Session::start("much said");
    (0..200).for_each(|n| _ = session.add_tag(format!("t{n}")).set_metadata(format!("k{n}"), n));
    session.end(EndState::Success);
    // Delivery warns of the span `much said`, too, now or later.
    assert_eq!(
        log::lines_with("session `much said`"),
        [
            "session `much said` has as many tags or keys of metadata as are kept, and further ones are not; \
          say what belongs to one call by `current().set_attribute`"
        ]
    );
}

#[test]
fn model_handle_needs_no_trait() {
    let recording = Recording::global();
    let session = Session::start("a whole call");
    let call = session.in_scope(|| Llm::builder("m").provider("openai").start());
    call.set_model("m-2")
        .set_request(&LlmRequest::new().max_tokens(7_u32))
        .set_input_messages(&[Message::user("why?")])
        .set_system_instructions("be brief")
        .set_tool_definitions(&serde_json::json!([{"name": "search"}]))
        .set_response(&LlmResponse::new().text("because").model("m-2-mini"))
        .set_usage(Usage::new().input(1_u32).output(Some(2_i32)))
        .set_cost(0.5)
        .end(EndState::Success);
    session.end(EndState::Success);
    let span = recording.span_of("a whole call", "m");
    assert_eq!(
        texts(
            &span,
            &[
                "gen_ai.request.model",
                "gen_ai.request.max_tokens",
                "gen_ai.input.messages",
                "gen_ai.response.model",
                "gen_ai.usage.output_tokens",
                "agentops.usage.cost_usd",
            ]
        ),
        [
            "m-2",
            "7",
            r#"[{"role":"user","parts":[{"type":"text","content":"why?"}]}]"#,
            "m-2-mini",
            "2",
            "0.5",
        ]
    );
    let words = texts(&span, &["gen_ai.system_instructions", "gen_ai.tool.definitions"]);
    assert!(words[0].contains("be brief") && words[1].contains("search"), "{words:?}");
}

fn outside_of_any_session(who: &str, line: u32) -> String {
    format!(
        "{who} ({}:{line}) was called outside of any session and is not recorded; call it below a \
         `#[session]` function, and spawn it by `agentops::spawn`, with `.in_current_session()` or by \
         `agentops::thread::spawn`; where a server or a queue calls it, put `#[session]` above it",
        file!()
    )
}

#[test]
fn handle_without_a_session_records_nothing() {
    fn by_name(name: String) -> (Tool, u32) {
        (Tool::start(name), line!())
    }
    let recording = Recording::global();
    let before = recording.core.stats().orphans;
    let many: Vec<_> = (0..3).map(|n| by_name(format!("nowhere {n}"))).collect();
    let (other, line) = (Llm::builder("nowhere model").provider("openai").start(), line!());
    for (tool, _) in &many {
        assert_eq!(tool.set_input(&1).set_output(&2).in_scope(|| 7), 7);
        assert!(!tool.is_recording() && tool.session().is_none());
        tool.end(EndState::Success);
    }
    other.set_usage(Usage::new().input(12).output(3)).end(EndState::Success);
    assert!(recording.core.stats().orphans >= before + 4);
    assert_eq!(
        log::lines_with("nowhere"),
        [
            outside_of_any_session("tool `nowhere 0`", many[0].1),
            outside_of_any_session("llm `nowhere model`", line)
        ],
        "once for each place"
    );
}

#[test]
fn policy_decides_on_handles_without_a_session() {
    let under = |policy, code: &dyn Fn()| {
        let recording = Recording::new(|builder| builder.orphan_policy(policy));
        let subscriber = tracing_subscriber::layer::SubscriberExt::with(
            tracing_subscriber::registry(),
            agentops::layer(&recording.core),
        );
        with_default(subscriber, code);
        recording
    };
    under(OrphanPolicy::Panic, &|| {
        let (panicked, line) = (catch_unwind(|| Tool::start("strict")), line!());
        let message = panicked.map(drop).expect_err("it panics").downcast::<String>();
        assert_eq!(*message.expect("text"), outside_of_any_session("tool `strict`", line));
        assert!(catch_unwind(|| Tool::try_start("strict")).is_err());
    });
    let recording = under(OrphanPolicy::AutoSession, &|| {
        let tool = Tool::start("adopted");
        tool.in_scope(annotated);
        tool.end(EndState::Failure);
        assert!(Tool::try_start("tried").is_ok_and(|tool| tool.is_recording()));
    });
    assert_eq!(
        recording.tree_of("adopted"),
        "session adopted error=\"\"\n  tool adopted error=\"\"\n    task annotated\n"
    );
}

#[test]
fn handles_do_nothing_while_tracing_is_off() {
    let recording = Recording::new(|builder| builder);
    with_default(NoSubscriber::new(), || {
        let session = Session::start("off");
        let agent = session.in_scope(|| Agent::start("off"));
        assert!(!agent.is_recording());
        assert!(Tool::try_start("off").is_ok_and(|tool| !tool.is_recording()));
        session.set_output(&1).end(EndState::Success);
    });
    assert_eq!(recording.core.stats(), agentops::Stats::default());
}

#[test]
fn sessions_after_shutdown_are_warned_once_per_place() {
    let recording = Recording::new(|builder| builder);
    recording.core.shutdown().expect("nothing to deliver");
    let subscriber = tracing_subscriber::layer::SubscriberExt::with(
        tracing_subscriber::layer::SubscriberExt::with(
            tracing_subscriber::registry(),
            agentops::layer(&recording.core),
        ),
        log::Log,
    );
    let lines = with_default(subscriber, || {
        for _ in 0..2 {
            Session::start("belated").end(EndState::Success);
        }
        let line = line!() - 2;
        Session::builder("much belated").start().end(EndState::Success);
        [line, line!() - 1]
    });
    let said = |name: &str, line: u32| {
        format!(
            "session `{name}` ({}:{line}) was started after agentops had shut down and is not recorded; bind \
             the guard of `init` to a name, such as `_guard`, and keep it until the program ends",
            file!()
        )
    };
    assert_eq!(
        log::lines_with("belated"),
        [said("belated", lines[0]), said("much belated", lines[1])]
    );
}

#[test]
fn inner_session_handle_has_its_own_trace() {
    let recording = Recording::global();
    let outer = Session::start("outer hand");
    let inner = outer.in_scope(|| Session::start("inner hand"));
    inner.end(EndState::Success);
    outer.end(EndState::Success);
    let (outer, inner) = (
        recording.span_of("outer hand", "outer hand"),
        recording.span_of("inner hand", "inner hand"),
    );
    assert_ne!(outer.span_context.trace_id(), inner.span_context.trace_id());
    let links: Vec<_> = inner.links.iter().map(|link| link.span_context.clone()).collect();
    assert_eq!(links, std::slice::from_ref(&outer.span_context));
}

#[test]
fn open_sessions_are_listed_and_shutdown_ends_them() {
    let recording = Recording::new(|builder| builder);
    let subscriber = tracing_subscriber::layer::SubscriberExt::with(
        tracing_subscriber::registry(),
        agentops::layer(&recording.core),
    );
    with_default(subscriber, || {
        let session = Session::builder("left open").session_id("s-1").start();
        let leaked = session.in_scope(|| Tool::start("leaked"));
        let look = |sessions: Vec<agentops::SessionRef>| {
            sessions
                .iter()
                .map(|it| (it.name().to_owned(), it.id(), it.is_open()))
                .collect::<Vec<_>>()
        };
        assert_eq!(look(agentops::sessions()), [("left open".to_owned(), "s-1".to_owned(), true)]);
        recording.core.shutdown().expect("all is delivered");
        assert!(look(recording.core.sessions()).is_empty());
        session.end(EndState::Success);
        drop(leaked);
    });
    let error = recording.core.flush().expect_err("one ended later");
    let late = "1 of 2 spans were not delivered: 1 ended after tracing had shut down";
    assert_eq!(error.to_string(), late);
    assert_eq!(recording.tree_of("left open"), "session left open\n");
    let root = recording.span_of("left open", "left open");
    assert_eq!(attribute(&root, "agentops.session.end_state"), Some("Shutdown".into()));
}

#[test]
fn handles_share_the_traced_trait() {
    fn is_of<T: Traced>(span: &T, name: &str) -> bool {
        span.in_scope(|| current_session().is_some_and(|session| session.name() == name))
    }
    let session = Session::start("any handle");
    let tool = session.in_scope(|| Tool::start("any"));
    assert!(is_of(&session, "any handle") && is_of(&tool, "any handle"));
    let caught = catch_unwind(AssertUnwindSafe(|| tool.in_scope(|| panic!("on purpose"))));
    assert!(caught.is_err() && tool.is_recording());
}

/// Code that does not import the trait `Traced`.
mod without_the_trait {
    use agentops::{
        Agent, CustomSpan, EndState, Event, Llm, Session, Tool, opentelemetry::KeyValue,
        opentelemetry_sdk::trace::SpanData,
    };
    use agentops_tests::{Recording, attribute};

    fn events_of(span: &SpanData) -> Vec<(String, Vec<KeyValue>)> {
        let events = span.events.iter();
        events.map(|event| (event.name.to_string(), event.attributes.clone())).collect()
    }

    #[test]
    fn every_handle_has_a_builder_its_span_and_events() {
        let recording = Recording::global();
        let session = Session::builder("inherent").start();
        session.in_scope(|| {
            let (agent, tool) = (Agent::builder("a").start(), Tool::builder("t").start());
            let (llm, custom) =
                (Llm::builder("m").start(), CustomSpan::builder("kind", "c").start());
            let spans = [session.span(), agent.span(), tool.span(), llm.span(), custom.span()];
            assert!(spans.iter().all(|span| span.trace_id() == session.span().trace_id()));
            spans.iter().zip(1..).for_each(|(span, n)| _ = span.set_attribute("n", n));
            let retry = Event::new("retry").attribute("attempt", 2).attribute("none", None::<u8>);
            session.event("plain").event(retry.attribute("why", "timeout"));
            agent.end(EndState::Success);
            tool.end(EndState::Success);
            llm.end(EndState::Success);
            custom.end(EndState::Success);
        });
        session.end(EndState::Success);
        let spans = recording.trace_of("inherent");
        assert_eq!(
            events_of(&spans[0]),
            [
                ("plain".to_owned(), vec![]),
                (
                    "retry".to_owned(),
                    vec![KeyValue::new("attempt", 2), KeyValue::new("why", "timeout")]
                ),
            ]
        );
        let mut numbers: Vec<_> = spans.iter().filter_map(|span| attribute(span, "n")).collect();
        numbers.sort_by_key(ToString::to_string);
        assert_eq!(numbers, [1, 2, 3, 4, 5].map(Into::into));
    }
}
