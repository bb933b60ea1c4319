//! Attributes on impl blocks, and which of their methods get a span.
#![expect(unreachable_pub, reason = "`pub` is what a block looks for")]

use agentops::{agent, session, task, tool};
use agentops_tests::{Recording, attribute};

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
fn methods_with_self_that_can_be_called_from_outside_get_a_span() {
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
fn every_method_with_self_of_a_trait_gets_the_options_of_its_block() {
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
fn of_two_attributes_on_a_block_the_first_makes_the_outer_spans() {
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
