#[agentops::tool]
#[agentops(skip)]
fn search() {}

fn main() {
    search();
}
