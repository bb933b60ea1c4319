//! Dialects: attribute names that exported spans carry in addition to the neutral ones.

use super::{
    variable_names::{AGENTOPS_DIALECT, FARTHEST, distance},
    variable_reader::Environment,
};
use crate::error::{ConfigError, ConfigErrorKind};

/// Set of attribute names on exported spans, for backends that expect these names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dialect {
    /// OpenTelemetry's conventions for generative AI (`otel`).
    OpenTelemetry,
    /// The `OpenInference` attributes that its backends do not derive from OpenTelemetry's names (`openinference-min`).
    OpenInferenceMin,
    /// All of `OpenInference`, for backends that support no other names (`openinference`).
    OpenInference,
    /// Attributes that the AgentOps web application reads (`agentops`). If OpenTelemetry's names are written as
    /// well, the application shows every span as a model call.
    AgentOps,
}

impl Dialect {
    const ALL: [Self; 4] =
        [Self::OpenTelemetry, Self::OpenInferenceMin, Self::OpenInference, Self::AgentOps];

    const fn name(self) -> &'static str {
        match self {
            Self::OpenTelemetry => "otel",
            Self::OpenInferenceMin => "openinference-min",
            Self::OpenInference => "openinference",
            Self::AgentOps => "agentops",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dialect| dialect.name() == name)
    }
}

/// Returns a suggestion for an unknown dialect name.
fn remedy(name: &str) -> String {
    let letters = |name: &str| name.replace(['-', '_'], "").to_ascii_lowercase();
    let far = |dialect: &Dialect| distance(&letters(name), &letters(dialect.name()));
    match Dialect::ALL.into_iter().min_by_key(far).filter(|nearest| far(nearest) <= FARTHEST) {
        Some(nearest) => format!("did you mean `{}`?", nearest.name()),
        None => "expected a list of `otel`, `openinference-min`, `agentops` and `openinference`"
            .to_owned(),
    }
}

/// Set of the dialects that are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Dialects {
    pub(crate) otel: bool,
    /// Either all of `OpenInference`, or only the part that is not derived from other names.
    pub(crate) openinference: bool,
    pub(crate) openinference_min: bool,
    pub(crate) agentops: bool,
}

impl Dialects {
    pub(crate) fn of(list: &[Dialect]) -> Self {
        let has = |dialect| list.contains(&dialect);
        let openinference = has(Dialect::OpenInference);
        Self {
            otel: has(Dialect::OpenTelemetry),
            openinference,
            openinference_min: openinference || has(Dialect::OpenInferenceMin),
            agentops: has(Dialect::AgentOps),
        }
    }

    /// Returns the default dialects: with AgentOps as the destination, its own alone.
    pub(crate) fn usual(is_agentops: bool) -> Self {
        if is_agentops {
            Self::of(&[Dialect::AgentOps])
        } else {
            Self::of(&[Dialect::OpenTelemetry, Dialect::OpenInferenceMin])
        }
    }

    /// Returns `true` if AgentOps' names are written without OpenTelemetry's, which would make its pages misread spans.
    pub(crate) fn is_for_agentops(self) -> bool {
        self.agentops && !self.otel
    }
}

/// Returns the dialects set by the program, else by the variable, else the default.
pub(super) fn choose(
    set: Option<&[Dialect]>,
    env: &Environment,
    is_agentops: bool,
) -> Result<Dialects, ConfigError> {
    let from_env = env.text(AGENTOPS_DIALECT)?.map(parse).transpose();
    let from_env = from_env
        .map_err(|problem| ConfigError::new(AGENTOPS_DIALECT, ConfigErrorKind::Unknown, problem))?;
    let chosen = set.map(Dialects::of).or(from_env);
    Ok(chosen.unwrap_or_else(|| Dialects::usual(is_agentops)))
}

/// Parses a list of dialects, separated by commas.
pub(crate) fn parse(list: &str) -> Result<Dialects, String> {
    let names = list.split(',').map(str::trim).filter(|name| !name.is_empty());
    let known = |name| Dialect::parse(name).ok_or(name);
    match names.map(known).collect::<Result<Vec<_>, _>>() {
        Ok(named) if !named.is_empty() => Ok(Dialects::of(&named)),
        Err(name) if name != list => Err(format!("names `{name}`; {}", remedy(name))),
        Ok(_) | Err(_) => Err(format!("is `{list}`; {}", remedy(list))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dialect_list_parses_to_named_dialects() {
        let of = |list: &[Dialect]| Ok(Dialects::of(list));
        assert_eq!(parse("agentops"), of(&[Dialect::AgentOps]));
        assert_eq!(parse(" otel , agentops,"), of(&[Dialect::OpenTelemetry, Dialect::AgentOps]));
        let usual = of(&[Dialect::OpenTelemetry, Dialect::OpenInferenceMin]);
        assert_eq!(parse("otel,openinference-min"), usual);
        assert_eq!(Ok(Dialects::usual(false)), usual);
        assert_eq!(Dialects::usual(true), Dialects { agentops: true, ..Dialects::default() });
    }

    #[test]
    fn unknown_dialect_error_suggests_nearest() {
        let problem = |list: &str| parse(list).unwrap_err();
        assert_eq!(problem("otel,agent-opss"), "names `agent-opss`; did you mean `agentops`?");
        assert_eq!(problem("OTEL"), "is `OTEL`; did you mean `otel`?");
        assert_eq!(
            problem("openinference_min"),
            "is `openinference_min`; did you mean `openinference-min`?"
        );
        let all = "expected a list of `otel`, `openinference-min`, `agentops` and `openinference`";
        assert_eq!(problem("phoenix"), format!("is `phoenix`; {all}"));
        assert_eq!(problem(","), format!("is `,`; {all}"));
    }
}
