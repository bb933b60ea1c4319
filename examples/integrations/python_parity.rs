//! A program of the Python SDK's, said in Rust: same names, same order, same arguments and results, so that
//! the two exports can be laid side by side.
//!
//! ```text
//! AGENTOPS_DIALECT=agentops AGENTOPS_EXPORTER_ENDPOINT=http://127.0.0.1:4318/v1/traces \
//!     cargo run -p agentops-integration-examples --example python_parity
//! ```
//!
//! Where the two differ on purpose, the README's table says why.

use std::{fmt, time::Duration};

use agentops::{
    EndState, Session, agent, current, guardrail, operation, session, task, tool, workflow,
};
use serde_json::{Value, json};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let _guard = agentops::init()?;
    basic("q", 1);
    legacy();
    let _ = sfail();
    dicttags();
    outer();
    let _ = amain("q").await;
    let _ = afail_s().await;
    let _ = tokio::time::timeout(Duration::from_millis(50), acancel()).await;
    tokio::join!(conc("A"), conc("B"));
    by_hand();
    let threads = ["A", "B"].map(|tag| std::thread::spawn(move || ts(tag)));
    threads.into_iter().for_each(|thread| drop(thread.join()));
    parent();
    Ok(())
}

/// Python's `ValueError` and its like.
#[derive(Debug)]
struct Failure(&'static str);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Rust has no arguments by keyword: a call that has some says so itself.
fn by_keyword(args: &Value, kwargs: &Value) {
    current().set_input(&json!({"args": args, "kwargs": kwargs}));
}

#[tool(cost = 0.01, capture_input = false)]
fn cost_tool(x: u32, y: Option<u32>) -> u32 {
    let named = y.map_or(json!({}), |y| json!({"y": y}));
    by_keyword(&json!([x]), &named);
    x + y.unwrap_or(2)
}

#[tool]
fn plain(s: &str) -> &str {
    s
}

#[tool(name = "renamed", version = "3", tags("a", "b"))]
fn named(x: u32) -> Value {
    json!({"r": x})
}

#[tool]
fn failing() -> Result<(), Failure> {
    Err(Failure("boom"))
}

#[tool]
async fn atool(x: Value) -> Value {
    json!([x, {"k": null}])
}

#[tool]
async fn afail() -> Result<(), Failure> {
    Err(Failure("aboom"))
}

#[agent]
fn fagent(q: &str) -> u32 {
    // The question is recorded, and not asked.
    let _ = q;
    cost_tool(1, None)
}

#[operation]
fn op(x: u32) -> u32 {
    x
}

#[task]
fn tsk(x: u32) -> u32 {
    x
}

#[workflow]
fn wf(x: u32) -> u32 {
    op(x)
}

#[operation]
fn realop(x: u32) -> u32 {
    x
}

#[guardrail(spec = "input")]
fn gin(x: &str) -> Value {
    let _ = x;
    json!({"tripwire": false})
}

#[guardrail]
fn gnone(x: u32) -> bool {
    let _ = x;
    true
}

#[tool(capture_input = false)]
fn types(ret: Value) -> Value {
    by_keyword(&json!([]), &json!({"ret": ret}));
    ret
}

// ---- basic

#[session(name = "main_session", tags("t1", "t2"), only(q))]
fn basic(q: &str, n: u32) -> &str {
    cost_tool(n, Some(3));
    plain("hello");
    named(5);
    fagent(q);
    op(1);
    tsk(2);
    wf(3);
    realop(4);
    gin("x");
    gnone(1);
    // Its caller recovers.
    let _ = failing();
    let values = [
        json!(null),
        json!("plain \"str\""),
        json!(true),
        json!(1.5),
        json!([1, 2]),
        json!({"é": "ü"}),
    ];
    values.into_iter().for_each(|value| drop(types(value)));
    "done"
}

#[session]
fn legacy() -> u32 {
    1
}

#[session]
fn sfail() -> Result<(), Failure> {
    failing()
}

#[session(metadata(user = "bob", n = 3))]
fn dicttags() -> u32 {
    1
}

#[session]
fn outer() -> &'static str {
    inner()
}

#[session]
fn inner() -> &'static str {
    plain("in")
}

// ---- async

#[session]
async fn amain(q: &str) -> &str {
    let _ = q;
    atool(json!(1)).await;
    let _ = afail().await;
    "ok"
}

#[session]
async fn afail_s() -> Result<(), Failure> {
    afail().await
}

#[tool]
async fn slow() {
    tokio::time::sleep(Duration::from_secs(10)).await;
}

#[session]
async fn acancel() {
    slow().await;
}

#[session]
async fn conc(tag: &str) -> &str {
    tokio::time::sleep(Duration::from_millis(10)).await;
    atool(json!(tag)).await;
    tokio::join!(atool(json!(format!("{tag}g1"))), atool(json!(format!("{tag}g2"))));
    tag
}

// ---- sessions by hand, ended with a given state

fn by_hand() {
    let states = [
        ("m_Success", EndState::Success),
        ("m_Fail", EndState::Failure),
        ("m_Indeterminate", EndState::Indeterminate),
    ];
    for (name, state) in states {
        let session = Session::builder(name).tags(["x"]).start();
        session.in_scope(|| plain("m"));
        session.end(state);
    }
}

// ---- threads

#[session]
fn ts(tag: &str) -> &str {
    plain(&format!("{tag}1"));
    plain(&format!("{tag}2"));
    tag
}

#[session]
fn parent() {
    let thread = agentops::thread::spawn(|| plain("in_to_thread"));
    drop(thread.join());
}
