use agentops::tool;

#[tool(only(limit, query, limit))]
fn search(query: &str, limit: usize) -> usize {
    query.len() + limit
}

fn main() {
    search("rust", 3);
}
