//! Words of the macros: their names, and the options that each of them accepts.

/// Macro that is expanded, and so the kind of its span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Session,
    Agent,
    Tool,
    Llm,
    Task,
    Workflow,
    Operation,
    Guardrail,
    Traced,
}

impl Kind {
    pub(crate) const ALL: [Self; 9] = [
        Self::Session,
        Self::Agent,
        Self::Tool,
        Self::Llm,
        Self::Task,
        Self::Workflow,
        Self::Operation,
        Self::Guardrail,
        Self::Traced,
    ];

    /// Returns the macro's name as the user writes it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Agent => "agent",
            Self::Tool => "tool",
            Self::Llm => "llm",
            Self::Task => "task",
            Self::Workflow => "workflow",
            Self::Operation => "operation",
            Self::Guardrail => "guardrail",
            Self::Traced => "traced",
        }
    }

    /// Returns the kind with this name, if it has a macro of its own.
    pub(crate) fn built_in(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name && *kind != Self::Traced)
    }

    /// Returns every option that this macro accepts.
    pub(crate) fn options(self) -> impl Iterator<Item = &'static str> {
        self.own_options().iter().chain(SHARED).copied()
    }

    /// Returns `true` if this macro accepts the option.
    pub(crate) fn accepts(self, option: &str) -> bool {
        self.options().any(|known| known == option)
    }

    /// Returns the macros that accept an option that is not shared by all.
    pub(crate) fn owners(option: &str) -> Vec<Self> {
        let owns = |kind: &Self| kind.own_options().contains(&option);
        Self::ALL.into_iter().filter(owns).collect()
    }

    fn own_options(self) -> &'static [&'static str] {
        match self {
            Self::Session => &[SESSION_ID, USER_ID, METADATA, BUDGET],
            Self::Agent => &[ROLE, DESCRIPTION, ID],
            Self::Tool => &[DESCRIPTION, COST],
            Self::Llm => &[MODEL, PROVIDER, OPERATION, RESPONSE],
            Self::Guardrail => &[SPEC],
            Self::Traced => &[KIND],
            Self::Task | Self::Workflow | Self::Operation => &[],
        }
    }
}

/// Name of the crate, and of the helper attribute.
pub(crate) const AGENTOPS: &str = "agentops";

pub(crate) const NAME: &str = "name";
pub(crate) const VERSION: &str = "version";
pub(crate) const TAGS: &str = "tags";
pub(crate) const FIELDS: &str = "fields";
pub(crate) const SKIP: &str = "skip";
pub(crate) const SKIP_ALL: &str = "skip_all";
pub(crate) const ONLY: &str = "only";
pub(crate) const REDACT: &str = "redact";
pub(crate) const CAPTURE_INPUT: &str = "capture_input";
pub(crate) const CAPTURE_OUTPUT: &str = "capture_output";
pub(crate) const MAX_LEN: &str = "max_len";
pub(crate) const ERR: &str = "err";
pub(crate) const CANCELLED: &str = "cancelled";
pub(crate) const FUTURE: &str = "future";
pub(crate) const STREAM: &str = "stream";
pub(crate) const LEVEL: &str = "level";
pub(crate) const TARGET: &str = "target";
pub(crate) const CRATE: &str = "crate";

pub(crate) const SESSION_ID: &str = "session_id";
pub(crate) const USER_ID: &str = "user_id";
pub(crate) const METADATA: &str = "metadata";
pub(crate) const BUDGET: &str = "budget";
pub(crate) const ROLE: &str = "role";
pub(crate) const DESCRIPTION: &str = "description";
pub(crate) const ID: &str = "id";
pub(crate) const COST: &str = "cost";
pub(crate) const MODEL: &str = "model";
pub(crate) const PROVIDER: &str = "provider";
pub(crate) const OPERATION: &str = "operation";
pub(crate) const RESPONSE: &str = "response";
pub(crate) const SPEC: &str = "spec";
pub(crate) const KIND: &str = "kind";

/// Internal option: default name of an agent whose impl block is annotated. Only the macros generate it.
pub(crate) const TYPE_NAME: &str = "__type_name";

/// Limits of a budget.
pub(crate) const TOKENS: &str = "tokens";
pub(crate) const USD: &str = "usd";
pub(crate) const SECONDS: &str = "seconds";
pub(crate) const POLICY: &str = "policy";

const SHARED: &[&str] = &[
    NAME,
    VERSION,
    TAGS,
    FIELDS,
    SKIP,
    SKIP_ALL,
    ONLY,
    REDACT,
    CAPTURE_INPUT,
    CAPTURE_OUTPUT,
    MAX_LEN,
    ERR,
    CANCELLED,
    FUTURE,
    STREAM,
    LEVEL,
    TARGET,
    CRATE,
];

/// Returns the known word that is most similar to `word`, if it is similar enough.
pub(crate) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = (word.len() / 3).max(1);
    known
        .map(|candidate| (edit_distance(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Returns the number of insertions, deletions, replacements and swaps of adjacent letters between `a` and `b`.
fn edit_distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replaced.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::{Kind, edit_distance, nearest};

    #[test]
    fn edit_distance_counts_transposition_once() {
        assert_eq!(edit_distance("nmae", "name"), 1);
        assert_eq!(edit_distance("", "name"), 4);
        assert_eq!(edit_distance("skipall", "skip_all"), 1);
    }

    #[test]
    fn nearest_word_is_found_unless_far() {
        assert_eq!(nearest("skp", Kind::Tool.options()), Some("skip"));
        assert_eq!(nearest("capture_inputs", Kind::Tool.options()), Some("capture_input"));
        assert_eq!(nearest("parent", Kind::Tool.options()), None);
    }

    #[test]
    fn option_knows_its_macros() {
        assert_eq!(Kind::owners("description"), [Kind::Agent, Kind::Tool]);
        assert_eq!(Kind::owners("name"), []);
    }
}
