//! Every shape of function that can be annotated, and what its span looks like.
#![deny(clippy::pedantic)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use agentops::{agent, guardrail, llm, operation, session, task, tool, traced, workflow};
use agentops_tests::Recording;

#[tool]
fn free(n: u32) -> u32 {
    n + 1
}

#[tool]
async fn asynchronous(n: u32) -> u32 {
    tokio::task::yield_now().await;
    n + 1
}

struct Desk {
    drawer: Vec<String>,
}

trait Lookup {
    fn look_up(&self, key: &str) -> Option<String>;
    async fn look_up_slowly(&self, key: &str) -> Option<String>;
}

impl Desk {
    #[agent]
    fn new(first: &str) -> Self {
        Self { drawer: vec![first.to_owned()] }
    }

    #[tool]
    fn first(&mut self) -> &mut String {
        &mut self.drawer[0]
    }

    #[tool]
    async fn put(&mut self, thing: String) -> usize {
        self.drawer.push(thing);
        self.drawer.len()
    }

    #[task]
    fn close(self) -> usize {
        self.drawer.len()
    }

    #[task]
    fn close_boxed(self: Box<Self>) -> usize {
        self.drawer.len()
    }
}

impl Lookup for Desk {
    #[tool]
    fn look_up(&self, key: &str) -> Option<String> {
        self.drawer.iter().find(|thing| *thing == key).cloned()
    }

    #[tool]
    async fn look_up_slowly(&self, key: &str) -> Option<String> {
        tokio::task::yield_now().await;
        self.look_up(key)
    }
}

#[test]
fn functions_and_methods_nest_below_their_session() {
    #[session]
    async fn shapes() {
        free(1);
        asynchronous(1).await;
        let mut desk = Desk::new("pen");
        desk.first().push('s');
        desk.put("ink".to_owned()).await;
        desk.look_up_slowly("ink").await;
        desk.close();
        Box::new(Desk::new("cup")).close_boxed();
    }
    let recording = Recording::global();
    runtime().block_on(shapes());
    assert_eq!(
        recording.tree_of("shapes"),
        "session shapes\n\
        \x20 tool free\n\
        \x20 tool asynchronous\n\
        \x20 agent new\n\
        \x20 tool first\n\
        \x20 tool put\n\
        \x20 tool look_up_slowly\n\
        \x20   tool look_up\n\
        \x20 task close\n\
        \x20 agent new\n\
        \x20 task close_boxed\n"
    );
}

#[test]
fn macros_exist_for_every_kind() {
    #[session(name = "kinds")]
    fn root() {
        plan();
    }
    #[agent(name = "planner")]
    fn plan() {
        flow();
    }
    #[workflow]
    fn flow() {
        step();
    }
    #[task]
    fn step() {
        work();
    }
    #[operation]
    fn work() {
        check();
    }
    #[guardrail(spec = "input")]
    fn check() {
        ask();
    }
    #[llm(model = "m-1", provider = "local")]
    fn ask() {
        rank();
    }
    #[traced(kind = "reranker")]
    fn rank() {}
    let recording = Recording::global();
    root();
    assert_eq!(
        recording.tree_of("kinds"),
        "session kinds\n\
        \x20 agent planner\n\
        \x20   workflow flow\n\
        \x20     task step\n\
        \x20       operation work\n\
        \x20         guardrail check\n\
        \x20           llm ask\n\
        \x20             reranker rank\n"
    );
}

#[test]
fn generics_patterns_and_lifetimes_are_unchanged() {
    #[tool]
    fn choose<'a, T, const N: usize>([first, ..]: &'a [T; 3], _: [u8; N]) -> &'a T
    where
        T: Clone + PartialEq,
    {
        first
    }
    #[tool]
    fn swap((a, mut b): (i32, i32), mut sum: i32) -> (i32, i32, i32) {
        b += 1;
        sum += a + b;
        (b, a, sum)
    }
    #[tool]
    fn count(things: impl Iterator<Item = u8>) -> impl Iterator<Item = usize> {
        things.map(usize::from)
    }
    /// Adds the sides of a triangle.
    ///
    /// # Safety
    /// It is safe all the same.
    #[tool]
    unsafe fn careless(n: u8) -> u8 {
        n
    }
    #[tool]
    extern "C" fn foreign(n: u8) -> u8 {
        n
    }
    #[session]
    fn generic() -> usize {
        let chosen = *choose(&[1, 2, 3], [0; 2]);
        let (b, a, sum) = swap((chosen, 1), 3);
        let rest: usize = count([1, 2].into_iter()).sum();
        #[expect(unsafe_code, reason = "the shape under test")]
        // SAFETY: it has no conditions.
        let careless = unsafe { careless(foreign(1)) };
        usize::try_from(b + a + sum).unwrap() + rest + usize::from(careless)
    }
    let recording = Recording::global();
    assert_eq!(generic(), 2 + 1 + 6 + 3 + 1);
    assert_eq!(
        recording.tree_of("generic"),
        "session generic\n\
        \x20 tool choose\n\
        \x20 tool swap\n\
        \x20 tool count\n\
        \x20 tool foreign\n\
        \x20 tool careless\n"
    );
}

#[test]
fn recursion_makes_a_span_a_level() {
    #[tool]
    fn down(n: u8) -> u8 {
        if n == 0 { 0 } else { 1 + down(n - 1) }
    }
    #[session]
    fn recursive() -> u8 {
        down(2)
    }
    let recording = Recording::global();
    assert_eq!(recursive(), 2);
    assert_eq!(
        recording.tree_of("recursive"),
        "session recursive\n  tool down\n    tool down\n      tool down\n"
    );
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}
