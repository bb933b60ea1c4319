#![deny(warnings, clippy::pedantic)]
#![allow(dead_code, clippy::unused_self)]

use std::fmt::Debug;

use agentops::{Agent, FieldValue, agent};

#[agent]
struct Unit;

#[agent(name = "tuple", role = self.1.name(), description = format!("{:?}", self.1), id = 7, crate = ::agentops)]
pub(crate) struct Tuple<'a>(&'a str, Role);

#[derive(Clone, Copy, Debug)]
enum Role {
    Planner,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::Planner => "planner",
        }
    }
}

#[derive(Clone, Agent, Debug)]
#[agentops(description = "generic")]
#[must_use]
struct Generic<'a, T: Debug = u8, const N: usize = 1>
where
    T: Clone,
{
    #[agentops(name)]
    r#type: Option<&'a T>,
    #[cfg(any())]
    #[agentops(id)]
    never: Nothing,
    #[agentops(role)]
    role: String,
    rest: [T; N],
}

#[deprecated]
#[derive(Agent)]
struct Old(#[agentops(id)] u8);

#[agent]
impl<T: Clone + Debug + FieldValue, const N: usize> Generic<'_, T, N> {
    #[must_use]
    pub fn run(&self) -> usize {
        N
    }
}

#[agent]
impl Tuple<'_> {
    pub fn run(&mut self) {
        self.0 = "";
    }
}

mod hygiene {
    #![no_implicit_prelude]

    #[::agentops::agent(role = 1)]
    pub(super) struct Web(#[agentops(name)] pub(super) ::std::string::String);

    #[derive(::agentops::Agent)]
    #[agentops(name = "other")]
    pub(super) struct Other;

    #[::agentops::agent]
    impl Web {
        pub(super) fn run(&self) {}
        pub fn open(&self) {}
    }
}

fn main() {
    assert_eq!(Generic::<u8, 2> { r#type: None, role: String::new(), rest: [1, 2] }.run(), 2);
    Tuple("a", Role::Planner).run();
    let web = hygiene::Web(String::new());
    web.open();
    let _ = (Unit, hygiene::Other);
}
