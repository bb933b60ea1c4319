#![deny(warnings)]

use std::{pin::Pin, rc::Rc, sync::Arc};

use agentops::agent;

#[derive(Clone)]
struct Planner {
    name: String,
    notes: Vec<String>,
}

impl Planner {
    #[agent]
    fn new(name: &str) -> Self {
        Self { name: name.to_owned(), notes: Vec::new() }
    }

    #[agent(id = self.name)]
    fn by_reference(&self, from: usize) -> &str {
        &self.name[from..]
    }

    #[agent]
    fn by_mutable_reference<'a>(&'a mut self, note: String) -> &'a mut String {
        self.notes.push(note);
        &mut self.notes[0]
    }

    #[agent]
    fn by_value(self) -> String {
        self.name
    }

    #[agent]
    fn by_mutable_value(mut self, more: &str) -> String {
        self.name.push_str(more);
        self.name
    }

    #[agent]
    fn boxed(self: Box<Self>) -> String {
        self.name
    }

    #[agent]
    fn counted(self: Rc<Self>) -> usize {
        Rc::strong_count(&self)
    }

    #[agent]
    fn shared(self: &Arc<Self>) -> usize {
        Arc::strong_count(self)
    }

    #[agent]
    fn pinned(self: Pin<&mut Self>) -> usize {
        self.name.len()
    }
}

fn main() {
    let mut planner = Planner::new("ab");
    assert_eq!(planner.by_reference(1), "b");
    planner.by_mutable_reference("note".to_owned()).push('!');
    assert_eq!(planner.notes, ["note!"]);
    assert_eq!(planner.clone().by_value(), "ab");
    assert_eq!(planner.clone().by_mutable_value("c"), "abc");
    assert_eq!(Box::new(planner.clone()).boxed(), "ab");
    assert_eq!(Rc::new(planner.clone()).counted(), 1);
    assert_eq!(Arc::new(planner.clone()).shared(), 1);
    assert_eq!(Pin::new(&mut planner).pinned(), 2);
}
