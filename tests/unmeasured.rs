//! Streamed answers that tell no tokens: said once, with the options that let them.
#![deny(clippy::pedantic)]

use agentops::{Usage, current, llm, session};
use agentops_tests::{Recording, log};
use futures_util::{Stream, StreamExt, stream::iter};

#[llm]
fn stream(words: &[&'static str]) -> impl Stream<Item = Result<&'static str, &'static str>> {
    iter(words.to_vec()).map(|word| if word == "no" { Err(word) } else { Ok(word) })
}

#[llm]
fn measured() -> impl Stream<Item = u8> {
    iter([1]).inspect(|_| _ = current().set_usage(Usage::new().input(7).output(2)))
}

#[llm]
fn nothing_streamed() -> u8 {
    7
}

#[tokio::test]
async fn stream_without_usage_is_warned_once() {
    #[session]
    async fn measures() {
        nothing_streamed();
        measured().count().await;
        stream(&["no", "failed"]).count().await;
        drop(stream(&["cancelled"]));
        stream(&[]).count().await;
    }
    #[session]
    async fn lacks_tokens() {
        stream(&["a"]).count().await;
        stream(&["b"]).count().await;
    }
    let recording = Recording::global();
    measures().await;
    recording.spans();
    assert_eq!(log::lines_with("tokens"), [""; 0]);
    lacks_tokens().await;
    recording.spans();
    assert_eq!(
        log::lines_with("tokens"),
        [
            "the streamed answer of `stream` has told no tokens, so its usage and its cost are missing; ask for \
          them: by async-openai with `stream_options: Some(ChatCompletionStreamOptions { include_usage: \
          Some(true), .. })`, by genai with `ChatOptions::with_capture_usage(true)`, otherwise with the \
          provider's `stream_options.include_usage`, or tell them by `agentops::current().set_usage(..)`"
        ]
    );
}
