//! Selection of sessions by what a summary says of them.

use super::{
    ids::SessionId,
    session_summary::{SessionState, SessionSummary},
};

/// Selection of sessions; all by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SessionFilter {
    /// Earliest start, in nanoseconds since 1970.
    pub(crate) since: u64,
    /// Part of the name.
    pub(crate) name: String,
    /// Part of name, id, user, a tag or a step, in any case.
    pub(crate) text: String,
    pub(crate) tag: Option<String>,
    pub(crate) state: Option<StateFilter>,
    /// The only session.
    pub(crate) session: Option<SessionId>,
}

/// States that a filter selects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StateFilter {
    Running,
    #[cfg(feature = "view")]
    Succeeded,
    /// The session failed, or its process died.
    Failed,
}

impl SessionFilter {
    /// Returns `true` if every session is selected.
    pub(super) fn is_all(&self) -> bool {
        *self == Self::default()
    }

    /// Returns `true` if a session is selected.
    pub(crate) fn selects(&self, session: &SessionSummary) -> bool {
        session.start >= self.since
            && session.name.contains(&self.name)
            && self.tag.as_ref().is_none_or(|tag| session.tags.contains(tag))
            && self.state.is_none_or(|state| state.selects(session.state))
            && self.may_select(session.id)
            && self.has_text(session)
    }

    fn has_text(&self, session: &SessionSummary) -> bool {
        if self.text.is_empty() {
            return true;
        }
        let text = self.text.to_lowercase();
        let own = [&session.name].into_iter().chain(&session.user);
        let mut texts = own.chain(&session.tags).chain(&session.step);
        texts.any(|other| other.to_lowercase().contains(&text))
            || session.id.to_string().contains(&text)
    }

    /// Returns `true` if a session with this id may be selected.
    pub(super) fn may_select(&self, id: SessionId) -> bool {
        self.session.is_none_or(|only| only == id)
    }
}

impl StateFilter {
    fn selects(self, state: SessionState) -> bool {
        match self {
            Self::Running => state == SessionState::Running,
            #[cfg(feature = "view")]
            Self::Succeeded => state == SessionState::Succeeded,
            Self::Failed => matches!(state, SessionState::Failed | SessionState::Aborted),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_found_in_what_names_a_session() {
        let id: SessionId = format!("{:032x}", 0xabc).parse().unwrap();
        let session = SessionSummary {
            name: "Nightly report".to_owned(),
            user: Some("Ada".to_owned()),
            tags: vec!["QS".to_owned()],
            step: vec!["search".to_owned()],
            ..SessionSummary::begun(id)
        };
        let has = |text: &str| {
            SessionFilter { text: text.to_owned(), ..Default::default() }.selects(&session)
        };
        assert_eq!(["REPORT", "ada", "qs", "Sear", "0aBC", ""].map(has), [true; 6]);
        assert_eq!(["rapport", "reports", "0abf"].map(has), [false; 3]);
    }
}
