//! A hook that the program sets after agentops has started: it is in charge.
#![deny(clippy::pedantic)]

use std::{
    panic::{catch_unwind, set_hook, take_hook},
    sync::atomic::{AtomicUsize, Ordering},
};

use agentops::{session, tool};
use agentops_tests::Recording;

static CALLED: AtomicUsize = AtomicUsize::new(0);

#[test]
fn later_panic_hook_decides_what_is_seen() {
    #[tool]
    fn panics(text: &str) {
        panic!("{text}");
    }
    #[session]
    fn replaced() {
        catch_unwind(|| panics("silenced")).unwrap_err();
    }
    #[session]
    fn chained() {
        catch_unwind(|| panics("heard")).unwrap_err();
    }
    let recording = Recording::global();
    let earlier = take_hook();
    set_hook(Box::new(|_| _ = CALLED.fetch_add(1, Ordering::Relaxed)));
    replaced();
    set_hook(Box::new(move |info| {
        CALLED.fetch_add(1, Ordering::Relaxed);
        earlier(info);
    }));
    chained();
    let _ = take_hook();
    assert_eq!(CALLED.load(Ordering::Relaxed), 2);
    let trees = ["replaced", "chained"].map(|name| recording.tree_of(name));
    let tree = |name: &str, text: &str| format!("session {name}\n  tool panics error={text:?}\n");
    assert_eq!(trees, [tree("replaced", "panic"), tree("chained", "heard")]);
}
