//! The check of what happens now: other deployments.

use super::{Check, CheckName, Evidence, EvidenceKind, Facts, Question};
use crate::identifiers::DeploymentId;
use crate::settings::GateSettings;

/// No other deployment of the place is active.
pub(super) fn nothing_active(question: &Question, gate: &GateSettings, facts: &Facts) -> Check {
    let name = CheckName::NothingActive;
    if !gate.nothing_active {
        return Check::not_asked(name);
    }
    let Question { service, environment, .. } = question;
    let evidence = |id: &DeploymentId| Evidence {
        environment: Some(environment.clone()),
        deployment_id: Some(id.clone()),
        ..Evidence::of(EvidenceKind::Active)
    };
    match facts.active.as_slice() {
        [] if facts.more_active => {
            let detail = format!(
                "so many deployments of {service} to {environment} were recorded later that those of then are not all found; it passes when nothing is active and the question is not for the past"
            );
            Check::failed(name, detail)
        }
        [] => Check::passed(name, format!("no other deployment of {service} to {environment} is active")),
        active => {
            let names: Vec<&str> = active.iter().map(DeploymentId::as_str).collect();
            let (are, they) = if names.len() == 1 { ("is", "it has") } else { ("are", "they have") };
            let detail = format!("{} {are} active; it passes when {they} finished", super::listed(&names));
            Check::failed(name, detail).with(active.iter().map(evidence))
        }
    }
}
