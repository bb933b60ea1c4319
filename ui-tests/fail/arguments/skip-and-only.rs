use agentops::tool;

#[tool(skip(limit), only(query))]
fn search(query: &str, limit: usize) -> usize {
    query.len() + limit
}

fn main() {
    search("rust", 3);
}
