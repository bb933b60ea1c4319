use agentops::Agent;

#[derive(Agent)]
enum Planner {
    Fast,
}

fn main() {
    let _ = Planner::Fast;
}
