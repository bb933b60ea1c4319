//! Headers of strangers: sampling, identity, names of files, what is counted, what a mask is shown.
//!
//! | a caller | must not | test |
//! |---|---|---|
//! | chooses trace ids | turn sampling on | `caller_chosen_ids_are_sampled_like_others` and those below it; `config/sampling.rs` |
//! | says `session.id=%ff`, a name without a value, what is no UTF-8, a name in disguise | go uncounted | `malformed_claim_is_counted_once`, `unrelated_baggage_is_dropped_alone`; `session/propagation/baggage.rs` |
//! | names a session and a user | pose as them at a public door | `public_endpoint_trusts_no_claims` |
//! | names attributes, a tracestate, a resource | get past a mask | `tests/privacy.rs`: `masked_content_is_nowhere`, and the journal's; `pipeline/mask.rs` |
//! | writes headers that are none (oversized, upper case, version `ff`, zero ids, tails, too many, CR and LF) | be believed | `tests/propagation.rs`: `hostile_headers_are_counted_and_enable_nothing`; here `headers_beyond_the_bounds_are_rejected` |
//! | hides line breaks and names in baggage and tracestate | smuggle anything into the next request | `baggage_injection_is_prevented`; `tests/propagation.rs`: `baggage_properties_are_not_smuggled` |
//! | fills the baggage | push the session out of the next request | `full_baggage_leaves_room_for_the_session` |
//! | begins sessions without end | fill the memory | `rejected_caller_leaves_nothing_behind`; `session/propagation/tests.rs` |
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::{BTreeSet, HashMap};

use agentops::{
    Session, TracingConfig, TracingConfigBuilder, TracingCore, TrustRemote, extract, inject,
    opentelemetry::trace::TracerProvider, session, tool, tower::SessionLayer,
    tracing::subscriber::with_default, tracing_opentelemetry,
};
use agentops_tests::{alone, headers};
use allocation_counter::measure;
use futures_util::FutureExt;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::Empty;
use tower::{Layer, Service, service_fn};
use tracing_subscriber::{layer::SubscriberExt, registry};

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

#[tool]
fn work() {}

fn called(trace: &str, baggage: &str) -> HashMap<String, String> {
    let parent = format!("00-{trace}-b7ad6b7169203331-01");
    headers(&[("traceparent", &parent), ("baggage", baggage)])
}

/// Trace ids that were made to be the smallest by a rule that everybody can compute.
fn chosen() -> impl Iterator<Item = String> {
    let low = (1..=500_u128).map(|id| id << 64);
    low.chain(1..=500).map(|id| format!("{id:032x}"))
}

/// Number of the sessions of 1,000 chosen traces that are recorded.
fn recorded(
    configure: impl FnOnce(TracingConfigBuilder) -> TracingConfigBuilder,
    mut call: impl FnMut(&HashMap<String, String>),
) -> u64 {
    alone(configure, |recording| {
        for trace in chosen() {
            call(&called(&trace, "session.id=s,agentops.sampled=1"));
        }
        let stats = recording.core.stats();
        assert_eq!((stats.orphans, stats.rejected), (0, 0));
        stats.started
    })
}

#[test]
fn caller_chosen_ids_are_sampled_like_others() {
    let rare = |builder: TracingConfigBuilder| builder.sample_rate(0.001);
    let call = |headers: &HashMap<_, _>| extract(headers).in_scope(work);
    // With a salt it is exactly so many; with a key of the process 1 on average, and more than 30 never.
    assert_eq!(recorded(|builder| rare(builder).sample_salt("salt"), call), 3);
    assert!(recorded(rare, call) <= 30);
    assert_eq!(recorded(|builder| builder.sample_rate(0.0), call), 0);
    assert_eq!(recorded(|builder| builder, call), 1_000);
    let believing = |builder| rare(builder).trust_remote(TrustRemote::Sampling);
    assert_eq!(recorded(believing, call), 1_000, "who believes callers does so");
}

