use agentops::tool;

#[tool]
const fn double(value: u32) -> u32 {
    value * 2
}

const FOUR: u32 = double(2);

fn main() {
    let _ = FOUR;
}
