use agentops::agent;

struct Number(u8);

#[agent]
struct Planner(#[agentops(id)] Option<Number>);

fn main() {
    let _ = Planner(Some(Number(7)));
}
