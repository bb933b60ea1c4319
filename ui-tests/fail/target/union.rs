use agentops::tool;

#[tool]
union Bits {
    whole: u32,
}

fn main() {
    let _ = Bits { whole: 1 };
}
