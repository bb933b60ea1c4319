use agentops::Agent;

#[derive(Agent)]
#[agentops(nmae = "planner")]
struct Planner;

fn main() {
    let _ = Planner;
}
