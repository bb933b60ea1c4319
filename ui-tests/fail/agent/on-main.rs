use agentops::agent;

#[agent(name = "planner")]
fn main() -> Result<(), std::fmt::Error> {
    Ok(())
}
