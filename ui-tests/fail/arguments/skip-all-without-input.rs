use agentops::tool;

#[tool(skip_all, capture_input = false)]
fn search(query: &str, limit: usize) -> usize {
    query.len() + limit
}

fn main() {
    search("rust", 3);
}
