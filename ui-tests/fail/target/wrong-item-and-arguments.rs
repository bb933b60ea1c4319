use agentops::tool;

#[tool(nmae = "limit")]
struct Limit;

fn main() {
    let _ = Limit;
}
