use agentops::tool;

#[tool(fields("search.engine", depth =, r#type))]
fn search(query: &str, limit: usize) -> usize {
    query.len() + limit
}

fn main() {
    search("rust", 3);
}
