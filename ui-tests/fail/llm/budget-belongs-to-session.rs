use agentops::llm;

#[llm(budget(usd = 1))]
fn search(query: &str, limit: usize) -> usize {
    query.len() + limit
}

fn main() {
    search("rust", 3);
}
