//! Looking at a value never changes the program: it waits for no lock, has bounds, and harms nobody.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on fails")]

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, HashMap},
    fmt,
    panic::set_hook,
    path::PathBuf,
    process::exit,
    rc::Rc,
    sync::{Arc, LazyLock, Mutex, OnceLock, RwLock},
    thread,
};

use agentops::{
    SessionContext, Tool, current, current_session, opentelemetry_sdk::trace::SpanData, session,
    testing::Capture, tool, tracing,
};
use agentops_tests::{
    Recording, attribute,
    process::{part, play},
};
use serde::{Serialize, Serializer, ser::SerializeSeq};
use serde_json::{Value, json};

fn input(span: &SpanData) -> Value {
    serde_json::from_str(&attribute(span, "input.value").unwrap().to_string()).unwrap()
}

/// Arguments of the only tool of the session `session`.
fn told(session: &str) -> Value {
    let trace = Recording::global().trace_of(session);
    assert_eq!(trace.len(), 2, "{trace:?}");
    input(&trace[1])
}

#[derive(Debug, Serialize)]
struct State {
    name: &'static str,
    count: Mutex<u8>,
    shared: Arc<RwLock<u8>>,
    several: Vec<Mutex<u8>>,
}

#[derive(Debug, Serialize)]
struct Wrapped<T>(T);

#[test]
fn held_lock_is_not_waited_for() {
    #[tool]
    #[expect(clippy::too_many_arguments, reason = "as many ways to hold a lock")]
    fn locked(
        mutex: &Mutex<u8>,
        shared: Arc<Mutex<u8>>,
        boxed: Option<Box<RwLock<u8>>>,
        listed: Vec<Arc<Mutex<u8>>>,
        keyed: HashMap<u8, Arc<RwLock<u8>>>,
        paired: (Arc<Mutex<u8>>, u8),
        wrapped: Wrapped<Arc<Mutex<u8>>>,
        asynchronous: &tokio::sync::Mutex<u8>,
    ) {
        let _ = (mutex, shared, boxed, listed, keyed, paired, wrapped, asynchronous);
    }
    #[session]
    fn holds_locks() {
        let (mutex, rwlock) = (Arc::new(Mutex::new(1)), Arc::new(RwLock::new(1)));
        let asynchronous = tokio::sync::Mutex::new(1);
        let _held = (mutex.lock().unwrap(), rwlock.write().unwrap(), asynchronous.try_lock());
        locked(
            &mutex,
            Arc::clone(&mutex),
            Some(Box::new(RwLock::new(1))),
            vec![Arc::clone(&mutex)],
            HashMap::from([(1, Arc::clone(&rwlock))]),
            (Arc::clone(&mutex), 1),
            Wrapped(Arc::clone(&mutex)),
            &asynchronous,
        );
    }
    Recording::global();
    holds_locks();
    let told = told("holds_locks");
    let locked = told
        .as_object()
        .unwrap()
        .iter()
        .filter(|(_, value)| value.as_str().is_some_and(|text| text.contains("<locked>")));
    let names: Vec<_> = locked.map(|(name, _)| &**name).collect();
    let expected = ["asynchronous", "keyed", "listed", "mutex", "paired", "shared", "wrapped"];
    assert_eq!(names, expected, "{told}");
    assert_eq!(told["boxed"], "Some(RwLock { data: 1, poisoned: false, .. })");
}

#[test]
fn nested_lock_is_left_out_in_place() {
    #[tool]
    fn state(state: &State) -> u8 {
        *state.count.try_lock().map_err(|_| "held").unwrap_or_else(|_| panic!("held"))
    }
    #[session]
    fn has_locks() {
        let several = vec![Mutex::new(1), Mutex::new(2)];
        let value = State { name: "n", count: Mutex::new(1), shared: Arc::default(), several };
        let _held = (value.shared.read().unwrap(), value.several[0].lock().unwrap());
        state(&value);
    }
    Recording::global();
    has_locks();
    let expected = json!({"state": {
        "name": "n", "count": "<lock>", "shared": "<lock>", "several": ["<lock>", "<lock>"],
    }});
    assert_eq!(told("has_locks"), expected);
}

