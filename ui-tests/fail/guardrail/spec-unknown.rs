use agentops::guardrail;

#[guardrail(spec = "both")]
fn search(query: &str, limit: usize) -> usize {
    query.len() + limit
}

fn main() {
    search("rust", 3);
}
