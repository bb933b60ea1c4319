use agentops::tool;

#[tool]
fn count(n: u32) -> impl Future<Output = String> {
    async move { n }
}

fn main() {
    drop(count(1));
}
