use agentops::traced;

#[traced]
fn rerank(query: &str) -> usize {
    query.len()
}

fn main() {
    rerank("rust");
}
