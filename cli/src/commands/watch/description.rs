//! What is written about a deployment, beside its id and its status.

use api::{Deployment, PaceState};
use domain::label;

use super::attempt::place;
use crate::output::shown;

/// Service, version and environment: `checkout 2.8.1 to production`.
pub(super) fn what(deployment: &Deployment) -> String {
    let label = label(deployment.version.as_deref(), deployment.commit.as_deref());
    let version = label.map_or(String::new(), |label| format!(" {label}"));
    shown(&format!("{}{version} to {}", deployment.service, deployment.environment))
}

/// Further parts of a deployment's status: `, attempt 2, in stage DEPLOYMENT`.
pub(super) fn more(deployment: &Deployment) -> String {
    let attempt = Some(deployment.attempt).filter(|attempt| *attempt > 1);
    let attempt = attempt.map_or(String::new(), |attempt| format!(", attempt {attempt}"));
    let place = place(deployment).map_or(String::new(), |place| format!(", in stage {}", shown(place)));
    attempt + &place
}

/// That it takes too long: `, slow`, `, stalled`. Nothing where it does not.
pub(crate) fn late(deployment: &Deployment) -> &'static str {
    match deployment.pace().map(|pace| pace.state) {
        Some(PaceState::Slow) => ", slow",
        Some(PaceState::Stalled) => ", stalled",
        Some(PaceState::OnTime) | None => "",
    }
}
