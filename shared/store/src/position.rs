//! Positions in lists, and the partitions of the indexes that lists read.

use domain::identifiers::{Identifier as _, key_part};
use domain::{DeploymentId, Environment, Service, State, Subject, Timestamp};

use crate::StoreError;

/// Where a list stands: before this time and, at that time, before this id. As text
/// `<13 digits>#<id>`, which sorts as the index does.
pub type Position = String;

/// Sorts after every position.
pub const END: &str = "~";

/// Where a deployment stands in a list.
#[must_use]
pub fn position_of(state: &State) -> Position {
    timed_key(state.summary.created_at(), &state.summary.deployment_id)
}

/// How deployments sort by a time of theirs: their start, or their end.
#[must_use]
pub fn timed_key(at: Timestamp, id: &DeploymentId) -> String {
    format!("{}#{id}", at.sort_key())
}

/// The time in a position.
#[must_use]
pub fn time_of(position: &str) -> Timestamp {
    position.get(..13).and_then(|digits| digits.parse().ok()).map_or(Timestamp::MAX, Timestamp::from_millis)
}

/// The deployment at a position.
///
/// # Errors
/// When the position names none.
pub fn deployment_at(position: &str) -> Result<DeploymentId, StoreError> {
    let (_, id) = position.split_once('#').unwrap_or((position, ""));
    DeploymentId::parse(id).map_err(|e| StoreError::unreadable("index entry", e))
}

/// The partition of deployments to an environment by a month (`yyyy-mm`): of their start, or their end.
#[must_use]
pub fn month_partition(environment: &Environment, month: &str) -> String {
    key_part::join(&[environment.as_str(), month])
}

/// The partition of deployments of a service to an environment by the year (`yyyy`) of their start.
#[must_use]
pub fn year_partition(service: &Service, environment: &Environment, year: &str) -> String {
    key_part::join(&[service.as_str(), environment.as_str(), year])
}

/// The partition of deployments to an environment that have not finished.
#[must_use]
pub fn active_partition(environment: &Environment) -> String {
    key_part::escape(environment.as_str()).into_owned()
}

/// The partition of a list of one kind of subjects.
#[must_use]
pub fn list_partition(subject: Subject, partition: &str) -> String {
    format!("{}{partition}", subject.list_prefix())
}
