//! A session that goes on elsewhere: in tasks, threads and pools, and in other processes by their headers.

use std::{
    collections::{BTreeMap, HashMap},
    sync::mpsc,
};

use agentops::{
    EndState, Extractor, HeaderExtractor, HeaderInjector, Injector, Session, SessionContext,
    SessionExt, TrustRemote, current_session, extract, inject, opentelemetry::trace::SpanId,
    session, suppress, tool, tracing::subscriber::set_default,
};
use agentops_tests::{Recording, alone, attribute, headers};
use futures_util::FutureExt;
use http::{HeaderMap, HeaderValue};
use tracing_subscriber::{layer::SubscriberExt, registry};

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const BAGGAGE: &str = "session.id=s-1,user.id=u%201,agentops.sampled=1";

#[tool]
fn work(n: u32) -> u32 {
    n + 1
}

#[tool]
async fn async_work(n: u32) -> u32 {
    tokio::task::yield_now().await;
    n + 1
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_threads_and_pools_stay_in_the_session() {
    #[session]
    async fn goes_places() -> u32 {
        let spawned = agentops::spawn(async_work(1)).await.unwrap_or_default();
        let blocking = agentops::spawn_blocking(|| work(2)).await.unwrap_or_default();
        let plain = tokio::spawn(async_work(3).in_current_session()).await.unwrap_or_default();
        let thread = agentops::thread::spawn(|| work(4)).join().unwrap_or_default();
        let context = SessionContext::current();
        let (send, jobs) = mpsc::channel::<Box<dyn FnOnce() -> u32 + Send>>();
        let pool = std::thread::spawn(move || jobs.iter().map(|job| job()).sum::<u32>());
        let in_pool = context.clone();
        send.send(Box::new(move || in_pool.in_scope(|| work(5)))).expect("the pool lives");
        drop(send);
        let in_pool = pool.join().unwrap_or_default();
        let polled = context.instrument(async_work(6)).await;
        spawned + blocking + plain + thread + in_pool + polled
    }
    let recording = Recording::global();
    assert_eq!(goes_places().await, 2 + 3 + 4 + 5 + 6 + 7);
    assert_eq!(
        recording.tree_of("goes_places"),
        "session goes_places\n\
        \x20 tool async_work\n\
        \x20 tool work\n\
        \x20 tool async_work\n\
        \x20 tool work\n\
        \x20 tool work\n\
        \x20 tool async_work\n"
    );
}

#[tokio::test]
async fn suppressed_code_leaves_no_trace() {
    #[session]
    async fn partly_silent() -> u32 {
        suppress(|| work(1)) + async_work(2).suppressed().await + work(3)
    }
    let recording = Recording::new(|builder| builder);
    let subscriber = registry().with(agentops::layer(&recording.core));
    let _default = set_default(subscriber);
    assert_eq!(partly_silent().await, 2 + 3 + 4);
    assert_eq!(suppress(|| work(1)), 2);
    assert_eq!(recording.tree_of("partly_silent"), "session partly_silent\n  tool work\n");
    assert_eq!(recording.core.stats().orphans, 0);
}

#[test]
fn remote_session_continues_trace_and_user() {
    alone(
        |builder| builder,
        |recording| {
            let session = Session::builder("caller").session_id("s 1").user_id("u,1").start();
            let (sent, caller) = session.in_scope(|| {
                let mut sent = HashMap::new();
                inject(&mut sent);
                (sent, agentops::current())
            });
            // Elsewhere: nothing but the headers is known.
            let there = extract(&sent);
            let look = there.session().map(|it| (it.id(), it.user_id()));
            assert_eq!(look, Some(("s 1".to_owned(), Some("u,1".to_owned()))));
            assert_eq!(there.in_scope(|| work(1)), 2);
            session.end(EndState::Success);
            let spans = recording.trace_of("caller");
            let work = &spans[1];
            assert_eq!(Some(work.span_context.trace_id()), caller.trace_id());
            assert_eq!(Some(work.parent_span_id), caller.span_id());
            assert_eq!(attribute(work, "session.id"), Some("s 1".into()));
            assert_eq!(attribute(work, "user.id"), Some("u,1".into()));
            assert_eq!(recording.core.stats().rejected, 0);
        },
    );
}

#[test]
fn late_user_is_propagated() {
    alone(
        |builder| builder,
        |recording| {
            let session = Session::builder("logs in").user_id("guest").start();
            let mut sent = HeaderMap::new();
            session.set_user_id("u-2").in_scope(|| inject(&mut sent));
            let there = extract(&sent);
            let user = || there.session().and_then(|session| session.user_id());
            assert_eq!(user().as_deref(), Some("u-2"));
            there.session().expect("it goes on").set_user_id("u-3");
            there.in_scope(|| work(1));
            assert_eq!(user().as_deref(), Some("u-3"));
            session.end(EndState::Success);
            let users = recording.trace_of("logs in");
            let users: Vec<_> = users.iter().map(|span| attribute(span, "user.id")).collect();
            assert_eq!(users, [Some("u-2".into()), Some("u-3".into())]);
        },
    );
}

#[test]
fn maps_and_http_headers_carry_a_session() {
    struct Tree(BTreeMap<String, String>);
    impl Injector for Tree {
        fn set(&mut self, key: &str, value: String) {
            self.0.insert(key.to_owned(), value);
        }
    }
    impl Extractor for Tree {
        fn get(&self, key: &str) -> Option<&str> {
            self.0.get(key).map(String::as_str)
        }
        fn keys(&self) -> Vec<&str> {
            self.0.keys().map(String::as_str).collect()
        }
    }
    alone(
        |builder| builder,
        |_| {
            let session = Session::builder("carried").session_id("s-9").start();
            session.in_scope(|| {
                let (mut tree, mut http) = (Tree(BTreeMap::new()), HeaderMap::new());
                let (mut map, mut wrapped) = (HashMap::new(), HeaderMap::new());
                inject(&mut tree);
                inject(&mut http);
                inject(&mut HeaderInjector(&mut wrapped));
                inject(&mut map as &mut dyn Injector);
                let mut request = http::Request::new(());
                inject(request.headers_mut());
                let there = [
                    extract(&tree),
                    extract(&http),
                    extract(&HeaderExtractor(&wrapped)),
                    extract(&map as &dyn Extractor),
                    extract(&map),
                    extract(request.headers()),
                ];
                let ids = there.map(|there| there.session().map(|session| session.id()));
                assert_eq!(ids, [(); 6].map(|()| Some("s-9".to_owned())));
                // The entries of a baggage stand in no order.
                let sent = |headers: &HeaderMap| {
                    let mut baggage: Vec<_> = headers["baggage"]
                        .to_str()
                        .unwrap()
                        .split(',')
                        .map(str::to_owned)
                        .collect();
                    baggage.sort();
                    (headers["traceparent"].clone(), headers["tracestate"].clone(), baggage)
                };
                assert_eq!(sent(&http), sent(&wrapped));
            });
        },
    );
}

#[test]
fn several_headers_of_one_name_are_one_list() {
    let mut http = HeaderMap::new();
    for (name, value) in [
        ("traceparent", PARENT),
        ("tracestate", "a=1"),
        ("baggage", "session.id=s-1"),
        ("tracestate", "b=2"),
        ("baggage", "user.id=u-1,tenant=t"),
    ] {
        http.append(name, HeaderValue::from_static(value));
    }
    alone(
        |builder| builder,
        |recording| {
            for there in [extract(&http), extract(&HeaderExtractor(&http))] {
                let look = there.session().map(|it| (it.id(), it.user_id()));
                assert_eq!(look, Some(("s-1".to_owned(), Some("u-1".to_owned()))));
                let mut on = HeaderMap::new();
                there.in_scope(|| inject(&mut on));
                assert_eq!(on["tracestate"], "a=1,b=2");
                let baggage = on["baggage"].to_str().unwrap_or_default();
                assert!(baggage.contains("tenant=t") && baggage.contains("user.id=u-1"));
            }
            assert_eq!(recording.core.stats().rejected, 0);
            // Of two callers neither is believed, and neither is one that is no text.
            http.append("traceparent", HeaderValue::from_static(PARENT));
            assert!(extract(&http).session().is_none());
            let no_text = HeaderValue::from_bytes(b"\xff").expect("a header");
            http.insert("traceparent", no_text);
            assert!(extract(&http).session().is_none());
            assert_eq!(recording.core.stats().rejected, 2);
        },
    );
}

#[tokio::test]
async fn future_extensions_combine() {
    #[session]
    async fn extends() -> u32 {
        let mapped = async_work(1).in_current_session().map(|it| it + 1).boxed();
        let short = async_work(2).boxed().in_session();
        let (mapped, short) = (tokio::spawn(mapped), tokio::spawn(short));
        async_work(9).suppressed().map(drop).await;
        mapped.await.unwrap_or_default() + short.await.unwrap_or_default()
    }
    let recording = Recording::global();
    assert_eq!(extends().await, 3 + 3);
    assert_eq!(
        recording.tree_of("extends"),
        "session extends\n  tool async_work\n  tool async_work\n"
    );
}

#[test]
fn remote_session_is_linked_to_its_caller() {
    alone(
        |builder| builder,
        |recording| {
            #[session]
            fn served() {}
            let caller = extract(&headers(&[("traceparent", PARENT)]));
            assert!(caller.session().is_none());
            caller.in_scope(served);
            let root = recording.span_of("served", "served");
            assert_eq!(root.parent_span_id, SpanId::INVALID);
            let links: Vec<_> =
                root.links.iter().map(|link| link.span_context.span_id().to_string()).collect();
            assert_eq!(links, ["b7ad6b7169203331"]);
        },
    );
}

#[test]
fn headers_are_written_only_inside_a_session() {
    alone(
        |builder| builder,
        |_| {
            let mut sent = HashMap::new();
            inject(&mut sent);
            let session = Session::start("over");
            session.end(EndState::Success);
            session.in_scope(|| inject(&mut sent));
            suppress(|| Session::start("suppressed").in_scope(|| inject(&mut sent)));
            assert_eq!(sent, HashMap::new());
        },
    );
}

#[test]
fn unsampled_session_stays_unsampled_remotely() {
    let sent = alone(
        |builder| builder.sample_rate(0.0),
        |_| {
            let mut sent = HashMap::new();
            Session::builder("unsampled").session_id("s").start().in_scope(|| inject(&mut sent));
            sent
        },
    );
    assert!(sent["traceparent"].ends_with("-00") && sent["baggage"].contains("agentops.sampled=0"));
    alone(
        |builder| builder,
        |recording| {
            assert_eq!(extract(&sent).in_scope(|| work(1)), 2);
            let stats = recording.core.stats();
            assert_eq!((stats.started, stats.orphans, stats.rejected), (0, 0, 0));
        },
    );
}

#[test]
fn trust_policy_decides_on_claims() {
    let started = |policy, rate, flags: &str, said: &str| {
        alone(
            |builder| builder.trust_remote(policy).sample_rate(rate),
            |recording| {
                let parent = format!("{}{flags}", &PARENT[..53]);
                let baggage = format!("session.id=s-1,agentops.sampled={said}");
                let there = extract(&headers(&[("traceparent", &parent), ("baggage", &baggage)]));
                there.in_scope(|| work(1));
                let stats = recording.core.stats();
                (stats.started, stats.orphans, stats.rejected)
            },
        )
    };
    assert_eq!(started(TrustRemote::Identity, 1.0, "01", "1"), (1, 0, 0));
    assert_eq!(started(TrustRemote::Identity, 0.0, "01", "1"), (0, 0, 0));
    assert_eq!(started(TrustRemote::Identity, 1.0, "00", "1"), (0, 0, 0));
    assert_eq!(started(TrustRemote::Identity, 1.0, "01", "0"), (0, 0, 0));
    assert_eq!(started(TrustRemote::Sampling, 0.0, "01", "1"), (1, 0, 0));
    assert_eq!(started(TrustRemote::Sampling, 1.0, "00", "1"), (0, 0, 0));
    assert_eq!(started(TrustRemote::Never, 1.0, "01", "1"), (0, 1, 1));
}

/// Headers that nobody should believe: what they are, then `traceparent`, `tracestate`, `baggage`.
fn hostile() -> Vec<(&'static str, String, String, String)> {
    let parent = |parent: &str| (parent.to_owned(), String::new(), BAGGAGE.to_owned());
    let baggage = |baggage: &str| (PARENT.to_owned(), String::new(), baggage.to_owned());
    let long = |unit: &str, times: usize| unit.repeat(times);
    let cases = [
        ("an empty parent", parent("")),
        ("a parent of spaces", parent("   ")),
        ("a parent of words", parent("not a traceparent at all")),
        ("no version", parent("0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")),
        (
            "the forbidden version",
            parent("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        ),
        (
            "a version that is none",
            parent("zz-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        ),
        (
            "a version of one digit",
            parent("0-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        ),
        ("no trace", parent("00-00000000000000000000000000000000-b7ad6b7169203331-01")),
        ("no span", parent("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01")),
        ("a short trace", parent("00-0af7651916cd43dd8448eb211c8031-b7ad6b7169203331-01")),
        ("a long trace", parent("00-0af7651916cd43dd8448eb211c80319c00-b7ad6b7169203331-01")),
        ("a short span", parent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b71692033-01")),
        ("a long span", parent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333100-01")),
        ("capital letters", parent("00-0AF7651916CD43DD8448EB211C80319C-B7AD6B7169203331-01")),
        ("letters beyond f", parent("00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01")),
        (
            "letters beyond latin",
            parent("00-0af7651916cd43dd8448eb211c8031９c-b7ad6b7169203331-01"),
        ),
        ("no flags", parent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331")),
        ("empty flags", parent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-")),
        ("flags of one digit", parent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1")),
        ("flags that are none", parent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-zz")),
        ("something behind the flags", parent(&format!("{PARENT}-more"))),
        ("a newline behind the flags", parent(&format!("{PARENT}\n"))),
        ("spaces around", parent(&format!(" {PARENT} "))),
        ("two parents in one", parent(&format!("{PARENT},{PARENT}"))),
        ("underscores", parent(&PARENT.replace('-', "_"))),
        ("a null", parent(&format!("{PARENT}\0"))),
        (
            "a later version without end",
            parent(&format!("cc{}-{}", &PARENT[2..], long("a", 5_000))),
        ),
        ("a parent without end", parent(&long("0", 100_000))),
        ("a tracestate without end", (PARENT.to_owned(), long("a=b,", 200), BAGGAGE.to_owned())),
        (
            "a tracestate of two lines",
            (PARENT.to_owned(), "a=b\r\nx: 1".to_owned(), BAGGAGE.to_owned()),
        ),
        (
            "a tracestate beyond latin",
            (PARENT.to_owned(), "a=\u{fc}".to_owned(), BAGGAGE.to_owned()),
        ),
        ("a baggage without end", baggage(&format!("{BAGGAGE},x={}", long("y", 9_000)))),
        ("a session without end", baggage(&format!("session.id={}", long("s", 300)))),
        ("a user without end", baggage(&format!("session.id=s,user.id={}", long("u", 300)))),
        ("a session of control characters", baggage("session.id=a%00b")),
        ("a session with a line break", baggage("session.id=a%0d%0ax-injected%3a1")),
        ("a user that clears the screen", baggage("session.id=s,user.id=%1b%5b2J")),
        ("an empty session", baggage("session.id=")),
        ("more entries than allowed", baggage(&format!("{BAGGAGE},{}", many_entries(80)))),
        ("a session without a place", (String::new(), String::new(), BAGGAGE.to_owned())),
    ];
    cases
        .into_iter()
        .map(|(what, (parent, state, baggage))| (what, parent, state, baggage))
        .collect()
}

fn many_entries(count: usize) -> String {
    (0..count).map(|n| format!("k{n}=v")).collect::<Vec<_>>().join(",")
}

#[test]
fn hostile_headers_are_counted_and_enable_nothing() {
    let cases = hostile();
    assert!(cases.len() >= 30, "{}", cases.len());
    for (what, parent, state, baggage) in cases {
        let sent =
            headers(&[("traceparent", &parent), ("tracestate", &state), ("baggage", &baggage)]);
        let sent = sent.into_iter().filter(|(key, value)| {
            key != "traceparent" || !value.is_empty() || what == "an empty parent"
        });
        let sent: HashMap<_, _> = sent.collect();
        alone(
            |builder| builder.trust_remote(TrustRemote::Sampling),
            |recording| {
                let there = extract(&sent);
                assert_eq!(there.session().map(|it| it.id()), None, "{what}");
                assert_eq!(there.in_scope(|| work(1)), 2, "{what}");
                let stats = recording.core.stats();
                assert_eq!((stats.started, stats.orphans, stats.rejected), (0, 1, 1), "{what}");
            },
        );
    }
}

#[test]
fn unrelated_headers_are_not_rejected() {
    alone(
        |builder| builder,
        |recording| {
            for sent in [headers(&[]), headers(&[("baggage", "tenant=a")]), headers(&[("x", "y")])]
            {
                assert!(extract(&sent).session().is_none());
            }
            assert_eq!(recording.core.stats().rejected, 0);
            let there =
                extract(&headers(&[("traceparent", PARENT), ("baggage", "session.id=s,tenant=a")]));
            let tenant = there.in_scope(|| {
                let mut on = HashMap::new();
                inject(&mut on);
                on["baggage"].clone()
            });
            assert!(tenant.contains("tenant=a") && tenant.contains("session.id=s"), "{tenant}");
            assert!(there.in_scope(current_session).is_some());
        },
    );
}

/// Headers that a process passes on which was asked with this baggage.
fn passed_on(baggage: &str) -> HashMap<String, String> {
    let there = extract(&headers(&[("traceparent", PARENT), ("baggage", baggage)]));
    let mut on = HashMap::new();
    there.in_scope(|| inject(&mut on));
    on
}

#[test]
fn baggage_properties_are_not_smuggled() {
    alone(
        |builder| builder,
        |_| {
            for smuggled in ["p%0d%0ax-evil: 1", "%2Csession.id=evil", "p=%c3%bc"] {
                let on = passed_on(&format!("session.id=s,a=b;{smuggled}"));
                assert_eq!(extract(&on).session().map(|it| it.id()), Some("s".to_owned()));
                let entries: Vec<_> =
                    on["baggage"].split(',').filter(|it| it.contains("=b")).collect();
                assert_eq!(entries, ["a=b"], "{smuggled}");
            }
            assert!(passed_on("session.id=s,a=b;p=q;r")["baggage"].contains("a=b;p=q;r"));
        },
    );
}

#[test]
fn id_survives_propagation_unchanged() {
    alone(
        |builder| builder,
        |_| {
            for id in ["100%", "50%2Csession.id%3Dx", "a,b;c=d \"e\" \u{fc}", "%25"] {
                let mut first = HashMap::new();
                Session::builder("it")
                    .session_id(id)
                    .user_id(id)
                    .start()
                    .in_scope(|| inject(&mut first));
                let mut second = HashMap::new();
                extract(&first).in_scope(|| inject(&mut second));
                for sent in [&first, &second] {
                    assert_eq!(extract(sent).session().map(|it| it.id()), Some(id.to_owned()));
                }
            }
        },
    );
}
