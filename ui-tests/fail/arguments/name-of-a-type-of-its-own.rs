use agentops::tool;

struct Id(u8);

#[tool(name = id)]
fn search(id: Id, limit: u8) -> u8 {
    id.0 + limit
}

fn main() {
    search(Id(1), 3);
}
