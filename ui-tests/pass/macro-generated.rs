#![deny(warnings)]

use agentops::tool;

macro_rules! tools {
    ($($visibility:vis $name:ident($argument:ident: $type:ty, $pattern:pat) -> $output:ty $body:block)*) => {$(
        #[tool(name = "generated", skip($argument))]
        $visibility fn $name($argument: $type, $pattern: (u8, u8)) -> $output $body
    )*};
}

macro_rules! annotated {
    ($label:literal, $cost:expr, $item:item) => {
        #[tool(name = $label, cost = $cost, max_len = 10)]
        $item
    };
}

tools! {
    pub(crate) add(first: u8, (second, third)) -> u8 { first + second + third }
}

annotated! {
    "labelled",
    0.5 + 0.5,
    fn search(query: &str) -> usize {
        query.len()
    }
}

fn main() {
    assert_eq!(search("rust"), 4);
    assert_eq!(add(1, (2, 3)), 6);
}
