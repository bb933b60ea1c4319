use agentops::{task, tool};

trait Look {
    fn look(&self) -> u8;
    fn see(&self) -> u8;
    fn own() -> u8;
}

struct Eye;

#[tool]
impl Look for Eye {
    #[track_caller]
    fn look(&self) -> u8 {
        1
    }

    #[agentops(skip)]
    #[track_caller]
    fn see(&self) -> u8 {
        2
    }

    #[task]
    #[cfg_attr(all(), track_caller)]
    fn own() -> u8 {
        3
    }
}

fn main() {
    let _ = Eye.look() + Eye.see() + Eye::own();
}
