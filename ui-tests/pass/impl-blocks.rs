#![deny(warnings, clippy::pedantic)]

use std::{fmt::Display, rc::Rc};

use agentops::{agent, session, task, tool};

struct Web<'a, T, const N: usize> {
    pages: [&'a T; N],
}

#[tool(level = "debug", tags("web"), err = Debug)]
impl<'a, T, const N: usize> Web<'a, T, N>
where
    T: Display,
{
    pub const SIZE: usize = { N * 2 };

    #[must_use]
    pub fn new(pages: [&'a T; N]) -> Self {
        Self { pages }
    }

    #[must_use]
    pub const fn size(&self) -> usize {
        self.pages.len()
    }

    /// Reads a page.
    ///
    /// # Errors
    /// There may be no such page.
    pub fn read(&self, number: usize) -> Result<String, usize> {
        self.pages.get(number).map(ToString::to_string).ok_or(number)
    }

    pub async fn first(&mut self) -> Option<&mut &'a T> {
        self.pages.first_mut()
    }

    #[must_use]
    pub fn shared(self: Rc<Self>) -> usize {
        self.size() + Self::SIZE
    }

    #[agentops(skip)]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pages.is_empty()
    }

    #[task(name = "built")]
    fn built() -> usize {
        N
    }

    #[cfg(any())]
    pub fn not_there(&self) -> Missing {}
}

trait Planner {
    const NAME: &'static str;
    type Plan;

    fn plan(&self, goal: &str) -> Self::Plan;
    fn describe() -> &'static str {
        Self::NAME
    }
    fn review(&self) {}
}

struct Careful {
    role: &'static str,
}

#[session]
#[agent(role = self.role)]
impl Planner for Careful {
    const NAME: &'static str = "careful";
    type Plan = usize;

    fn plan(&self, goal: &str) -> usize {
        goal.len()
    }

    #[agentops::skip]
    fn review(&self) {}
}

macro_rules! implement {
    ($type:ty, $visibility:vis $name:ident) => {
        #[agentops::tool]
        impl $type {
            $visibility fn $name(&self) -> usize {
                self.role.len()
            }
        }
    };
}
implement!(Careful, pub generated);

fn main() {
    let (one, two) = (1, 2);
    let web = Web::new([&one, &two]);
    assert_eq!((web.read(1), web.read(2)), (Ok("2".to_owned()), Err(2)));
    assert!(!web.is_empty());
    assert_eq!(Web::<u8, 3>::built(), 3);
    drop(Web::new([&one]).first());
    assert_eq!(Rc::new(web).shared(), 6);
    let careful = Careful { role: "r" };
    assert_eq!(careful.plan("goal"), 4);
    careful.review();
    assert_eq!(careful.generated(), 1);
    assert_eq!(Careful::describe(), "careful");
}
