#[agentops::tool]
macro_rules! search {
    () => {};
}

fn main() {
    search!();
}
