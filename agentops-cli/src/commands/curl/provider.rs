//! Providers of models: where a request goes, in which form and with which key.

use super::model_request::ModelRequest;
use crate::terminal::plain;

/// Form of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Chat completions, which most providers accept.
    OpenAi,
    /// Messages.
    Anthropic,
}

/// Provider of a model.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Provider {
    pub(super) dialect: Dialect,
    /// URL of the request; `None` for one that only the user knows.
    pub(super) url: Option<String>,
    /// Variable with the key.
    pub(super) key: &'static str,
    /// The URL is not the public one of the provider.
    has_own_url: bool,
}

/// Providers by their names in the conventions, with the public URL of chat completions and the variable of the key.
const OPENAI_LIKE: [(&str, &str, &str); 11] = [
    ("openai", "https://api.openai.com/v1/chat/completions", "OPENAI_API_KEY"),
    ("cohere", "https://api.cohere.ai/compatibility/v1/chat/completions", "COHERE_API_KEY"),
    ("deepseek", "https://api.deepseek.com/chat/completions", "DEEPSEEK_API_KEY"),
    ("gcp.gemini", GEMINI, "GEMINI_API_KEY"),
    ("gcp.gen_ai", GEMINI, "GEMINI_API_KEY"),
    ("groq", "https://api.groq.com/openai/v1/chat/completions", "GROQ_API_KEY"),
    ("mistral_ai", "https://api.mistral.ai/v1/chat/completions", "MISTRAL_API_KEY"),
    ("moonshot_ai", "https://api.moonshot.ai/v1/chat/completions", "MOONSHOT_API_KEY"),
    ("openrouter", "https://openrouter.ai/api/v1/chat/completions", "OPENROUTER_API_KEY"),
    ("perplexity", "https://api.perplexity.ai/chat/completions", "PERPLEXITY_API_KEY"),
    ("x_ai", "https://api.x.ai/v1/chat/completions", "XAI_API_KEY"),
];

/// Variable with the key of any other server.
const OTHER_KEY: &str = "API_KEY";

const GEMINI: &str = "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions";
const ANTHROPIC: &str = "https://api.anthropic.com/v1/messages";

impl Provider {
    /// Returns the provider of a request.
    pub(super) fn of(request: &ModelRequest) -> Self {
        let name = request.provider.as_deref().unwrap_or_default();
        let known = OPENAI_LIKE.iter().find(|(known, ..)| *known == name);
        let (dialect, public, key) = match known {
            Some((_, url, key)) => (Dialect::OpenAi, Some(*url), *key),
            None if name == "anthropic" => {
                (Dialect::Anthropic, Some(ANTHROPIC), "ANTHROPIC_API_KEY")
            }
            None => (Dialect::OpenAi, None, OTHER_KEY),
        };
        let own = own_url(request, dialect, public);
        let has_own_url = own.is_some();
        // A key goes only where its provider is: the address may be a stranger's, in a file that was sent by mail.
        let key = if has_own_url { OTHER_KEY } else { key };
        Self { dialect, url: own.or_else(|| public.map(str::to_owned)), key, has_own_url }
    }

    /// Returns what a person has to know before the command is run.
    pub(super) fn notes(&self, request: &ModelRequest) -> Vec<String> {
        let name = request.provider.as_deref().map_or_else(|| "unknown".into(), plain);
        match &self.url {
            None => vec![format!(
                "the address of provider `{name}` is not known; set `BASE_URL`, such as `https://host/v1`, for a server \
                 that accepts OpenAI's chat completions"
            )],
            Some(url) if self.has_own_url => vec![format!(
                "the session names `{}`, which is no public address of provider `{name}`; set `{OTHER_KEY}` to its key",
                plain(url)
            )],
            Some(_) if self.dialect == Dialect::OpenAi && name != "openai" => {
                vec![format!("the command has OpenAI's form, which provider `{name}` accepts, too")]
            }
            Some(_) => Vec::new(),
        }
    }
}

/// Returns the URL that a span records, if it is not the public one.
fn own_url(request: &ModelRequest, dialect: Dialect, public: Option<&str>) -> Option<String> {
    let path = match dialect {
        Dialect::OpenAi => "/chat/completions",
        Dialect::Anthropic => "/messages",
    };
    // A request in another form has another path.
    let whole = request.url.clone().filter(|url| url.starts_with("http") && url.ends_with(path));
    let of_address = || {
        let address = request.address.as_deref().filter(|address| !address.is_empty())?;
        if public.is_some_and(|public| public.contains(&format!("://{address}/"))) {
            return None;
        }
        let port = request.port.map(|port| format!(":{port}")).unwrap_or_default();
        let scheme = if is_local(address) { "http" } else { "https" };
        Some(format!("{scheme}://{address}{port}/v1{path}"))
    };
    whole.or_else(of_address).map(|url| plain(&url)).filter(|url| Some(&**url) != public)
}

fn is_local(address: &str) -> bool {
    ["localhost", "127.0.0.1", "[::1]", "::1"].contains(&address)
}
