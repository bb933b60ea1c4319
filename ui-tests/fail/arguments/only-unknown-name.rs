use agentops::tool;

#[tool(only(querty))]
fn search(query: &str) -> usize {
    query.len()
}

fn main() {
    search("rust");
}
