use agentops::tool;

#[tool(model = "gpt-4o-mini")]
fn search(query: &str, limit: usize) -> usize {
    query.len() + limit
}

fn main() {
    search("rust", 3);
}
