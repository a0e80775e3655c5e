//! What is stuck: a deployment that has not ended, and of which nothing was reported for too long.

use std::time::Duration;

use crate::follows::notifications::{Notification, Transition};
use crate::{State, Timestamp};

/// The latest time at which a deployment can have been reported last, to be stuck by `now`.
#[must_use]
pub fn silent_since(now: Timestamp, stuck_after: Duration) -> Timestamp {
    let millis = i64::try_from(stuck_after.as_millis()).unwrap_or(i64::MAX);
    now.plus_millis(-millis)
}

/// Whether a deployment is stuck: it has not ended, and its latest event happened at this time or before.
#[must_use]
pub fn is_stuck(state: &State, silent_since: Timestamp) -> bool {
    state.summary.is_active() && state.summary.updated_at <= silent_since
}

/// The notification that a deployment is stuck. It is of the time of the latest event, so that it is the
/// same one for as long as the silence lasts.
#[must_use]
pub fn notification(state: &State) -> Notification {
    let summary = &state.summary;
    Notification {
        transition: Transition::Stuck,
        deployment_id: summary.deployment_id.clone(),
        service: summary.service(),
        environment: summary.environment(),
        version: summary.version(),
        commit: summary.commit(),
        attempt: summary.attempt(),
        at: summary.updated_at,
        status: summary.status(),
        error: None,
        failed_stage: None,
        record: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::received::Received;
    use crate::ledger::recording::record;

    fn reported(status: &str, at: Timestamp) -> State {
        let event = serde_json::json!({"deploymentId": "d-1", "status": status, "occurredAt": at});
        let event = crate::event::read(event, at).unwrap();
        record(None, Received::new(&event, at, "test").unwrap(), at).unwrap().1
    }

    #[test]
    fn what_is_under_way_is_stuck_once_it_was_silent_for_as_long_as_that_and_what_has_ended_never() {
        let at = Timestamp::parse("2026-03-01T12:00:00Z").unwrap();
        let by = |millis| silent_since(at.plus_millis(millis), Duration::from_mins(1));
        assert!(!is_stuck(&reported("IN_PROGRESS", at), by(59_999)));
        assert!(is_stuck(&reported("IN_PROGRESS", at), by(60_000)));
        assert!(!is_stuck(&reported("COMPLETED", at), by(60_000)));
        assert_eq!(silent_since(at, Duration::MAX), Timestamp::MIN);
    }
}
