//! Attributes on impl blocks, and which of their methods get a span.
#![expect(unreachable_pub, reason = "`pub` is what a block looks for")]

use std::{
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

use agentops::{agent, session, task, tool};
use agentops_tests::{Recording, attribute};
use futures_util::Stream;

struct Planner {
    role: &'static str,
}

#[agent(role = self.role)]
impl Planner {
    pub fn new(role: &'static str) -> Self {
        Self { role }
    }

    pub fn plan(&self, goal: &str) -> usize {
        self.think(goal) + self.peek() + Self::draw()
    }

    #[agentops(skip)]
    pub fn peek(&self) -> usize {
        1
    }

    pub const fn size(&self) -> usize {
        2
    }

    #[task(name = "thought")]
    fn think(&self, goal: &str) -> usize {
        goal.len() + self.hide()
    }

    fn hide(&self) -> usize {
        self.size()
    }

    #[tool]
    fn draw() -> usize {
        3
    }
}

trait Search {
    fn find(&self, query: &str) -> Result<usize, String>;
    fn open() -> usize;
    fn close(&mut self);
}

#[tool(version = "7", capture_output = false)]
impl Search for Planner {
    fn find(&self, query: &str) -> Result<usize, String> {
        query.parse().map_err(|_| format!("no `{query}` for a {}", self.role))
    }

    fn open() -> usize {
        4
    }

    #[agentops::skip]
    fn close(&mut self) {
        self.role = "closed";
    }
}

#[test]
fn block_annotates_public_methods_with_self() {
    #[session]
    fn inherent() -> usize {
        Planner::new("planner").plan("goal")
    }
    let recording = Recording::global();
    assert_eq!(inherent(), 4 + 2 + 1 + 3);
    assert_eq!(
        recording.tree_of("inherent"),
        "session inherent\n\
        \x20 agent Planner\n\
        \x20   task thought\n\
        \x20   tool draw\n"
    );
    let agent = recording.span_of("inherent", "Planner");
    assert_eq!(attribute(&agent, "agent.role"), Some("planner".into()));
    assert_eq!(attribute(&agent, "input.value"), Some(r#"{"goal":"goal"}"#.into()));
}

#[test]
fn trait_block_options_reach_every_method() {
    #[session]
    fn implemented() -> usize {
        let mut planner = Planner::new("finder");
        let found = planner.find("12").unwrap_or(0) + planner.find("x").unwrap_or(1);
        planner.close();
        found + Planner::open()
    }
    let recording = Recording::global();
    assert_eq!(implemented(), 12 + 1 + 4);
    assert_eq!(
        recording.tree_of("implemented"),
        "session implemented\n\
        \x20 tool find\n\
        \x20 tool find error=\"no `x` for a finder\"\n"
    );
    let tool = &recording.trace_of("implemented")[1];
    assert_eq!(attribute(tool, "operation.version"), Some("7".into()));
    assert_eq!(attribute(tool, "output.value"), None);
}

#[test]
fn first_block_attribute_is_the_outer_span() {
    struct Support;

    #[session]
    #[agent(name = "first line")]
    impl Support {
        pub fn answer(&self) -> u8 {
            1
        }
    }
    let recording = Recording::global();
    assert_eq!(Support.answer(), 1);
    assert_eq!(recording.tree_of("answer"), "session answer\n  agent first line\n");
}

/// A client that is polled: its own work is in what has a span.
struct Line {
    left: u8,
}

/// A trait like those of `futures` and `tower`.
trait Sink {
    fn poll_ready(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), String>>;
    fn poll_close(&mut self);
    fn start_send(self: Pin<&mut Self>, item: u8) -> Result<(), String>;
}

type PollItem = Poll<Option<u8>>;

#[tool]
impl Sink for Line {
    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), String>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(&mut self) {
        self.left = 0;
    }

    fn start_send(mut self: Pin<&mut Self>, item: u8) -> Result<(), String> {
        self.left = item;
        Ok(())
    }
}

#[agent]
impl Stream for Line {
    type Item = u8;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<u8>> {
        self.advance(context)
    }

    #[task]
    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left.into(), Some(self.left.into()))
    }
}

#[agent]
impl Future for Line {
    type Output = u8;

    #[task(name = "polled on purpose")]
    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<u8> {
        Poll::Ready(self.left)
    }
}

#[agent]
impl Line {
    pub fn advance(&mut self, _: &mut Context<'_>) -> PollItem {
        self.left = self.left.saturating_sub(1);
        Poll::Ready((self.left > 0).then_some(self.left))
    }

    pub fn is_ready(&self) -> Poll<()> {
        Poll::Ready(())
    }

    #[expect(unused_qualifications, reason = "the path is what tells of it")]
    pub fn wake(&self, context: &mut std::task::Context<'_>) -> bool {
        context.waker().wake_by_ref();
        self.is_ready().is_ready()
    }

    pub fn answer(&self, context: &mut Notes<'_>) -> usize {
        context.0.len() + usize::from(self.left)
    }

    #[task]
    pub async fn poll_inbox(&self) -> u8 {
        self.left
    }
}

/// A context of the program's own.
struct Notes<'a>(&'a str);

#[test]
fn polled_methods_need_their_own_attribute() {
    #[session]
    fn polled() -> u8 {
        let mut context = Context::from_waker(Waker::noop());
        let mut line = Line { left: 0 };
        assert!(Pin::new(&mut line).poll_ready(&mut context).is_ready());
        Pin::new(&mut line).start_send(4).unwrap();
        while let Poll::Ready(Some(_)) = Pin::new(&mut line).poll_next(&mut context) {}
        Pin::new(&mut line).start_send(2).unwrap();
        assert_eq!(line.size_hint().0 + usize::from(line.wake(&mut context)), 3);
        assert_eq!(line.answer(&mut Notes("ab")), 4);
        assert_eq!(Pin::new(&mut line).poll(&mut context), Poll::Ready(2));
        assert_eq!(pin!(line.poll_inbox()).poll(&mut context), Poll::Ready(2));
        line.poll_close();
        line.left
    }
    let recording = Recording::global();
    assert_eq!(polled(), 0);
    assert_eq!(
        recording.tree_of("polled"),
        "session polled\n\
        \x20 tool start_send\n\
        \x20 tool start_send\n\
        \x20 task size_hint\n\
        \x20 agent Line\n\
        \x20 task polled on purpose\n\
        \x20 task poll_inbox\n"
    );
}

#[test]
fn method_is_skipped_under_its_condition() {
    struct Desk;

    #[session]
    #[tool]
    impl Desk {
        #[cfg_attr(all(), agentops::skip)]
        pub fn left_out(&self) -> u8 {
            1
        }

        #[cfg_attr(any(), inline, agentops(skip))]
        pub fn kept(&self) -> u8 {
            self.left_out() + self.never()
        }

        #[agentops(skip)]
        pub fn never(&self) -> u8 {
            2
        }
    }
    let recording = Recording::global();
    assert_eq!(Desk.kept(), 3);
    assert_eq!(recording.tree_of("kept"), "session kept\n  tool kept\n");
    assert_eq!(recording.traces_of("left_out").len() + recording.traces_of("never").len(), 0);
}
