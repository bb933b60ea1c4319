//! A program that is annotated all over, built with the feature `off`.

use std::{fmt, pin::Pin};

use agentops::{
    Agent, LlmResponse, agent, guardrail, llm, operation, session, task, tool, traced, workflow,
};
use async_trait::async_trait;
use futures_util::{
    Stream, StreamExt,
    future::BoxFuture,
    stream::{self, BoxStream},
};

/// An argument that must not be looked at.
pub struct Untouchable(pub u32);

impl fmt::Debug for Untouchable {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("it was formatted")
    }
}

impl serde::Serialize for Untouchable {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        panic!("it was serialised")
    }
}

impl fmt::Display for Untouchable {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("it was displayed")
    }
}

/// An option's value that must not be asked for.
#[must_use]
pub fn boom() -> u32 {
    panic!("an option was evaluated")
}

/// A mask and an extractor that must not be called.
pub mod forbidden {
    use super::{LlmResponse, Untouchable};

    /// A mask.
    #[must_use]
    pub fn mask(_: &Untouchable) -> u32 {
        panic!("a mask was called")
    }

    /// An extractor.
    #[must_use]
    pub fn told(_: &u32) -> LlmResponse {
        panic!("an extractor was called")
    }
}

/// A session with everything in it.
#[session(
    name = "all",
    session_id = boom(),
    user_id = boom(),
    metadata(key = boom()),
    budget(tokens = u64::from(boom())),
    tags("a"),
    fields(n = boom(), %it, other = ?it),
    redact(it = forbidden::mask)
)]
pub async fn everything(it: Untouchable) -> Result<u32, Untouchable> {
    let agent = Worker { id: it.0 };
    let sum = agent.run(&it) + agent.find(&it).await + Worker::own(1);
    let streamed: u32 = numbers(&it).collect::<Vec<_>>().await.into_iter().sum();
    let boxed: u32 = boxed(3).await.collect::<Vec<_>>().await.into_iter().sum();
    Ok(sum + later(1).await + streamed + boxed + steps(&it)? + ask(&it))
}

/// An agent by name.
#[agent(name = "worker", role = boom(), description = boom())]
pub struct Worker {
    #[agentops(id)]
    id: u32,
}

/// Another one.
#[derive(Agent)]
#[agentops(role = boom())]
pub struct Derived;

#[agent(role = boom())]
impl Worker {
    /// Runs.
    pub fn run(&self, it: &Untouchable) -> u32 {
        self.id + it.0 + Derived.value()
    }

    /// Is left out.
    #[agentops(skip)]
    #[must_use]
    pub fn skipped(&self) -> u32 {
        self.id
    }

    #[tool(name = "own", cost = f64::from(boom()))]
    fn own(n: u32) -> u32 {
        n
    }
}

impl Derived {
    #[tool]
    fn value(&self) -> u32 {
        1
    }
}

/// Finds.
#[async_trait]
pub trait Find {
    /// Finds one.
    async fn find(&self, it: &Untouchable) -> u32;
}

#[tool]
#[async_trait]
impl Find for Worker {
    async fn find(&self, it: &Untouchable) -> u32 {
        self.skipped() + it.0
    }
}

#[tool]
fn numbers(it: &Untouchable) -> impl Stream<Item = u32> + use<> {
    stream::iter([it.0, 2])
}

#[tool(stream = true)]
fn boxed(n: u32) -> BoxFuture<'static, BoxStream<'static, u32>> {
    Box::pin(async move { stream::iter([n]).boxed() })
}

#[tool]
fn later(n: u32) -> Pin<Box<dyn Future<Output = u32> + Send>> {
    Box::pin(async move { n })
}

#[workflow(skip(it))]
#[operation(only(it))]
fn steps(it: &Untouchable) -> Result<u32, Untouchable> {
    Ok(check(it)? + classify(it) + rerank(it))
}

#[guardrail(spec = "input", err = Debug)]
fn check(it: &Untouchable) -> Result<u32, Untouchable> {
    Ok(it.0)
}

#[task]
fn classify(it: &Untouchable) -> u32 {
    it.0
}

#[traced(kind = "reranker", capture_output = true)]
fn rerank(it: &Untouchable) -> u32 {
    it.0
}

#[llm(model = boom(), response = forbidden::told, level = "error")]
fn ask(it: &Untouchable) -> u32 {
    it.0
}

/// The same whole program by hand: what each call comes to.
#[must_use]
pub fn expected(n: u32) -> u32 {
    let run = n + n + 1;
    let find = n + n;
    let streamed = n + 2;
    run + find + 1 + 1 + streamed + 3 + 3 * n + n
}
