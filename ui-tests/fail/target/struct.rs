use agentops::agent;

#[agent]
struct Planner;

fn main() {
    let _ = Planner;
}
