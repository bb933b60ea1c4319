#![deny(warnings)]

use agentops::tool;

struct Point {
    x: u8,
}

#[tool]
fn search(
    #[cfg(any())] gone: Missing,
    #[cfg(not(any()))] kept: u8,
    #[cfg(any())] (first, second): Missing,
    #[cfg(any())] _: Missing,
    Point {
        #[cfg(any())]
        missing,
        x,
    }: Point,
    #[allow(unused_variables)] unused: u8,
    #[expect(unused_variables, reason = "this is a test")] expected: u8,
    #[cfg_attr(not(any()), allow(unused_mut))] mut sometimes: u8,
) -> u8 {
    kept + x + sometimes
}

fn main() {
    assert_eq!(search(1, Point { x: 2 }, 3, 4, 5), 8);
}