#[test]
fn refusing_value_is_replaced_or_recorded_by_debug() {
    #[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
    enum Key {
        Plain,
        Tagged(u8),
    }
    #[derive(Debug, Serialize)]
    struct Parts<'a> {
        cell: &'a RefCell<u8>,
        other: u8,
    }
    #[tool]
    fn parts(parts: Parts<'_>, whole: &RefCell<u8>, keys: BTreeMap<Key, BTreeMap<(u8, u8), u8>>) {
        let _ = (parts, whole, keys);
    }
    #[session]
    fn refuses() {
        let cell = RefCell::new(1);
        let _held = cell.borrow_mut();
        let keys = BTreeMap::from([
            (Key::Plain, BTreeMap::from([((1, 2), 3)])),
            (Key::Tagged(4), BTreeMap::new()),
        ]);
        parts(Parts { cell: &cell, other: 5 }, &cell, keys);
    }
    Recording::global();
    refuses();
    let expected = json!({
        "parts": {"cell": "<not serialisable: already mutably borrowed>", "other": 5},
        "whole": "RefCell { value: <borrowed> }",
        "keys": {"Plain": {"[1,2]": 3}, "{\"Tagged\":4}": {}},
    });
    assert_eq!(told("refuses"), expected);
}

#[test]
fn numbers_bytes_and_pointers_are_recorded() {
    #[derive(Debug)]
    #[expect(dead_code, reason = "it is shown by its Debug")]
    struct Pointer(*const u8, u64);
    #[tool]
    fn awkward(
        numbers: [f64; 3],
        text: &[u8],
        cut: Vec<u8>,
        bytes: [u8; 3],
        call: fn(),
        at: Pointer,
    ) {
        let _ = (numbers, text, cut, bytes, call, at);
    }
    #[session]
    fn is_awkward() {
        let numbers = [f64::NAN, f64::INFINITY, 1.0];
        let pointer = Pointer(&raw const numbers as *const u8, 0xff);
        awkward(numbers, b"\xc3\xa9 tea\n", vec![b'a', 0xc3], [0, 159, 1], || {}, pointer);
    }
    Recording::global();
    is_awkward();
    let expected = json!({
        "numbers": ["NaN", "inf", 1.0], "text": "é tea\n", "cut": "a\u{fffd}",
        "bytes": "<3 bytes, base64> AJ8B", "call": "fn()", "at": "Pointer(0x…, 255)",
    });
    assert_eq!(told("is_awkward"), expected);
}

/// A list without an end.
#[derive(Debug, Serialize)]
struct Link(RefCell<Option<Rc<Link>>>);

#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Chain(Option<Box<Chain>>);

/// One that recurses by hand and heeds no error.
struct Deaf(Option<Rc<RefCell<Deaf>>>);

impl fmt::Debug for Deaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for next in self.0.iter().chain(&self.0) {
            let _ = write!(f, "deaf {:?}", next.borrow());
        }
        Ok(())
    }
}

#[test]
fn endless_nesting_takes_little_stack() {
    #[tool(max_len = 1_048_576)]
    fn nests(cycle: &Rc<Link>, chain: &Chain, deaf: &Deaf) {
        let _ = (cycle, chain, deaf);
    }
    #[derive(Debug)]
    #[expect(dead_code, reason = "it is shown by its Debug")]
    struct OnlyDebug<'a>(&'a Link, &'a Chain);
    #[tool(max_len = 1_048_576)]
    fn nests_by_debug(both: OnlyDebug<'_>) {
        let _ = both;
    }
    fn chain(depth: u32) -> Chain {
        (0..depth).fold(Chain(None), |inner, _| Chain(Some(Box::new(inner))))
    }
    #[session]
    fn is_endless() {
        let cycle = Rc::new(Link(RefCell::new(None)));
        *cycle.0.borrow_mut() = Some(Rc::clone(&cycle));
        let deaf = Rc::new(RefCell::new(Deaf(None)));
        deaf.borrow_mut().0 = Some(Rc::clone(&deaf));
        let mut chain = chain(100_000);
        nests(&cycle, &chain, &deaf.borrow());
        nests_by_debug(OnlyDebug(&cycle, &chain));
        // It would end by recursion, too.
        while let Some(next) = chain.0.take() {
            chain = *next;
        }
        *cycle.0.borrow_mut() = None;
    }
    Recording::global();
    thread::Builder::new().stack_size(512 << 10).spawn(is_endless).unwrap().join().unwrap();
    let trace = Recording::global().trace_of("is_endless");
    let inputs = [&trace[1], &trace[2]].map(|span| input(span).to_string());
    assert_eq!(
        inputs.each_ref().map(|it| it.matches("…[truncated]").count()),
        [3, 1],
        "{inputs:?}"
    );
}

#[test]
fn endless_writing_is_abandoned() {
    struct Endless<'a>(&'a Cell<u32>);
    impl Serialize for Endless<'_> {
        fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
            let mut seq = to.serialize_seq(None)?;
            loop {
                self.0.set(self.0.get() + 1);
                let _ = seq.serialize_element(&1);
            }
        }
    }
    impl fmt::Debug for Endless<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            loop {
                self.0.set(self.0.get() + 1);
                let _ = f.write_str("12345678");
            }
        }
    }
    struct OnlyDebug<'a>(Endless<'a>);
    impl fmt::Debug for OnlyDebug<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.fmt(f)
        }
    }
    #[tool(max_len = 20)]
    fn takes(both: &Endless<'_>, debug: &OnlyDebug<'_>) {
        let _ = (both, debug);
    }
    #[session(skip_all)]
    fn is_deaf(count: &Cell<u32>) {
        takes(&Endless(count), &OnlyDebug(Endless(count)));
    }
    Recording::global();
    let count = Cell::new(0);
    is_deaf(&count);
    assert!(count.get() < 200_000, "{}", count.get());
    let expected = json!({
        "both": [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, "…[truncated]"],
        "debug": "12345678123456781234…[truncated]",
    });
    assert_eq!(told("is_deaf"), expected);
}

