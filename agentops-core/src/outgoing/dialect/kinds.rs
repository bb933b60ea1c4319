//! User-defined kinds that the conventions have names for.

/// Names that the conventions have for a kind.
pub(super) struct Known {
    pub(super) openinference: &'static str,
    /// OpenTelemetry operation, if there is one.
    pub(super) operation: Option<&'static str>,
    /// `OpenInference` key for the model, if there is one.
    pub(super) model: Option<&'static str>,
}

const fn known(openinference: &'static str) -> Known {
    Known { openinference, operation: None, model: None }
}

const KNOWN: [(&[&str], Known); 6] = [
    (&["retriever", "retrieval"], Known { operation: Some("retrieval"), ..known("RETRIEVER") }),
    (
        &["embedding", "embeddings"],
        Known {
            operation: Some("embeddings"),
            model: Some("embedding.model_name"),
            ..known("EMBEDDING")
        },
    ),
    (&["reranker", "rerank"], Known { model: Some("reranker.model_name"), ..known("RERANKER") }),
    (&["evaluator", "evaluation"], known("EVALUATOR")),
    (&["prompt"], known("PROMPT")),
    (&["guardrail"], known("GUARDRAIL")),
];

/// Returns the names for a kind. The case of `kind` is ignored.
pub(super) fn names_for(kind: &str) -> Option<&'static Known> {
    let includes = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(kind));
    KNOWN.iter().find(|(names, _)| includes(names)).map(|(_, known)| known)
}
