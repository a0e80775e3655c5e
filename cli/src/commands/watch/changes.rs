//! The changes of a deployment between two answers.

use api::{Deployment, Stage};
use domain::Status;

use super::attempt::{current, place};

/// A change.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Change<'a> {
    /// When it happened, in RFC 3339. If that is not known: the time of the deployment's latest event.
    pub(super) at: &'a str,
    /// The stage; absent for the deployment itself.
    pub(super) stage: Option<&'a Stage>,
    /// The new status.
    pub(super) status: Status,
}

/// The changes, in the order in which they happened.
pub(super) fn changes<'a>(before: Option<&Deployment>, now: &'a Deployment) -> Vec<Change<'a>> {
    // A new attempt has no earlier state.
    let before = before.filter(|before| before.attempt == now.attempt);
    let known = |stage: &Stage| {
        let mut stages = before.into_iter().flat_map(current);
        stages.find(|known| known.stage == stage.stage).map(|known| known.status)
    };
    let stages = current(now).filter(|stage| known(stage) != Some(stage.status));
    let mut changes: Vec<Change> = stages
        .map(|stage| Change { at: at(stage, known(stage), now), stage: Some(stage), status: stage.status })
        .collect();
    if before.is_none_or(|before| before.status != now.status || place(before) != place(now)) {
        let at = now.finished_at.as_deref().unwrap_or(&now.updated_at);
        changes.push(Change { at, stage: None, status: now.status });
    }
    // At the same time, a deployment starts before its stages and finishes after them.
    changes.sort_by_key(|change| (change.at, change.stage.is_none() == change.status.is_terminal()));
    changes
}

/// When a stage reached its status.
fn at<'a>(stage: &'a Stage, before: Option<Status>, now: &'a Deployment) -> &'a str {
    let began = stage.started_at.as_deref().filter(|_| before.is_none());
    stage.finished_at.as_deref().or(began).unwrap_or(&now.updated_at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn deployment(attempt: u32, status: &str, minute: u32, stages: &Value) -> Deployment {
        let at = format!("2025-03-01T12:0{minute}:00Z");
        let finished = Some(&at).filter(|_| Status::parse(status).unwrap().is_terminal());
        let deployment = json!({
            "deploymentId": "d-1", "service": "s", "environment": "e", "status": status, "attempt": attempt,
            "createdAt": "2025-03-01T12:00:00Z", "startedAt": "2025-03-01T12:00:00Z", "updatedAt": at, "finishedAt": finished, "links": {},
            "stages": stages, "eventCount": 1, "flags": [],
        });
        serde_json::from_value(deployment).unwrap()
    }

    fn lines(before: Option<&Deployment>, now: &Deployment) -> Vec<String> {
        let line = |change: &Change| {
            let name = change.stage.map_or("", |stage| &stage.stage);
            format!("{} {name} {}", &change.at[14..16], change.status)
        };
        changes(before, now).iter().map(line).collect()
    }

    #[test]
    fn changes_are_in_the_order_in_which_they_happened() {
        let began = deployment(
            1,
            "IN_PROGRESS",
            1,
            &json!([
                {"stage": "A", "attempt": 1, "status": "IN_PROGRESS", "startedAt": "2025-03-01T12:01:00Z"},
            ]),
        );
        assert_eq!(lines(None, &began), ["01  IN_PROGRESS", "01 A IN_PROGRESS"]);
        assert!(lines(Some(&began), &began).is_empty());
        let ended = deployment(
            1,
            "FAILED",
            5,
            &json!([
                {"stage": "A", "attempt": 1, "status": "COMPLETED", "startedAt": "2025-03-01T12:01:00Z",
                 "finishedAt": "2025-03-01T12:03:00Z"},
                {"stage": "B", "attempt": 1, "status": "FAILED", "finishedAt": "2025-03-01T12:05:00Z"},
                {"stage": "C", "attempt": 1, "status": "PENDING", "startedAt": "2025-03-01T12:02:00Z"},
            ]),
        );
        let all = ["02 C PENDING", "03 A COMPLETED", "05 B FAILED", "05  FAILED"];
        assert_eq!(lines(Some(&began), &ended), all);
        assert_eq!(lines(None, &ended), all);
    }

    #[test]
    fn another_attempt_has_no_earlier_state() {
        let stage = |attempt: u32, status: &str| json!({"stage": "A", "attempt": attempt, "status": status, "startedAt": "2025-03-01T12:02:00Z"});
        let first = deployment(1, "IN_PROGRESS", 1, &json!([stage(1, "IN_PROGRESS")]));
        let second = deployment(2, "IN_PROGRESS", 3, &json!([stage(1, "IN_PROGRESS"), stage(2, "IN_PROGRESS")]));
        assert_eq!(lines(Some(&first), &second), ["02 A IN_PROGRESS", "03  IN_PROGRESS"]);
    }

    #[test]
    fn a_stage_that_is_only_named_is_a_change_of_the_deployment() {
        let before = deployment(1, "IN_PROGRESS", 1, &json!([]));
        let now = Deployment { stage: Some("ROLLOUT".into()), ..before.clone() };
        assert_eq!(lines(Some(&before), &now), ["01  IN_PROGRESS"]);
        let reported = deployment(
            1,
            "IN_PROGRESS",
            1,
            &json!([
                {"stage": "ROLLOUT", "attempt": 1, "status": "PENDING"},
            ]),
        );
        let named = Deployment { stage: Some("ROLLOUT".into()), ..reported.clone() };
        assert!(lines(Some(&reported), &named).is_empty());
    }
}
