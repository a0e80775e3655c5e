//! The keys of what is kept of places: what runs there, the log, what landed and what was undone.

use domain::identifiers::key_part;
use domain::live::log_key::LogKey;
use domain::live::undone::UndoneKey;
use domain::live::{Effect, Place, ThingKey};
use domain::{Environment, Moment, Service};

use super::Key;

/// How the sort keys begin of what was undone of commits.
pub const UNDONE_COMMITS: &str = "COMMIT#";
/// How the sort keys begin of what was undone of versions without a commit.
pub const UNDONE_VERSIONS: &str = "VERSION#";
/// How the sort keys of log entries begin that change nothing.
pub const MISSES: &str = "MISS#";

/// The partition of an environment's cells; each stands under its service.
#[must_use]
pub fn cells_partition(environment: &Environment) -> String {
    format!("LIVE#{}", key_part::escape(environment.as_str()))
}

/// The key of the cell of a place.
#[must_use]
pub fn cell_key(place: &Place) -> Key {
    Key::new(cells_partition(&place.environment), key_part::escape(place.service.as_str()))
}

/// The partition of the log of a place.
#[must_use]
pub fn log_partition(place: &Place) -> String {
    format!("LIVE#{}", key_part::join(&[place.environment.as_str(), place.service.as_str()]))
}

/// The partition of what landed in a place, and when it did first.
#[must_use]
pub fn landings_partition(place: &Place) -> String {
    format!("LANDED#{}", key_part::join(&[place.environment.as_str(), place.service.as_str()]))
}

/// The key of the landings of something in a place.
#[must_use]
pub fn landings_key(place: &Place, key: &ThingKey) -> Key {
    let (kind, name) = match key {
        ThingKey::Commit(commit) => ("COMMIT", commit.as_str()),
        ThingKey::Version(version) => ("VERSION", version.as_str()),
    };
    Key::new(landings_partition(place), format!("{kind}#{}", key_part::bounded(name)))
}

/// The partition of what was undone of a service, wherever that was.
#[must_use]
pub fn undone_partition(service: &Service) -> String {
    format!("UNDONE#{}", key_part::escape(service.as_str()))
}

/// How the sort keys begin of what is looked up by this key.
#[must_use]
pub fn undone_prefix(key: &UndoneKey) -> String {
    let (kind, name) = match key {
        UndoneKey::Commit(commit) => (UNDONE_COMMITS, commit.as_str()),
        UndoneKey::Version(version) => (UNDONE_VERSIONS, version.as_str()),
        UndoneKey::VersionOfCommits(version) => ("NAMED#", version.as_str()),
    };
    format!("{kind}{}#", key_part::bounded(name))
}

/// The key of an entry in the log of a place that says that something was undone.
#[must_use]
pub fn undone_key(place: &Place, key: &UndoneKey, entry: &LogKey) -> Key {
    let environment = key_part::escape(place.environment.as_str());
    let sort = format!("{}{environment}#{}", undone_prefix(key), log_sort_key(entry));
    Key::new(undone_partition(&place.service), sort)
}

/// The key of an entry in the log of a place.
///
/// Entries that change what runs sort by time; the others stand apart, so that a long row of failures
/// does not stand between a reader and what is live.
#[must_use]
pub fn log_key(place: &Place, key: &LogKey) -> Key {
    Key::new(log_partition(place), log_sort_key(key))
}

/// The sort key of an entry in the log of its place.
#[must_use]
pub fn log_sort_key(LogKey { moment, deployment_id, effect, corrected_by }: &LogKey) -> String {
    let key = format!("{}{}#{deployment_id}#{}", apart(*effect), time_key(*moment), effect.as_str());
    match corrected_by {
        None => key,
        Some(by_sequence) => format!("{key}#{by_sequence}"),
    }
}

/// A time in a log: what is ahead of its receipt sorts before all else of that time.
fn time_key(Moment { at, ahead }: Moment) -> String {
    format!("{}{}", at.sort_key(), if ahead { "!" } else { "" })
}

fn apart(effect: Effect) -> &'static str {
    if effect.changes_live() { "" } else { MISSES }
}

/// The partition of the regions of a place. They have one of their own: three names are too long for one key.
#[must_use]
pub fn regions_partition(place: &Place) -> String {
    format!("REGIONS#{}", key_part::join(&[place.environment.as_str(), place.service.as_str()]))
}

#[cfg(test)]
mod tests {
    use domain::identifiers::Identifier as _;
    use domain::{DeploymentId, Timestamp};

    use super::*;

    #[test]
    fn what_is_ahead_of_its_receipt_sorts_before_all_else_of_that_time_and_is_within_it() {
        let key = |at: i64, ahead: bool, id: &str| {
            let moment = Moment { at: Timestamp::from_millis(at), ahead };
            let deployment_id = DeploymentId::parse(id).unwrap();
            log_sort_key(&LogKey { moment, deployment_id, effect: Effect::Completed, corrected_by: None })
        };
        let sorted = [key(4000, false, "z"), key(5000, true, "z"), key(5000, false, "a"), key(5001, false, "a")];
        assert!(sorted.is_sorted(), "{sorted:?}");
        assert!(sorted[1] < format!("{}~", Timestamp::from_millis(5000).sort_key()));
    }
}
