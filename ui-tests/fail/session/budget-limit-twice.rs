use agentops::session;

#[session(budget(usd = 1, usd = 2))]
fn search(query: &str, limit: usize) -> usize {
    query.len() + limit
}

fn main() {
    search("rust", 3);
}
