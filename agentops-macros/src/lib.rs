//! The attribute macros of `agentops`, which re-exports them: depend on that crate, not on this one.
//!
//! ```text
//! attribute ─▶ args ─┐
//!                    ├─▶ model ─▶ check ─▶ expand
//!      item ─▶ item ─┘              └─▶ fallback: every error, and the item as it was
//! ```

mod args;
mod check;
mod errors;
mod expand;
mod fallback;
mod item;
mod keyword;
mod mark;
mod model;
mod path;
mod stack;
#[cfg(test)]
mod tests;

use proc_macro::TokenStream as Tokens;
use proc_macro2::TokenStream;

use crate::{args::Args, errors::Errors, item::Item, keyword::Kind, model::Model};

/// Records each call of a function as a session: the root of its own trace.
///
/// Everything annotated that runs inside it, directly or not, becomes part of its trace. A session that
/// starts inside another gets a trace of its own, linked to where it was started.
///
/// Besides the options below it takes `session_id = expr` (default: a new one) and `user_id = expr`.
///
/// ```
/// # struct User { id: u64 }
/// # async fn plan(question: String) -> Result<String, String> { Ok(question) }
/// #[agentops::session(name = "support chat", user_id = user.id)]
/// async fn answer(user: &User, question: String) -> Result<String, String> {
///     plan(question).await
/// }
/// ```
#[doc = include_str!("../docs/options.md")]
#[doc(alias = "SessionSpan")]
#[proc_macro_attribute]
pub fn session(args: Tokens, item: Tokens) -> Tokens {
    annotate(Kind::Session, &args.into(), item.into()).into()
}

/// Records each call of a function as the run of an agent: something that plans, decides and acts.
///
/// Besides the options below it takes `role = expr`, `description = expr` (default: the first paragraph
/// of the doc comment) and `id = expr`.
///
/// ```
/// struct Researcher {
///     id: u32,
/// }
///
/// impl Researcher {
///     /// Finds sources and sums them up.
///     #[agentops::agent(name = "researcher", role = "research", id = self.id)]
///     async fn run(&self, topic: &str) -> Result<String, String> {
///         Ok(format!("all about {topic}"))
///     }
/// }
/// ```
#[doc = include_str!("../docs/options.md")]
#[doc(alias = "AgentSpan")]
#[proc_macro_attribute]
pub fn agent(args: Tokens, item: Tokens) -> Tokens {
    annotate(Kind::Agent, &args.into(), item.into()).into()
}

/// Records each call of a function as a tool call.
///
/// Besides the options below it takes `description = expr` (default: the first paragraph of the doc
/// comment) and `cost = expr`, in US dollars.
///
/// ```
/// /// Searches the web.
/// #[agentops::tool(skip(key), cost = 0.005, fields(engine = "local", letters = query.len()))]
/// fn search(key: &str, query: &str) -> Result<Vec<String>, String> {
///     if key.is_empty() { Err("a key is needed".to_owned()) } else { Ok(vec![query.to_owned()]) }
/// }
/// ```
#[doc = include_str!("../docs/options.md")]
#[doc(alias = "ToolSpan")]
#[proc_macro_attribute]
pub fn tool(args: Tokens, item: Tokens) -> Tokens {
    annotate(Kind::Tool, &args.into(), item.into()).into()
}

/// Records each call of a function as the call of a language model.
///
/// Besides the options below it takes `model = expr`, `provider = expr` and `operation = expr`.
///
/// ```
/// struct Client {
///     model: String,
/// }
///
/// impl Client {
///     #[agentops::llm(model = self.model, provider = "openai", operation = "chat")]
///     async fn complete(&self, prompt: &str) -> Result<String, String> {
///         agentops::current().set_usage(12, 3);
///         Ok(prompt.to_uppercase())
///     }
/// }
/// ```
#[doc = include_str!("../docs/options.md")]
#[doc(alias = "LlmSpan")]
#[proc_macro_attribute]
pub fn llm(args: Tokens, item: Tokens) -> Tokens {
    annotate(Kind::Llm, &args.into(), item.into()).into()
}

/// Records each call of a function as a task: one unit of an agent's work.
///
/// ```
/// #[agentops::task(tags("billing"))]
/// fn classify(ticket: &str) -> &str {
///     if ticket.contains("invoice") { "billing" } else { "other" }
/// }
/// ```
#[doc = include_str!("../docs/options.md")]
#[proc_macro_attribute]
pub fn task(args: Tokens, item: Tokens) -> Tokens {
    annotate(Kind::Task, &args.into(), item.into()).into()
}

/// Records each call of a function as a workflow: several steps under one name.
///
/// ```
/// # async fn check(_: &str) -> Result<(), String> { Ok(()) }
/// # async fn welcome(_: &str) -> Result<(), String> { Ok(()) }
/// #[agentops::workflow(name = "onboarding", version = "2")]
/// async fn onboard(customer: String) -> Result<(), String> {
///     check(&customer).await?;
///     welcome(&customer).await
/// }
/// ```
#[doc = include_str!("../docs/options.md")]
#[proc_macro_attribute]
pub fn workflow(args: Tokens, item: Tokens) -> Tokens {
    annotate(Kind::Workflow, &args.into(), item.into()).into()
}

