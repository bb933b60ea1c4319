//! Calls of a model by genai: one below a `#[llm]` of our own, which takes over what genai tells of it, and
//! one that only genai's own span (feature `otel`) tells of.
//!
//! `OPENAI_BASE_URL` and `OPENAI_API_KEY` name the endpoint, any that speaks OpenAI's chat completions.

use agentops::{llm, session};
use futures_util::StreamExt;
use genai::{
    Client, ModelIden, ServiceTarget,
    adapter::AdapterKind,
    chat::{ChatMessage, ChatOptions, ChatRequest, ChatResponse, ChatStreamEvent},
    resolver::{AuthData, Endpoint, ServiceTargetResolver},
};

const MODEL: &str = "gpt-4o-mini";

/// A problem of any kind.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

pub(crate) fn client() -> genai::Result<Client> {
    let resolver = ServiceTargetResolver::from_resolver_fn(|target: ServiceTarget| {
        let model = ModelIden::new(AdapterKind::OpenAI, target.model.model_name);
        let auth = AuthData::from_env("OPENAI_API_KEY");
        let base = std::env::var("OPENAI_BASE_URL");
        let base = base.unwrap_or_else(|_| "https://api.openai.com/v1".to_owned());
        // It joins paths as a browser does: what follows the last slash is replaced.
        let endpoint = Endpoint::from_owned(format!("{}/", base.trim_end_matches('/')));
        Ok::<_, genai::resolver::Error>(ServiceTarget { endpoint, auth, model })
    });
    Client::builder().with_service_target_resolver(resolver).build()
}

/// The request tells its messages by itself; the answer its tokens, its model and why it stopped.
#[llm(skip(client))]
async fn ask(client: &Client, request: ChatRequest) -> genai::Result<ChatResponse> {
    client.exec_chat(MODEL, request, None).await
}

/// Asks once by a function of our own, and once for a stream without one.
///
/// # Errors
/// If the model cannot be reached, or refuses.
#[session(name = "genai")]
pub async fn run() -> Result<(String, String), Error> {
    let client = client()?;
    let request = ChatRequest::new(vec![ChatMessage::user("ping")]);
    let answer = ask(&client, request.clone()).await?;
    let options = ChatOptions::default().with_capture_usage(true);
    let mut stream = client.exec_chat_stream(MODEL, request, Some(&options)).await?.stream;
    let mut words = String::new();
    while let Some(event) = stream.next().await {
        if let ChatStreamEvent::Chunk(chunk) = event? {
            words.push_str(&chunk.content);
        }
    }
    Ok((answer.first_text().unwrap_or_default().to_owned(), words))
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let _guard = agentops::init()?;
    let (answer, words) = run().await?;
    println!("{answer}\n{words}");
    Ok(())
}
