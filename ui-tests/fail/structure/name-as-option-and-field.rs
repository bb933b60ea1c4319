use agentops::agent;

#[agent(name = "planner")]
struct Planner {
    #[agentops(name)]
    name: &'static str,
}

fn main() {
    let _ = Planner { name: "a" };
}
