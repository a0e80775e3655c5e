//! The keys of notes of what people were told, and of what they are to be told of.

use domain::follows::judged::LookAgain;
use domain::follows::notifications::Transition;
use domain::identifiers::key_part;
use domain::live::Place;
use domain::{DeploymentId, State};

use super::{GAUGES, Key, deployment_partition};

/// How the sort keys of notes begin that people were told that a deployment stalled, among the gauges.
pub const STALLED: &str = "#STALLED#";
/// How the sort keys of notes begin that something is to be looked at again, among the gauges.
pub const LOOK_AGAIN: &str = "#LOOK#";
/// How the sort keys of notes begin that people were told of a verdict.
pub const TOLD: &str = "TOLD#";
/// The partition of the notes of what speaks against what runs. All of them stand together, so that a matrix reads them
/// at once.
pub const NOTED: &str = "NOTED";

/// The key of the note that a notification was sent of a deployment that is silent since its latest event.
#[must_use]
pub fn stuck_key(state: &State) -> Key {
    let silent_since = state.summary.updated_at;
    Key::new(deployment_partition(&state.summary.deployment_id), format!("STUCK#{}", silent_since.sort_key()))
}

/// The key of the note that people were told that a deployment stalled, and not yet that it goes on.
#[must_use]
pub fn stalled_key(id: &DeploymentId) -> Key {
    Key::new(GAUGES, format!("{STALLED}{id}"))
}

/// The key of the note that people were told of a verdict on a deployment.
#[must_use]
pub fn told_key(id: &DeploymentId, news: Transition) -> Key {
    Key::new(deployment_partition(id), format!("{TOLD}{}", news.as_str()))
}

/// The key of what was suggested to whoever puts versions back by themselves. It stands among what people were told, which
/// a rebuild leaves as it is.
#[must_use]
pub fn suggested_key(id: &DeploymentId) -> Key {
    Key::new(deployment_partition(id), format!("{TOLD}ROLLBACK_SUGGESTED"))
}

/// How the sort keys of notes begin of what speaks against what runs in a place.
#[must_use]
pub fn noted_prefix(place: &Place) -> String {
    format!("{}#", key_part::join(&[place.environment.as_str(), place.service.as_str()]))
}

/// The key of the note of what speaks against a deployment that landed in a place.
#[must_use]
pub fn noted_key(place: &Place, id: &DeploymentId) -> Key {
    Key::new(NOTED, format!("{}{id}", noted_prefix(place)))
}

/// The key of the note that something is to be looked at again. No id begins with the sign of a place.
#[must_use]
pub fn look_again_key(look: &LookAgain) -> Key {
    let of = match (look.place(), &look.deployment_id) {
        (Some(place), _) => format!("@{}", key_part::join(&[place.environment.as_str(), place.service.as_str()])),
        (None, id) => id.as_ref().map(ToString::to_string).unwrap_or_default(),
    };
    Key::new(GAUGES, format!("{LOOK_AGAIN}{of}"))
}
