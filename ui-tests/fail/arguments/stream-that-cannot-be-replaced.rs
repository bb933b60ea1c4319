use std::{
    pin::Pin,
    task::{Context, Poll},
};

use agentops::tool;
use futures_util::Stream;

struct Words;

impl Stream for Words {
    type Item = String;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<String>> {
        Poll::Ready(None)
    }
}

#[tool(stream = true)]
fn words() -> Words {
    Words
}

#[tool(stream = true)]
async fn words_at_last() -> Result<Words, String> {
    Ok(Words)
}

fn main() {}
