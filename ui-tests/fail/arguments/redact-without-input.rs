use agentops::tool;

#[tool(capture_input = false, redact(query))]
fn search(query: &str, limit: usize) -> usize {
    query.len() + limit
}

fn main() {
    search("rust", 3);
}
