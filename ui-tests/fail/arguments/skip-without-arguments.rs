use agentops::tool;

#[tool(skip(query))]
fn search() -> usize {
    1
}

fn main() {
    search();
}
