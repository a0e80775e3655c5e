//! What must agree within one event: its id, its type and its status belong together.

use super::{Event, Kind, observation, retirement, verdict};
use crate::{DeploymentId, Status, Subject};

/// Who reports what the product itself concludes. Nobody else can report under this name.
pub const OWN_SOURCE: &str = "deployment-status";

/// Each field that contradicts the others, with what would be right.
pub(super) fn contradictions(event: &Event) -> Vec<(&'static str, &'static str)> {
    let mut found = match event.deployment_id.subject() {
        Subject::Incident if event.kind != Kind::Incident => {
            vec![("type", "must be incident where `deploymentId` begins with `incident:`")]
        }
        Subject::Environment if event.kind != Kind::Retirement => vec![(
            "deploymentId",
            "must not begin with `environment:`: such ids are of environments, whose events are retirements",
        )],
        Subject::Verdicts if event.kind != Kind::Verdict => vec![(
            "deploymentId",
            "must not begin with `verdicts:`: such ids are of services, whose events are verdicts",
        )],
        Subject::Observations if event.kind != Kind::Observation => vec![(
            "deploymentId",
            "must not begin with `observations:`: such ids are of places and hours, whose events are observations",
        )],
        Subject::Deployment | Subject::Incident | Subject::Environment | Subject::Verdicts | Subject::Observations => {
            Vec::new()
        }
    };
    if event.kind != Kind::Observation && !event.baseline.is_empty() {
        found.push(("baseline", "must be left out of all events but an observation"));
    }
    if event.kind != Kind::Observation && event.alarm.is_some() {
        found.push(("alarm", "must be left out of all events but an observation"));
    }
    if event.kind != Kind::Verdict {
        let told = [("outcome", event.verdict.is_some()), ("reason", event.reason.is_some())];
        let of_others = "must be left out of all events but a verdict";
        found.extend(told.into_iter().filter(|(_, is_told)| *is_told).map(|(name, _)| (name, of_others)));
    }
    match event.kind {
        Kind::Incident => found.extend(incident(&event.deployment_id, event.status)),
        Kind::Retirement => found.extend(retirement::contradictions(event)),
        Kind::Verdict => found.extend(verdict::contradictions(event)),
        Kind::Observation => found.extend(observation::contradictions(event)),
        Kind::Teardown if event.status != Status::Completed => {
            found.push(("status", "must be COMPLETED on a teardown"));
        }
        Kind::Note => {
            let wrong = [
                (event.status != Status::Completed, "status", "must be COMPLETED on a note, which changes no status"),
                (
                    event.notes.as_ref().is_none_or(|text| text.trim().is_empty()),
                    "notes",
                    "is required on a note: its text",
                ),
            ];
            found
                .extend(wrong.into_iter().filter(|(is_wrong, ..)| *is_wrong).map(|(_, field, detail)| (field, detail)));
        }
        Kind::Deployment | Kind::Stage | Kind::Removal | Kind::Teardown => {}
    }
    found
}

fn incident(id: &DeploymentId, status: Status) -> Vec<(&'static str, &'static str)> {
    let name = id.as_str().strip_prefix(Subject::Incident.id_prefix());
    let unnamed = name.is_none_or(str::is_empty);
    let id = ("deploymentId", "must be `incident:` and the incident's own name, such as incident:INC-42");
    let strange = !matches!(status, Status::InProgress | Status::Completed);
    let status = ("status", "must be IN_PROGRESS (open) or COMPLETED (resolved) of an incident");
    [unnamed.then_some(id), strange.then_some(status)].into_iter().flatten().collect()
}
