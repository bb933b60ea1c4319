//! An agent with a model of its own, which says each word of its prompt louder.

use agentops::{Usage, agent, current, llm, tool};
use async_stream::stream;
use tokio_stream::{Stream, StreamExt};

/// Answers sentence by sentence, with a call of the model for each.
#[agent(name = "chat")]
pub(crate) fn chat(question: String) -> impl Stream<Item = String> + Send {
    stream! {
        for sentence in question.split_inclusive('.') {
            let mut words = Box::pin(complete(sentence.to_owned()));
            while let Some(word) = words.next().await {
                yield word;
            }
        }
    }
}

/// Stands for a client of a model's provider: words come one by one, and it is known so far what they cost.
#[llm(model = "parrot-1", provider = "local")]
fn complete(prompt: String) -> impl Stream<Item = String> + Send {
    stream! {
        let words: Vec<_> = prompt.split_whitespace().collect();
        for (said, word) in (1_u64..).zip(&words) {
            let word = look_up(word).await;
            current().set_usage(Usage::new().input(words.len()).output(said));
            yield format!("{word} ");
        }
    }
}

/// Looks a word up; `…` is one that it looks for to this day.
#[tool]
async fn look_up(word: &str) -> String {
    if word == "…" {
        std::future::pending::<()>().await;
    }
    tokio::task::yield_now().await;
    word.to_uppercase()
}

/// Keeps an answer for later.
#[tool]
pub(crate) fn remember(answer: &str) -> usize {
    answer.len()
}
