//! Whatever headers claim, they are believed or not, and what is passed on are headers again.
#![no_main]

use std::{collections::HashMap, sync::OnceLock};

use agentops::{TracingConfig, TracingCore, TrustRemote, extract, inject};
use libfuzzer_sys::fuzz_target;

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// A core that headers can be believed by.
fn core() -> &'static TracingCore {
    static CORE: OnceLock<TracingCore> = OnceLock::new();
    CORE.get_or_init(|| {
        let config = TracingConfig::builder().trust_remote(TrustRemote::Sampling).console(false);
        let core = TracingCore::new(config.build().unwrap()).unwrap();
        drop(agentops_core::span_processor(&core));
        core
    })
}

fuzz_target!(|headers: (Option<String>, Option<String>, Option<String>)| {
    let (parent, state, baggage) = headers;
    let _ = core();
    let mut carrier = HashMap::from([("traceparent".to_owned(), parent.unwrap_or(PARENT.into()))]);
    carrier.extend(state.map(|state| ("tracestate".to_owned(), state)));
    carrier.extend(baggage.map(|baggage| ("baggage".to_owned(), baggage)));
    let mut on = HashMap::new();
    extract(&carrier).in_scope(|| inject(&mut on));
    let again = extract(&on);
    assert!(on.values().all(|value: &String| !value.contains(['\r', '\n'])), "{on:?}");
    drop(again);
});
