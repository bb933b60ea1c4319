use agentops::agent;

#[agent]
struct Planner(#[agentops(roel)] &'static str);

fn main() {
    let _ = Planner("a");
}
