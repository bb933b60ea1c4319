//! Chats whose answers are streamed, in the shapes that axum has for that.

use std::convert::Infallible;

use agentops::{Budget, BudgetExceeded, BudgetPolicy, session, tower::SessionLayer};
use axum::{
    Router,
    body::Body,
    http::StatusCode,
    response::{IntoResponse, Response, Sse, sse::Event},
    routing::post,
};
use tokio::sync::mpsc::{self, Sender};
use tokio_stream::{Stream, StreamExt, wrappers::ReceiverStream};

use crate::model::{chat, remember};

/// The shapes below the layer that makes a session of each request.
pub fn layered(budget: Budget) -> Router {
    let sessions = SessionLayer::new().customize(move |request, session| {
        let user = request.headers.get("x-user").and_then(|user| user.to_str().ok());
        session.user_id(user).budget(budget.policy(BudgetPolicy::Cancel))
    });
    Router::new()
        .route("/rooms/{room}/sse", post(sse))
        .route("/rooms/{room}/body", post(body))
        .route("/rooms/{room}/channel", post(channel))
        .layer(sessions)
}

/// Events of a server, one for each word.
async fn sse(question: String) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    Sse::new(chat(question).map(|word| Ok(Event::default().data(word))))
}

/// A body of plain text, word by word.
async fn body(question: String) -> Body {
    Body::from_stream(chat(question).map(Ok::<_, Infallible>))
}

/// The same from a task, which has something to do when the answer is out.
async fn channel(question: String) -> Body {
    let (sender, words) = mpsc::channel(1);
    agentops::spawn(produce(question, sender));
    Body::from_stream(ReceiverStream::new(words).map(Ok::<_, Infallible>))
}

async fn produce(question: String, sender: Sender<String>) {
    let said = tokio::select! {
        said = send_all(chat(question), &sender) => said,
        // The client has hung up: nobody hears what the model still says.
        () = sender.closed() => return,
    };
    drop(sender);
    remember(&said);
}

/// Sends all words, and gives them back as one text.
async fn send_all(words: impl Stream<Item = String>, sender: &Sender<String>) -> String {
    let mut words = std::pin::pin!(words);
    let mut said = String::new();
    while let Some(word) = words.next().await {
        said.push_str(&word);
        if sender.send(word).await.is_err() {
            break;
        }
    }
    said
}

/// Without a layer: a handler that is a session itself.
pub fn annotated() -> Router {
    Router::new().route("/sse", post(annotated_sse))
}

/// The answer where the budget is passed before there is one.
pub struct TooExpensive(BudgetExceeded);

impl From<BudgetExceeded> for TooExpensive {
    fn from(exceeded: BudgetExceeded) -> Self {
        Self(exceeded)
    }
}

impl IntoResponse for TooExpensive {
    fn into_response(self) -> Response {
        (StatusCode::SERVICE_UNAVAILABLE, self.0.to_string()).into_response()
    }
}

#[session(name = "sse", budget(tokens = 10, policy = Cancel))]
async fn annotated_sse(
    question: String,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, TooExpensive> {
    Ok(Sse::new(chat(question).map(|word| Ok(Event::default().data(word)))))
}
