//! The current attempt of a deployment.

use api::{Deployment, Stage};

/// The stages of the current attempt.
pub(super) fn current(deployment: &Deployment) -> impl DoubleEndedIterator<Item = &Stage> + Clone {
    deployment.stages.iter().filter(|stage| stage.attempt == deployment.attempt)
}

/// The current stage of a deployment, if the stage has no events of its own.
pub(super) fn place(deployment: &Deployment) -> Option<&str> {
    let place = deployment.stage.as_deref().filter(|_| !deployment.status.is_terminal());
    place.filter(|place| !deployment.stages.iter().any(|stage| stage.stage == *place))
}
