#![deny(warnings)]

use agentops::tool;

#[tool]
fn nothing() {}

#[tool]
fn unit(seen: &mut u8) {
    *seen += 1;
}

#[tool]
fn value(query: &str, mut limit: usize) -> usize {
    limit += query.len();
    limit
}

#[tool]
pub(crate) fn one_expression(query: &str) -> usize {
    query.len()
}

#[tool]
fn raw(r#type: &str) -> &str {
    r#type
}

fn main() {
    nothing();
    let mut seen = 0;
    unit(&mut seen);
    assert_eq!((seen, value("ab", 1), one_expression("ab"), raw("x")), (1, 3, 2, "x"));
}
