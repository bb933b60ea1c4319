#![deny(warnings)]

use agentops::tool;

#[tool(skip(query))]
#[expect(unused_variables, reason = "the argument is not captured, and the body does not use it")]
fn unused(query: &str) {}

#[tool]
#[expect(unused_mut)]
fn needlessly_mutable(mut query: String, (mut first, _): (u8, u8)) -> usize {
    query.len() + first as usize
}

#[tool]
#[expect(unused_parens)]
fn parentheses(query: &str) -> usize {
    let more = (1);
    query.len() + more
}

#[tool]
#[expect(unreachable_code)]
fn unreachable(query: &str) -> usize {
    return query.len();
    0
}

fn main() {
    unused("rust");
    needlessly_mutable("rust".to_owned(), (1, 2));
    parentheses("rust");
    unreachable("rust");
}
