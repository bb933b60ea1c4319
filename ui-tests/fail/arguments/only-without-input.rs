use agentops::tool;

#[tool(only(query), capture_input = false)]
fn search(query: &str, limit: usize) -> usize {
    query.len() + limit
}

fn main() {
    search("rust", 3);
}
