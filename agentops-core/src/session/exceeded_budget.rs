//! Notification, once per session, that a limit of its budget is exceeded.

use opentelemetry::{KeyValue, trace::TraceContextExt};

use super::SessionState;
use crate::{
    config::BudgetCallback,
    process::{catch_user_panic, presentable::name},
    record::semconv,
};

/// Reports an exceeded limit once per session: as an event on its root, as a warning and to the program's
/// callback.
pub(crate) fn report_exceeded_budget(session: &SessionState) {
    warn_of_unpriced(session);
    let Some(exceeded) = session.claim_budget_report() else { return };
    if let Some(root) = session.root_context() {
        let limit = exceeded.limit().as_str();
        root.span().add_event(
            semconv::BUDGET_EXCEEDED_EVENT,
            vec![
                KeyValue::new(semconv::BUDGET_LIMIT, limit),
                KeyValue::new(semconv::EXCEPTION_MESSAGE, exceeded.to_string()),
            ],
        );
    }
    session.rules().reporter.warn(&exceeded);
    if let Some(BudgetCallback(callback)) = &session.rules().on_budget_exceeded {
        // A panic of the program's callback must not reach the caller.
        let _ = catch_user_panic(|| callback(&exceeded));
    }
    session.wake_cancellable();
}

/// Warns, once per reason in the process, that a limit in dollars cannot be enforced.
fn warn_of_unpriced(session: &SessionState) {
    if let Some(why) = session.claim_unpriced_warning() {
        let name = name(&session.identity().name);
        let message = format_args!(
            "the budget of session `{name}` does not count every call in its dollars: {why}"
        );
        session.rules().reporter.warn(&message);
    }
}
