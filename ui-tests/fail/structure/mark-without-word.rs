use agentops::Agent;

#[derive(Agent)]
struct Planner(#[agentops] &'static str);

fn main() {
    let _ = Planner("a");
}