#[test]
fn cut_values_poison_no_lock() {
    struct Locks(Mutex<Vec<String>>);
    impl fmt::Debug for Locks {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.debug_list().entries(self.0.lock().unwrap().iter()).finish()
        }
    }
    #[tool(max_len = 20)]
    fn takes(locks: &Locks, mutex: &Mutex<Vec<String>>) {
        let _ = (locks, mutex);
    }
    #[session]
    fn is_cut() {
        let long = || vec!["long".to_owned(); 100];
        let (locks, mutex) = (Locks(Mutex::new(long())), Mutex::new(long()));
        takes(&locks, &mutex);
        assert!(!locks.0.is_poisoned() && !mutex.is_poisoned());
    }
    Recording::global();
    is_cut();
    assert_eq!(told("is_cut")["locks"], "[\"long\", \"long\", \"lo…[truncated]");
}

#[tool]
fn noted(n: u8) -> u8 {
    n
}

/// It does while it is looked at what programs do otherwise.
struct Busy;

impl fmt::Debug for Busy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let span = tracing::info_span!(target: "rig", "chat");
        let _entered = span.enter();
        noted(1);
        current().set_attribute("busy", true).event("busy");
        let handle = Tool::start("busy");
        handle.in_scope(|| noted(2));
        SessionContext::current().in_scope(|| noted(3));
        write!(f, "busy {}", current_session().is_some())
    }
}

#[test]
fn calls_during_capture_are_not_recorded() {
    #[tool]
    fn takes(busy: Busy) -> Busy {
        noted(4);
        busy
    }
    #[session]
    fn is_busy() {
        takes(Busy);
    }
    Recording::global();
    is_busy();
    let tree = "session is_busy\n  tool takes\n    tool noted\n";
    assert_eq!(Recording::global().tree_of("is_busy"), tree);
    assert_eq!(input(&Recording::global().trace_of("is_busy")[1]), json!({"busy": "busy false"}));
}

#[derive(Serialize)]
struct Broken {
    before: u8,
    bomb: Bomb,
}

struct Bomb;

impl Serialize for Bomb {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        panic!("looked at")
    }
}

impl fmt::Debug for Bomb {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("looked at")
    }
}

impl fmt::Display for Bomb {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("looked at")
    }
}

#[tool(fields("shown" = %bomb, "debugged" = ?bomb))]
fn explode(broken: &Broken, bomb: &Bomb) -> Result<(), Bomb> {
    let _ = (broken, bomb);
    Err(Bomb)
}

/// Has values that panic, and a hook that ends the process.
fn explode_beside_a_hook() {
    set_hook(Box::new(|_| exit(70)));
    let capture = Capture::start();
    #[session]
    fn explodes() {
        let _ = explode(&Broken { before: 1, bomb: Bomb }, &Bomb);
    }
    explodes();
    let [_, span] = &capture.spans()[..] else { panic!("two spans") };
    println!("{} {:?}", input(span), attribute(span, "shown"));
}

#[test]
fn panicking_value_is_hidden_from_the_hook() {
    let output = play("explode_beside_a_hook", &[]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{:?}: {said}", output.status);
    let expected = r#"{"bomb":"<panicked>","broken":{"before":1,"bomb":"<panicked>"}} Some(String(Owned("<panicked>")))"#;
    assert!(said.contains(expected), "{said}");
}

#[test]
#[ignore = "a part of the other tests, played in a process of its own"]
fn plays_its_part() {
    assert_eq!(part(), "explode_beside_a_hook");
    explode_beside_a_hook();
}

#[test]
fn lazy_values_are_not_initialised() {
    #[tool]
    fn lazy(lazy: &LazyLock<u8>, once: &OnceLock<u8>, path: PathBuf) {
        let _ = (lazy, once, path);
    }
    #[session]
    fn is_lazy() {
        lazy(&LazyLock::new(|| panic!("initialised")), &OnceLock::new(), "a".into());
    }
    Recording::global();
    is_lazy();
    let expected = json!({
        "lazy": "LazyLock(<uninit>)", "once": "OnceLock(<uninit>)", "path": "a",
    });
    assert_eq!(told("is_lazy"), expected);
}