/// Records each call of a function as an operation: any other step that is worth a span.
///
/// ```
/// #[agentops::operation(only(path))]
/// fn load(path: &std::path::Path, into: &mut String) -> std::io::Result<()> {
///     into.push_str(&std::fs::read_to_string(path)?);
///     Ok(())
/// }
/// ```
#[doc = include_str!("../docs/options.md")]
#[proc_macro_attribute]
pub fn operation(args: Tokens, item: Tokens) -> Tokens {
    annotate(Kind::Operation, &args.into(), item.into()).into()
}

/// Records each call of a function as a guardrail: a check of what goes in or comes out.
///
/// Besides the options below it takes `spec = "input"` or `spec = "output"`: which of the two it checks.
///
/// ```
/// #[agentops::guardrail(spec = "input")]
/// fn no_secrets(prompt: &str) -> Result<(), String> {
///     if prompt.contains("BEGIN PRIVATE KEY") { Err("it holds a key".to_owned()) } else { Ok(()) }
/// }
/// ```
#[doc = include_str!("../docs/options.md")]
#[proc_macro_attribute]
pub fn guardrail(args: Tokens, item: Tokens) -> Tokens {
    annotate(Kind::Guardrail, &args.into(), item.into()).into()
}

/// Records each call of a function as a span of a kind of your own.
///
/// It needs `kind = "…"`, which names the kind; those that have a macro of their own are not allowed.
///
/// ```
/// #[agentops::traced(kind = "reranker", fields(candidates = pages.len()))]
/// fn rerank(query: &str, mut pages: Vec<String>) -> Vec<String> {
///     pages.sort_by_key(|page| !page.contains(query));
///     pages
/// }
/// ```
#[doc = include_str!("../docs/options.md")]
#[doc(alias = "CustomSpan")]
#[proc_macro_attribute]
pub fn traced(args: Tokens, item: Tokens) -> Tokens {
    annotate(Kind::Traced, &args.into(), item.into()).into()
}

/// Leaves a method out of an annotated impl block; `#[agentops(skip)]` says the same.
///
/// ```
/// struct Web;
///
/// #[agentops::tool]
/// impl Web {
///     pub fn search(&self, query: &str) -> usize { query.len() }
///
///     #[agentops::skip]
///     pub fn is_open(&self) -> bool { true }
/// }
/// ```
#[proc_macro_attribute]
pub fn skip(_: Tokens, item: Tokens) -> Tokens {
    fallback::keep(item.into(), &mark::misplaced_skip()).into()
}

/// Says who an agent is: its identity stands on every span that a method of the struct opens.
///
/// `#[agentops(name = "…", role = expr, description = expr, id = expr)]` on the struct says it once for
/// all; a field that is marked `#[agentops(name)]`, `#[agentops(id)]` or `#[agentops(role)]` says it for
/// each value. Without a name the agent is called like its type; without a description, it is described by
/// the first paragraph of the doc comment. [`#[agent]`](macro@agent) on a struct does the same.
///
/// ```
/// /// Finds sources and sums them up.
/// #[derive(agentops::Agent)]
/// #[agentops(name = "researcher", role = "research")]
/// struct Researcher {
///     #[agentops(id)]
///     id: u32,
/// }
///
/// #[agentops::agent]
/// impl Researcher {
///     pub fn run(&self, topic: &str) -> String {
///         format!("all about {topic}")
///     }
/// }
/// # assert_eq!(Researcher { id: 7 }.run("tea"), "all about tea");
/// ```
#[proc_macro_derive(Agent, attributes(agentops))]
pub fn derive_agent(item: Tokens) -> Tokens {
    identify(item.into()).into()
}

/// Whether the attributes leave every item as it is, once they have checked it.
const OFF: bool = cfg!(feature = "off");

/// The way of every attribute.
fn annotate(kind: Kind, args: &TokenStream, item: TokenStream) -> TokenStream {
    let checked = Errors::gather(|errors| {
        let parsed = Item::parse(item.clone(), errors);
        let mut args = Args::parse(kind, args.clone(), errors);
        args.add(kind, parsed.options(), errors);
        let model = Model::new(kind, args, parsed);
        check::check(&model, errors);
        model
    });
    match checked {
        Ok(_) if OFF => mark::strip(item),
        Ok(model) => stack::step_behind(&model, item).unwrap_or_else(|| expand::expand(&model)),
        Err(error) => fallback::keep(item, &error),
    }
}

/// The way of the derive.
fn identify(item: TokenStream) -> TokenStream {
    let checked = Errors::gather(|errors| {
        let parsed = Item::parse(item, errors);
        let args = Args::parse(Kind::Agent, parsed.options(), errors);
        let model = Model::derived(args, parsed);
        check::check(&model, errors);
        model
    });
    match checked {
        Ok(_) if OFF => TokenStream::new(),
        Ok(model) => expand::expand(&model),
        Err(error) => error.to_compile_error(),
    }
}
