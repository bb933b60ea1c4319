//! Examples on the macros' pages, as documentation tests. They are run here because cargo builds the dev-dependencies of a
//! proc macro for the host: in its own package they had everything built twice, a quarter of all that `cargo test` builds.

macro_rules! pages {
    ($($name:ident: $path:literal;)*) => {$(
        #[doc = include_str!($path)]
        pub struct $name;
    )*};
}

pages! {
    Agent: "../agentops-macros/docs/agent.md";
    Derive: "../agentops-macros/docs/derive.md";
    Guardrail: "../agentops-macros/docs/guardrail.md";
    Llm: "../agentops-macros/docs/llm.md";
    Operation: "../agentops-macros/docs/operation.md";
    Options: "../agentops-macros/docs/options.md";
    Session: "../agentops-macros/docs/session.md";
    Skip: "../agentops-macros/docs/skip.md";
    Task: "../agentops-macros/docs/task.md";
    Tool: "../agentops-macros/docs/tool.md";
    Traced: "../agentops-macros/docs/traced.md";
    Workflow: "../agentops-macros/docs/workflow.md";
}