#[test]
fn caller_chosen_ids_are_sampled_alike_by_servers() {
    let rare = |builder: TracingConfigBuilder| builder.sample_rate(0.001).sample_salt("salt");
    let mut server = server(&SessionLayer::new());
    // The request and its work; of those that are not recorded nothing is outside of a session.
    assert_eq!(recorded(rare, |headers| serve(&mut server, headers)), 2 * 3);
}

#[test]
fn caller_chosen_ids_do_not_affect_child_sessions() {
    #[session]
    fn own() {}
    let rare = |builder: TracingConfigBuilder| builder.sample_rate(0.001);
    let below = |headers: &HashMap<_, _>| extract(headers).in_scope(own);
    assert!(recorded(rare, below) <= 30);
    // A span of another layer in between changes nothing.
    let started = alone(rare, |recording| {
        let theirs = agentops::opentelemetry_sdk::trace::SdkTracerProvider::default();
        let theirs = tracing_opentelemetry::layer().with_tracer(theirs.tracer("theirs"));
        with_default(registry().with(theirs).with(agentops::layer(&recording.core)), || {
            for trace in chosen() {
                extract(&called(&trace, "session.id=s")).in_scope(|| {
                    agentops::tracing::info_span!("theirs").in_scope(work);
                });
            }
        });
        recording.core.stats().started
    });
    assert!(started <= 30, "{started}");
}

#[test]
fn same_salt_samples_the_same_sessions() {
    let taken = |salt: &str| {
        alone(
            |builder| builder.sample_rate(0.1).sample_salt(salt),
            |recording| {
                for trace in chosen() {
                    extract(&called(&trace, "session.id=s")).in_scope(work);
                }
                let spans = recording.spans().into_iter();
                spans.map(|span| span.span_context.trace_id().to_string()).collect()
            },
        )
    };
    let (first, again, other): (BTreeSet<_>, _, BTreeSet<_>) =
        (taken("a"), taken(" a "), taken("b"));
    assert_eq!(first, again);
    assert!((50..150).contains(&first.len()) && first != other, "{}", first.len());
}

#[test]
fn unsampled_session_is_unsampled_downstream() {
    let not_recorded = alone(
        |builder| builder.sample_rate(0.0),
        |_| {
            let mut on = HashMap::new();
            extract(&called(&chosen().next().unwrap(), "session.id=s"))
                .in_scope(|| inject(&mut on));
            on
        },
    );
    for policy in [TrustRemote::Identity, TrustRemote::Sampling] {
        let configure = |builder: TracingConfigBuilder| builder.trust_remote(policy);
        let stats = alone(configure, |recording| {
            extract(&not_recorded).in_scope(work);
            recording.core.stats()
        });
        assert_eq!((stats.started, stats.orphans, stats.rejected), (0, 0, 0), "{policy:?}");
    }
}

#[test]
fn sampling_salt_is_never_shown() {
    let builder = TracingConfig::builder().sample_salt("hunter2").sample_rate(0.5).console(false);
    let shown = format!("{builder:?}");
    let config = builder.build().unwrap();
    let shown = format!("{shown} {config:?}");
    let shown = format!("{shown} {:?}", TracingCore::new(config).unwrap());
    assert!(!shown.contains("hunter2"), "{shown}");
    let error = TracingConfig::builder().sample_salt(" ").build().unwrap_err().to_string();
    assert_eq!(error, "`sample_salt` is empty; give a text that callers do not know, or none");
}

type Served = agentops::tower::SessionBody<Empty<&'static [u8]>>;

/// A server whose handler works.
fn server(
    layer: &SessionLayer,
) -> impl Service<Request<()>, Response = Response<Served>, Error = std::convert::Infallible> + use<>
{
    layer.layer(service_fn(|_: Request<()>| async {
        work();
        Ok(Response::new(Empty::<&[u8]>::new()))
    }))
}

fn serve(
    server: &mut impl Service<Request<()>, Response = Response<Served>, Error: std::fmt::Debug>,
    headers: &HashMap<String, String>,
) {
    let mut request = Request::new(());
    for (name, value) in headers {
        let name = http::HeaderName::from_bytes(name.as_bytes()).unwrap();
        request.headers_mut().insert(name, HeaderValue::from_str(value).unwrap());
    }
    drop(server.call(request).now_or_never().unwrap().unwrap());
}

