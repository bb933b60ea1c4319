//! Attribute macros of `agentops`, which re-exports them: depend on that crate, not on this one.
//!
//! ```text
//! attribute ─▶ args ─┐
//!                    ├─▶ model ─▶ check ─▶ expand
//!      item ─▶ item ─┘              └─▶ fallback: every error, and the item as it was
//! ```

mod errors;
mod keyword;
mod path;
mod tokens;

mod cfg_attr;
mod credential;
mod own_attributes;

mod args;

mod item;

mod model;

mod check;

mod attribute_order;

mod expand;

mod fallback;

#[cfg(test)]
mod tests;

use proc_macro::TokenStream as Tokens;
use proc_macro2::TokenStream;

use crate::{args::Args, errors::Errors, item::Item, keyword::Kind, model::Model};

#[doc = include_str!("../docs/session.md")]
#[doc = include_str!("../docs/options.md")]
#[doc(alias = "SessionSpan")]
#[proc_macro_attribute]
pub fn session(args: Tokens, item: Tokens) -> Tokens {
    annotate(Kind::Session, &args.into(), item.into()).into()
}

#[doc = include_str!("../docs/agent.md")]
#[doc = include_str!("../docs/options.md")]
#[doc(alias = "AgentSpan")]
#[proc_macro_attribute]
pub fn agent(args: Tokens, item: Tokens) -> Tokens {
    annotate(Kind::Agent, &args.into(), item.into()).into()
}

#[doc = include_str!("../docs/tool.md")]
#[doc = include_str!("../docs/options.md")]
#[doc(alias = "ToolSpan")]
#[proc_macro_attribute]
pub fn tool(args: Tokens, item: Tokens) -> Tokens {
    annotate(Kind::Tool, &args.into(), item.into()).into()
}

#[doc = include_str!("../docs/llm.md")]
#[doc = include_str!("../docs/options.md")]
#[doc(alias = "LlmSpan")]
#[proc_macro_attribute]
pub fn llm(args: Tokens, item: Tokens) -> Tokens {
    annotate(Kind::Llm, &args.into(), item.into()).into()
}

#[doc = include_str!("../docs/task.md")]
#[doc = include_str!("../docs/options.md")]
#[proc_macro_attribute]
pub fn task(args: Tokens, item: Tokens) -> Tokens {
    annotate(Kind::Task, &args.into(), item.into()).into()
}

#[doc = include_str!("../docs/workflow.md")]
#[doc = include_str!("../docs/options.md")]
#[proc_macro_attribute]
pub fn workflow(args: Tokens, item: Tokens) -> Tokens {
    annotate(Kind::Workflow, &args.into(), item.into()).into()
}

#[doc = include_str!("../docs/operation.md")]
#[doc = include_str!("../docs/options.md")]
#[proc_macro_attribute]
pub fn operation(args: Tokens, item: Tokens) -> Tokens {
    annotate(Kind::Operation, &args.into(), item.into()).into()
}

#[doc = include_str!("../docs/guardrail.md")]
#[doc = include_str!("../docs/options.md")]
#[proc_macro_attribute]
pub fn guardrail(args: Tokens, item: Tokens) -> Tokens {
    annotate(Kind::Guardrail, &args.into(), item.into()).into()
}

#[doc = include_str!("../docs/traced.md")]
#[doc = include_str!("../docs/options.md")]
#[doc(alias = "CustomSpan")]
#[proc_macro_attribute]
pub fn traced(args: Tokens, item: Tokens) -> Tokens {
    annotate(Kind::Traced, &args.into(), item.into()).into()
}

#[doc = include_str!("../docs/skip.md")]
#[proc_macro_attribute]
pub fn skip(_: Tokens, item: Tokens) -> Tokens {
    fallback::keep(item.into(), &own_attributes::misplaced_skip()).into()
}

#[doc = include_str!("../docs/derive.md")]
#[proc_macro_derive(Agent, attributes(agentops))]
pub fn derive_agent(item: Tokens) -> Tokens {
    identify(item.into()).into()
}

/// `true` if the macros only check their items and leave them unchanged (feature `off`).
const OFF: bool = cfg!(feature = "off");

/// Expands an attribute macro: parse, check, then expand or report all errors.
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
        Ok(_) if OFF => own_attributes::strip(item),
        Ok(model) => {
            attribute_order::step_behind(&model, item).unwrap_or_else(|| expand::expand(&model))
        }
        Err(error) => fallback::keep(item, &error),
    }
}

/// Expands the derive macro.
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
