use agentops::tool;

trait Look {
    fn look(&self) -> u8;
}

struct Eye;

impl Look for Eye {
    #[tool]
    #[track_caller]
    fn look(&self) -> u8 {
        1
    }
}

fn main() {
    Eye.look();
}
