#[agentops::llm]
type Prompt = &'static str;

fn main() {
    let _: Prompt = "";
}
