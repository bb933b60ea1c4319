use agentops::llm;

#[llm(model, provider = "openai")]
fn search(query: &str, limit: usize) -> usize {
    query.len() + limit
}

fn main() {
    search("rust", 3);
}
