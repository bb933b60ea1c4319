use std::future::{Ready, ready};

use agentops::tool;

#[tool(future = true)]
fn answer() -> Ready<u8> {
    ready(1)
}

#[tool(future = true)]
fn no_future(n: u8) -> Option<Wrapper> {
    Some(Wrapper(n))
}

struct Wrapper(u8);

fn main() {}
