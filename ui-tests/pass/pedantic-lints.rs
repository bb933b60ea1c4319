#![deny(warnings)]
#![deny(
    elided_lifetimes_in_paths,
    explicit_outlives_requirements,
    let_underscore_drop,
    missing_debug_implementations,
    rust_2018_idioms,
    single_use_lifetimes,
    trivial_casts,
    unreachable_pub,
    unsafe_op_in_unsafe_fn,
    unused_lifetimes,
    unused_qualifications,
    unused_results
)]

use agentops::{agent, tool};

#[tool(fields(size = query.len()), cost = 0.5)]
fn search<'a>(query: &'a str, _unused: String, mut more: Vec<&'a str>) -> Vec<&'a str> {
    more.push(query);
    more
}

#[tool(fields(api_key = token, secret = ?token))]
fn sign_in(token: &str, _password: String) -> usize {
    token.len()
}

#[tool(redact = off)]
fn sign_out(token: &str) -> usize {
    token.len()
}

#[agent(id = 1)]
async fn plan(goal: String, _: Vec<u8>, mut log: Vec<String>) {
    log.push(goal);
}

struct Web(String);

impl Web {
    #[tool]
    fn into_name(self) -> String {
        self.0
    }
}

fn main() {
    assert_eq!(search("rust", String::new(), vec![]), ["rust"]);
    assert_eq!(sign_in("rust", String::new()) + sign_out(""), 4);
    drop(plan(String::new(), vec![], vec![]));
    assert_eq!(Web("web".to_owned()).into_name(), "web");
}
