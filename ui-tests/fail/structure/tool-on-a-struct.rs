use agentops::tool;

#[tool]
struct Search;

fn main() {
    let _ = Search;
}
