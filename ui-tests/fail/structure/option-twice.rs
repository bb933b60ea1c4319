use agentops::agent;

#[agent(role = "planner")]
#[agentops(role = "planner")]
struct Planner;

fn main() {
    let _ = Planner;
}
