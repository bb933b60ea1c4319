use agentops::Agent;

#[derive(Agent)]
struct Planner {
    #[agentops(name)]
    first: &'static str,
    #[agentops(name)]
    second: &'static str,
}

fn main() {
    let _ = Planner { first: "a", second: "b" };
}
