use agentops::tool;

#[tool]
fn length(text: String) -> impl Fn() -> usize {
    let extra = text.len();
    if extra > 7 {
        println!("long");
    }
    Box::new(|| text.len())
}

fn main() {
    let _ = length(String::new())();
}
