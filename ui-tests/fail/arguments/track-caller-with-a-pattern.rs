use agentops::tool;

#[tool]
#[track_caller]
fn look((first, _): (u8, u8), #[cfg(all())] second: u8) -> u8 {
    first + second
}

fn main() {
    look((1, 2), 3);
}
