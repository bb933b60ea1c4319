//! An agent by async-openai: a loop of model calls and tools, and a streamed answer at the end.
//!
//! `OPENAI_BASE_URL` and `OPENAI_API_KEY` name the endpoint, any that speaks OpenAI's chat completions.

use agentops::{agent, llm, session, tool};
use async_openai::{
    Client,
    config::OpenAIConfig,
    error::OpenAIError,
    types::chat::{
        ChatCompletionMessageToolCalls, ChatCompletionRequestAssistantMessageArgs,
        ChatCompletionRequestMessage, ChatCompletionRequestToolMessage,
        ChatCompletionRequestUserMessage, ChatCompletionResponseStream,
        ChatCompletionStreamOptions, ChatCompletionTool, ChatCompletionTools,
        CreateChatCompletionRequest, CreateChatCompletionRequestArgs, CreateChatCompletionResponse,
        FunctionObject,
    },
};
use futures_util::StreamExt;
use serde_json::{Value, json};

const MODEL: &str = "gpt-4o-mini";

/// A problem of any kind.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

#[tool(description = "The temperature in a city, in degrees Celsius.")]
async fn get_temperature(city: &str) -> Result<i32, String> {
    match city {
        "Oslo" => Ok(4),
        other => Err(format!("there is no thermometer in {other}")),
    }
}

/// The request tells its model, its messages, its settings and its tools by itself; the answer its tokens, the
/// model that gave it and why it stopped.
#[llm(skip(client))]
async fn complete(
    client: &Client<OpenAIConfig>,
    request: CreateChatCompletionRequest,
) -> Result<CreateChatCompletionResponse, OpenAIError> {
    client.chat().create(request).await
}

/// The same, word by word; the span ends with the stream, although only an alias of its type is written here.
#[llm(skip(client))]
async fn stream(
    client: &Client<OpenAIConfig>,
    request: CreateChatCompletionRequest,
) -> Result<ChatCompletionResponseStream, OpenAIError> {
    client.chat().create_stream(request).await
}

#[agent(name = "weather")]
async fn ask(client: &Client<OpenAIConfig>, question: &str) -> Result<String, Error> {
    let mut messages: Vec<ChatCompletionRequestMessage> =
        vec![ChatCompletionRequestUserMessage::from(question).into()];
    loop {
        let response = complete(client, request(&messages)?).await?;
        let choice = response.choices.into_iter().next().ok_or("an answer without a choice")?;
        let Some(calls) = choice.message.tool_calls else {
            return Ok(choice.message.content.unwrap_or_default());
        };
        let asked = ChatCompletionRequestAssistantMessageArgs::default()
            .tool_calls(calls.clone())
            .build()?;
        messages.push(asked.into());
        for call in calls {
            messages.push(run_tool(call).await?);
        }
    }
}

async fn run_tool(
    call: ChatCompletionMessageToolCalls,
) -> Result<ChatCompletionRequestMessage, Error> {
    let ChatCompletionMessageToolCalls::Function(call) = call else {
        return Err("a call of something that is no function".into());
    };
    let arguments: Value = serde_json::from_str(&call.function.arguments)?;
    let degrees = get_temperature(arguments["city"].as_str().unwrap_or_default()).await?;
    let content = degrees.to_string().into();
    Ok(ChatCompletionRequestToolMessage { content, tool_call_id: call.id }.into())
}

fn request(
    messages: &[ChatCompletionRequestMessage],
) -> Result<CreateChatCompletionRequest, OpenAIError> {
    let function = FunctionObject {
        name: "get_temperature".into(),
        description: Some("The temperature in a city, in degrees Celsius.".into()),
        parameters: Some(json!({
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"]
        })),
        strict: None,
    };
    CreateChatCompletionRequestArgs::default()
        .model(MODEL)
        .messages(messages)
        .tools(vec![ChatCompletionTools::Function(ChatCompletionTool { function })])
        .build()
}

/// Asks once by a loop with a tool, and once for a stream.
///
/// # Errors
/// If the model cannot be reached, or refuses.
#[session(name = "async_openai")]
pub async fn run() -> Result<(String, String), Error> {
    let client = Client::new();
    let answer = ask(&client, "What is the temperature in Oslo?").await?;
    let ping: Vec<ChatCompletionRequestMessage> =
        vec![ChatCompletionRequestUserMessage::from("ping").into()];
    let mut request =
        CreateChatCompletionRequestArgs::default().model(MODEL).messages(ping).build()?;
    // Without this no chunk says how many tokens it were.
    request.stream_options =
        Some(ChatCompletionStreamOptions { include_usage: Some(true), include_obfuscation: None });
    request.stream = Some(true);
    let mut chunks = stream(&client, request).await?;
    let mut words = String::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk?;
        words.extend(chunk.choices.iter().filter_map(|choice| choice.delta.content.as_deref()));
    }
    Ok((answer, words))
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let _guard = agentops::init()?;
    let (answer, words) = run().await?;
    println!("{answer}\n{words}");
    Ok(())
}
