//! What an event of an incident is: its id, its type and its status belong together.

use super::Kind;
use crate::{DeploymentId, Status, Subject};

/// Each field that contradicts the others, with what would be right.
pub(super) fn contradictions(id: &DeploymentId, kind: Kind, status: Status) -> Vec<(&'static str, &'static str)> {
    let name = id.as_str().strip_prefix(Subject::Incident.id_prefix());
    match (kind, name) {
        (Kind::Incident, _) => {
            let unnamed = name.is_none_or(str::is_empty);
            let id = ("deploymentId", "must be `incident:` and the incident's own name, such as incident:INC-42");
            let strange = !matches!(status, Status::InProgress | Status::Completed);
            let status = ("status", "must be IN_PROGRESS (open) or COMPLETED (resolved) of an incident");
            [unnamed.then_some(id), strange.then_some(status)].into_iter().flatten().collect()
        }
        (_, Some(_)) => vec![("type", "must be incident where `deploymentId` begins with `incident:`")],
        (_, None) => Vec::new(),
    }
}
