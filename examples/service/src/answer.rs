//! A question with one answer, and with jobs that go on when that is out.

use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use agentops::{agent, session, tool};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use serde::{Deserialize, Serialize};
use tokio::{
    sync::watch,
    task::{JoinError, JoinHandle},
};
use tracing::{info, info_span};

/// A request.
#[derive(Debug, Deserialize, Serialize)]
pub struct Question {
    pub text: String,
    pub password: String,
}

/// The answer to it.
#[derive(Debug, Deserialize, Serialize)]
pub struct Answer {
    pub text: String,
    pub access_token: String,
}

/// The progress of the requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    #[default]
    Asked,
    Answered,
    Over,
}

/// The state that the requests share.
#[derive(Debug, Default)]
pub struct Service {
    stage: watch::Sender<Stage>,
    /// In the session.
    jobs: Mutex<Vec<JoinHandle<()>>>,
    /// Outside of it.
    strays: Mutex<Vec<JoinHandle<()>>>,
}

/// Answers a question: the session of a request, which goes on in its caller's if that has one.
pub(crate) async fn answer(
    State(service): State<Arc<Service>>,
    headers: HeaderMap,
    Json(question): Json<Question>,
) -> Result<Json<Answer>, StatusCode> {
    let place = agentops::extract(&headers);
    let request = info_span!("POST /answer");
    place
        .instrument(tracing::Instrument::instrument(chat(service, headers, question), request))
        .await
}

#[session(name = "answer", user_id = headers.get("x-user").and_then(|it| it.to_str().ok()))]
async fn chat(
    service: Arc<Service>,
    headers: HeaderMap,
    question: Question,
) -> Result<Json<Answer>, StatusCode> {
    info!("a question comes in");
    if question.text.is_empty() {
        return Err(StatusCode::UNPROCESSABLE_ENTITY);
    }
    service.leave_behind(&question.text);
    let text = think(&question.text).await;
    Ok(Json(Answer { text, access_token: "t-0815".to_owned() }))
}

/// Finds an answer.
#[agent]
async fn think(question: &str) -> String {
    look_up(question).await
}

/// Looks a word up.
#[tool]
async fn look_up(word: &str) -> String {
    tokio::task::yield_now().await;
    word.to_uppercase()
}

/// Keeps a question for later.
#[tool]
fn index(text: &str) -> usize {
    text.len()
}

/// Counts a question, when all is over.
#[tool]
fn count(text: &str) -> usize {
    text.len()
}

impl Service {
    /// Starts what is to be done when the answer is out. The session lasts until the first job is done. Of the
    /// others it does not know: one runs in a span of it, and one in nothing.
    fn leave_behind(&self, text: &str) {
        let job = agentops::spawn(self.job(Stage::Answered, index, text));
        let late =
            tokio::spawn(tracing::Instrument::in_current_span(self.job(Stage::Over, count, text)));
        let stray = tokio::spawn(self.job(Stage::Over, count, text));
        lock(&self.jobs).push(job);
        lock(&self.strays).extend([late, stray]);
    }

    fn job(
        &self,
        stage: Stage,
        work: fn(&str) -> usize,
        text: &str,
    ) -> impl Future<Output = ()> + Send + use<> {
        let (mut now, text) = (self.stage.subscribe(), text.to_owned());
        async move {
            if now.wait_for(|now| *now >= stage).await.is_ok() {
                work(&text);
            }
        }
    }

    /// Lets the jobs go on, as the requests are answered, and waits for them.
    ///
    /// # Errors
    /// If a job has panicked.
    pub async fn finish(&self) -> Result<(), JoinError> {
        self.stage.send_replace(Stage::Answered);
        let jobs = mem::take(&mut *lock(&self.jobs));
        for job in jobs {
            job.await?;
        }
        self.stage.send_replace(Stage::Over);
        let strays = mem::take(&mut *lock(&self.strays));
        for stray in strays {
            stray.await?;
        }
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