#[test]
fn public_endpoint_trusts_no_claims() {
    let posing = called(&PARENT[3..35], "session.id=theirs,user.id=admin,agentops.sampled=0");
    let sessions = |layer: SessionLayer| {
        alone(
            |builder| builder,
            |recording| {
                let mut server = server(&layer);
                serve(&mut server, &posing);
                serve(&mut server, &headers(&[]));
                let spans = recording.spans();
                let users =
                    spans.iter().filter(|it| agentops_tests::attribute(it, "user.id").is_some());
                let roots =
                    spans.iter().filter(|it| it.links.is_empty() && it.parent_span_id == 0.into());
                (spans.len(), users.count(), roots.count(), recording.core.stats().rejected)
            },
        )
    };
    // Each request is a session of its own, with nothing of the caller.
    assert_eq!(sessions(SessionLayer::new().trust_remote(TrustRemote::Never)), (4, 0, 2, 1));
    // Elsewhere what is not to be recorded is not.
    assert_eq!(sessions(SessionLayer::new()), (2, 0, 1, 0));
}

#[test]
fn malformed_claim_is_counted_once() {
    let claims: [&[u8]; 20] = [
        b"session.id=%ff",
        b"session.id=%c3%28",
        b"session.id=\xff",
        "session.id=\u{fc}".as_bytes(),
        b"session.id",
        b"session.id;p=q",
        b"session.id=",
        b"session.id=%20",
        b"session.id=%0a",
        b"session%2eid=s",
        b"session%2Eid=s",
        b"session.id=s,user.id",
        b"session.id=s,user.id=%ff",
        b"session.id=s,user%2eid=admin",
        b"session.id=s,session.id=other",
        b"session.id=s,user.id=u,user.id=admin",
        b"session.id=s,agentops.sampled=%ff",
        b"session.id=s,agentops.sampled=0,agentops.sampled=1",
        b"session.id=s,session.id",
        b"session.id=s, user.id = \tu\x7f",
    ];
    for claim in claims {
        let told = String::from_utf8_lossy(claim).into_owned();
        let Ok(value) = HeaderValue::from_bytes(claim) else {
            // A map of headers takes no such byte; others do.
            assert_refused(&headers(&[("traceparent", PARENT), ("baggage", &told)]), &told);
            continue;
        };
        let mut map = HeaderMap::new();
        map.insert("baggage", value);
        let is_of_session = told.starts_with("session");
        map.insert("traceparent", HeaderValue::from_static(PARENT));
        assert_refused(&map, &told);
        assert_refused(&headers(&[("traceparent", PARENT), ("baggage", &told)]), &told);
        map.remove("traceparent");
        assert!(is_of_session);
        assert_refused(&map, &told);
    }
}

fn assert_refused<Via>(headers: &impl agentops::Headers<Via>, what: &str) {
    for policy in [TrustRemote::Identity, TrustRemote::Never] {
        alone(
            |builder| builder.trust_remote(policy),
            |recording| {
                let there = extract(headers);
                assert!(there.session().is_none(), "{what}");
                there.in_scope(work);
                let stats = recording.core.stats();
                assert_eq!((stats.started, stats.orphans, stats.rejected), (0, 1, 1), "{what}");
            },
        );
    }
}

/// Headers that a process passes on which was asked with these, and the number that it has refused.
fn passed_on(state: &str, baggage: &str) -> (HashMap<String, String>, u64) {
    alone(
        |builder| builder,
        |recording| {
            let mut on = HashMap::new();
            let asked = [("traceparent", PARENT), ("tracestate", state), ("baggage", baggage)];
            extract(&headers(&asked)).in_scope(|| inject(&mut on));
            (on, recording.core.stats().rejected)
        },
    )
}

/// The members of a baggage, but for those of ours.
fn others(on: &HashMap<String, String>) -> Vec<&str> {
    let members = on.get("baggage").map_or("", String::as_str).split(',');
    let ours = ["session.id=s", "agentops.sampled=1"];
    let (own, mut others): (Vec<_>, Vec<_>) = members.partition(|it| ours.contains(it));
    assert_eq!(own, ours, "{on:?}");
    others.sort_unstable();
    others
}

