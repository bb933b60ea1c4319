use agentops::agent;

#[agent(skip_all)]
struct Planner;

fn main() {
    let _ = Planner;
}
