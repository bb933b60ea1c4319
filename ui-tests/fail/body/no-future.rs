use agentops::tool;

#[tool]
fn count(n: u32) -> impl Future<Output = u32> + Send {
    n
}

fn main() {
    drop(count(1));
}