#[test]
fn unrelated_baggage_is_dropped_alone() {
    let cases: [(&str, &[&str], u64); 14] = [
        ("k=v", &["k=v"], 0),
        ("k=a=b", &["k=a%3Db"], 0),
        ("k=", &["k="], 0),
        (" , k = v ,, ", &["k=v"], 0),
        ("k=C:\\x", &["k=C:%5Cx"], 0),
        ("100%=v", &["100%=v"], 0),
        ("k=v,tenant=%ff", &["k=v"], 1),
        ("k=v,tenant,x=%ff", &["k=v"], 1),
        ("k=v,t\u{e9}=x", &["k=v"], 1),
        ("k=v,t=\u{e9}", &["k=v"], 1),
        ("k=v;p=%0d%0a", &["k=v"], 1),
        ("k=v,=x", &["k=v"], 1),
        ("k=v,a b=x", &["k=v"], 1),
        ("k=v;p;q=1", &["k=v;p;q=1"], 0),
    ];
    for (baggage, expected, refused) in cases {
        let (on, rejected) = passed_on("", &format!("session.id=s,{baggage}"));
        assert_eq!((others(&on).as_slice(), rejected), (expected, refused), "{baggage}");
    }
    for (state, expected, refused) in [
        ("a=1,b=2", "a=1,b=2", 0),
        (" a=1 ,\tb=2,", "a=1,b=2", 0),
        ("no member", "", 1),
        ("a==b", "", 1),
        ("A=1", "", 1),
        (&(0..33).map(|n| format!("k{n}=v")).collect::<Vec<_>>().join(","), "", 1),
    ] {
        let (on, rejected) = passed_on(state, "session.id=s");
        assert_eq!((on["tracestate"].as_str(), rejected), (expected, refused), "{state}");
    }
}

#[test]
fn baggage_injection_is_prevented() {
    let baggage = [
        ("k=a%0d%0ax-evil: 1", vec!["k=a%0D%0Ax-evil:%201"]),
        ("k=%2Csession.id%3Devil", vec!["k=%2Csession.id%3Devil"]),
        ("k=%252Csession.id=evil", vec!["k=%252Csession.id%3Devil"]),
        ("k=%00%7f%c3%bc%e2%80%ae", vec!["k=%00%7F%C3%BC%E2%80%AE"]),
        ("k%0d%0ax-evil=v", vec![]),
        ("k%2csession.id=evil", vec![]),
        ("k\r\nx-evil=v", vec![]),
        ("k=v\r\nx-evil: 1", vec![]),
        ("k=v;p\r\nx-evil: 1", vec!["k=v"]),
        ("k=v;p%2csession.id=evil", vec!["k=v"]),
        ("k=v;p%0d%0ax-evil: 1", vec!["k=v"]),
    ];
    for (member, expected) in baggage {
        let (on, _) = passed_on("", &format!("session.id=s,{member}"));
        assert_eq!(others(&on), expected, "{member}");
        assert_sound(&on);
    }
    for state in ["a=1\r\nx-evil: 1", "a=1\n", "a=\u{fc}", "a=\0"] {
        let (on, rejected) = passed_on(state, "session.id=s");
        assert_eq!((on, rejected), (HashMap::new(), 1), "{state:?}");
    }
    // What is no header's is written by the program's own sessions as it is by others'.
    alone(
        |builder| builder,
        |_| {
            let mut on = HashMap::new();
            let own =
                Session::builder("it").session_id("a\r\nx: 1,user.id=evil").user_id("\u{fc}\\;");
            own.start().in_scope(|| inject(&mut on));
            assert_sound(&on);
            let mut members: Vec<_> = on["baggage"].split(',').collect();
            members.sort_unstable();
            let id = "session.id=a%0D%0Ax:%201%2Cuser.id%3Devil";
            assert_eq!(members, ["agentops.sampled=1", id, "user.id=%C3%BC%5C%3B"]);
        },
    );
}

