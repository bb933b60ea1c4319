use agentops::Agent;

#[derive(Agent)]
struct Planner(#[agentops(version)] &'static str);

fn main() {
    let _ = Planner("a");
}
