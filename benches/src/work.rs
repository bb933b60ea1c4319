//! Work that is recorded: a call with so many attributes, by each way of recording.

use std::{
    hint::black_box,
    pin::Pin,
    task::{Context as Task, Poll},
};

use opentelemetry::{
    Context, KeyValue,
    trace::{Span, SpanKind, TraceContextExt, Tracer},
};
use opentelemetry_sdk::trace::SdkTracer;

/// The work itself.
#[inline(never)]
pub fn bare(n: i64) -> i64 {
    black_box(n) + 1
}

/// Waits so many times and is ready.
#[derive(Debug, Default)]
pub struct Yields(pub u32);

impl Future for Yields {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<()> {
        if self.0 == 0 {
            return Poll::Ready(());
        }
        self.0 -= 1;
        task.waker().wake_by_ref();
        Poll::Pending
    }
}

/// `#[tracing::instrument]`.
#[expect(missing_docs, reason = "each is called like its peers")]
pub mod instrument {
    use super::*;

    #[tracing::instrument(skip_all)]
    pub fn with_0(n: i64) -> i64 {
        bare(n)
    }

    #[tracing::instrument(skip_all, fields(a = n, b = n, c = n, d = n))]
    pub fn with_4(n: i64) -> i64 {
        bare(n)
    }

    #[tracing::instrument(skip_all, fields(a = n, b = n, c = n, d = n, e = n, f = n, g = n, h = n, i = n, j = n))]
    pub fn with_10(n: i64) -> i64 {
        bare(n)
    }

    /// Small input and output, as `Debug` writes them.
    #[tracing::instrument(ret)]
    pub fn with_content(query: &str, limit: i64) -> Vec<i64> {
        vec![bare(limit), query.len() as i64]
    }

    #[tracing::instrument]
    pub fn with_prompt(prompt: &str) -> usize {
        black_box(prompt).len()
    }

    #[tracing::instrument(skip_all, fields(a = n, b = n, c = n, d = n))]
    pub async fn polled(n: i64, polls: u32) -> i64 {
        Yields(polls).await;
        bare(n)
    }
}

/// `#[agentops::…]`.
#[expect(missing_docs, reason = "each is called like its peers")]
pub mod ours {
    use agentops::{
        Usage, agent, current, guardrail, llm, operation, session, task, tool, traced, workflow,
    };

    use super::*;

    #[tool(skip_all, capture_output = false)]
    pub fn with_0(n: i64) -> i64 {
        bare(n)
    }

    #[tool(skip_all, capture_output = false, fields(a = n, b = n, c = n, d = n))]
    pub fn with_4(n: i64) -> i64 {
        bare(n)
    }

    #[tool(skip_all, capture_output = false, fields(a = n, b = n, c = n, d = n, e = n, f = n, g = n, h = n, i = n, j = n))]
    pub fn with_10(n: i64) -> i64 {
        bare(n)
    }

    #[session(skip_all, capture_output = false, fields(a = n, b = n, c = n, d = n))]
    pub fn session_with_4(n: i64) -> i64 {
        bare(n)
    }

    #[agent(skip_all, capture_output = false, fields(a = n, b = n, c = n, d = n))]
    pub fn agent_with_4(n: i64) -> i64 {
        bare(n)
    }

    #[llm(skip_all, capture_output = false, model = "gpt-4o-mini", provider = "openai")]
    pub fn llm_with_usage(n: i64) -> i64 {
        current().set_usage(Usage::new().input(n as u64).output(7));
        bare(n)
    }

    #[task(skip_all, capture_output = false, fields(a = n, b = n, c = n, d = n))]
    pub fn task_with_4(n: i64) -> i64 {
        bare(n)
    }

    #[workflow(skip_all, capture_output = false, fields(a = n, b = n, c = n, d = n))]
    pub fn workflow_with_4(n: i64) -> i64 {
        bare(n)
    }

    #[operation(skip_all, capture_output = false, fields(a = n, b = n, c = n, d = n))]
    pub fn operation_with_4(n: i64) -> i64 {
        bare(n)
    }

    #[guardrail(skip_all, capture_output = false, fields(a = n, b = n, c = n, d = n))]
    pub fn guardrail_with_4(n: i64) -> i64 {
        bare(n)
    }

    #[traced(kind = "reranker", skip_all, capture_output = false, fields(a = n, b = n, c = n, d = n))]
    pub fn custom_with_4(n: i64) -> i64 {
        bare(n)
    }

    // Small input and output, as JSON. A doc comment would be one attribute more.
    #[tool(fields(a = limit, b = limit, c = limit, d = limit))]
    pub fn with_content(query: &str, limit: i64) -> Vec<i64> {
        vec![bare(limit), query.len() as i64]
    }

    #[tool(capture_output = false)]
    pub fn with_prompt(prompt: &str) -> usize {
        black_box(prompt).len()
    }

    #[tool(capture_input = false, capture_output = false)]
    pub fn without_prompt(prompt: &str) -> usize {
        black_box(prompt).len()
    }

    #[tool(skip_all, capture_output = false, fields(a = n, b = n, c = n, d = n))]
    pub async fn polled(n: i64, polls: u32) -> i64 {
        Yields(polls).await;
        bare(n)
    }
}

/// The SDK, without `tracing`.
pub fn direct(tracer: &SdkTracer, n: i64) -> i64 {
    let attributes = ["a", "b", "c", "d"].map(|key| KeyValue::new(key, n));
    let builder = tracer.span_builder("with_4").with_kind(SpanKind::Internal);
    let mut span = builder.with_attributes(attributes).start(tracer);
    let result = bare(n);
    span.end();
    result
}

/// The same, made current.
pub fn direct_attached(tracer: &SdkTracer, n: i64) -> i64 {
    let attributes = ["a", "b", "c", "d"].map(|key| KeyValue::new(key, n));
    let span = tracer.span_builder("with_4").with_attributes(attributes).start(tracer);
    let context = Context::current_with_span(span);
    let _attached = context.clone().attach();
    let result = bare(n);
    context.span().end();
    result
}

/// fastrace, whose attributes are texts.
#[expect(missing_docs, reason = "it is called like its peers")]
pub mod fast {
    use fastrace::trace;

    use super::*;

    #[trace(properties = { "a": "{n}", "b": "{n}", "c": "{n}", "d": "{n}" })]
    pub fn with_4(n: i64) -> i64 {
        bare(n)
    }
}
