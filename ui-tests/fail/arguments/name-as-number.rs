use agentops::tool;

#[tool(name = 5)]
fn search(query: &str, limit: usize) -> usize {
    query.len() + limit
}

fn main() {
    search("rust", 3);
}
