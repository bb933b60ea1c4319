#![deny(warnings)]
#![deny(unused_must_use)]

use agentops::{session, tool};

/// Documented.
#[must_use = "a result is lost"]
#[inline]
#[tool]
#[allow(non_snake_case)]
#[doc(hidden)]
pub fn Search(query: &str) -> usize {
    #![allow(unused_variables)]
    //! More of it.
    let unused = 1;
    query.len()
}

#[tool]
#[deprecated = "use `Search`"]
fn old() {}

#[session]
#[cold]
fn run() {
    #[expect(unused_must_use)]
    Search("rust");
    #[expect(deprecated)]
    old();
}

fn main() {
    run();
}
