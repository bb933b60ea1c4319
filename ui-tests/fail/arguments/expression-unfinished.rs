use agentops::tool;

#[tool(fields(size = limit +, name = %query))]
fn search(query: &str, limit: usize) -> usize {
    query.len() + limit
}

fn main() {
    search("rust", 3);
}
