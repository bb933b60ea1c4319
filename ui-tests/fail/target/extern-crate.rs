#[agentops::tool]
extern crate agentops as other;

fn main() {
    other::stats();
}
