use agentops::tool;

#[tool(name, skip(limit))]
fn search(query: &str, limit: usize) -> usize {
    query.len() + limit
}

fn main() {
    search("rust", 3);
}
