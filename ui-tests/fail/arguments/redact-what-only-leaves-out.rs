use agentops::tool;

#[tool(only(limit), redact(query))]
fn search(query: &str, limit: usize) -> usize {
    query.len() + limit
}

fn main() {
    search("rust", 3);
}