/// Checks that what is sent are three headers of printable characters.
fn assert_sound(on: &HashMap<String, String>) {
    let mut names: Vec<_> = on.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["baggage", "traceparent", "tracestate"]);
    assert!(on.values().all(|value| value.bytes().all(|it| matches!(it, b' '..=b'~'))), "{on:?}");
}

#[test]
fn full_baggage_leaves_room_for_the_session() {
    let many = (0..62).map(|n| format!("k{n}=v")).collect::<Vec<_>>().join(",");
    let long = format!("k={}", "\"".repeat(4_000));
    for full in [many, long] {
        let (mut on, rejected) = passed_on("", &format!("session.id=s,user.id=u,{full}"));
        assert_eq!(rejected, 0);
        alone(
            |builder| builder,
            |recording| {
                for _ in 0..3 {
                    let there = extract(&on);
                    let look = there.session().map(|it| (it.id(), it.user_id()));
                    assert_eq!(look, Some(("s".to_owned(), Some("u".to_owned()))));
                    on.clear();
                    there.in_scope(|| inject(&mut on));
                }
                assert_eq!(recording.core.stats().rejected, 0);
            },
        );
    }
}

#[test]
fn headers_beyond_the_bounds_are_rejected() {
    let read = |parent: &str, state: &str, baggage: &str| {
        alone(
            |builder| builder,
            |recording| {
                let asked = [("traceparent", parent), ("tracestate", state), ("baggage", baggage)];
                let is_read = extract(&headers(&asked)).session().is_some();
                (is_read, recording.core.stats().rejected)
            },
        )
    };
    let (believed, refused) = ((true, 0), (false, 1));
    let members = |count: usize| format!("session.id=s{}", ",k=v".repeat(count - 1));
    let long = |bytes: usize| format!("session.id=s,k={}", "v".repeat(bytes - 15));
    // A value has 256 bytes at the most: with 512 the second one is one too long.
    let state = |bytes: usize| format!("a={},b={}", "v".repeat(250), "v".repeat(bytes - 255));
    let id = |bytes: usize| format!("session.id={}", "s".repeat(bytes));
    let version = |bytes: usize| format!("cc{}-{}", &PARENT[2..], "a".repeat(bytes - 56));
    for (parent, state, baggage, expected) in [
        (PARENT, "", &*members(64), believed),
        (PARENT, "", &*members(65), refused),
        (PARENT, "", &*long(8_192), believed),
        (PARENT, "", &*long(8_193), refused),
        (PARENT, &*state(508), "session.id=s", believed),
        (PARENT, &*state(512), "session.id=s", (true, 1)),
        (PARENT, &*state(513), "session.id=s", refused),
        (PARENT, "", &*id(256), believed),
        (PARENT, "", &*id(257), refused),
        (&*version(256), "", "session.id=s", believed),
        (&*version(257), "", "session.id=s", refused),
    ] {
        let asked = (parent.len(), state.len(), baggage.len());
        assert_eq!(read(parent, state, baggage), expected, "{asked:?}");
    }
    // The last byte of the flags, of which only the lowest bit is known.
    for (flags, sampled) in [("00", 0), ("01", 1), ("02", 0), ("ff", 1)] {
        let started = alone(
            |builder| builder,
            |recording| {
                let parent = format!("{}{flags}", &PARENT[..53]);
                let asked = [("traceparent", parent.as_str()), ("baggage", "session.id=s")];
                extract(&headers(&asked)).in_scope(work);
                recording.core.stats().started
            },
        );
        assert_eq!(started, sampled, "{flags}");
    }
}

#[test]
fn rejected_caller_leaves_nothing_behind() {
    alone(
        |builder| builder,
        |recording| {
            let call = |n: u32| {
                drop(extract(&called(&format!("{n:032x}"), &format!("session.id=%ff,k{n}=v"))));
                drop(extract(&called(&format!("{n:032x}"), &format!("session.id=s{n},k{n}=v"))));
            };
            call(1);
            let kept = measure(|| (2..10_002).for_each(call)).bytes_current;
            assert_eq!((kept, recording.core.stats().rejected), (0, 10_001));
            assert!(recording.core.sessions().is_empty());
        },
    );
}
