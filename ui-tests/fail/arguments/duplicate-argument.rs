use agentops::tool;

#[tool(name = "web", skip(query), name = "search")]
fn search(query: &str, limit: usize) -> usize {
    query.len() + limit
}

fn main() {
    search("rust", 3);
}
