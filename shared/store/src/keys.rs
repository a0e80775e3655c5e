//! The keys of items: which partition each thing stands in, and under which sort key.
//!
//! `DEPLOYMENT#` stands for the [prefix](domain::Subject::partition_prefix) of what a history is about.
//!
//! | partition | sort key | what |
//! | --- | --- | --- |
//! | `DEPLOYMENT#<id>` | `EVENT#<event key>` | a record (history) |
//! | `REJECTED#<day>` | `<time>#<hash>` | what was refused (history) |
//! | `SETTINGS` | `<number>` | a version of the settings (history) |
//! | `DEPLOYMENT#<id>` | `SUMMARY` | a deployment's state |
//! | `DEPLOYMENT#<id>` | `STUCK#<time>` | a notification was sent of this silence |
//! | `DEPLOYMENT#<id>` | `TOLD#<verdict>` | people were told of this verdict |
//! | `DEPLOYMENT#<id>` | `TOLD#ROLLBACK_SUGGESTED` | what was suggested to whoever puts versions back, and when it was sent |
//! | `ENVIRONMENT#<name in its id>` | `EVENT#<event key>`, `SUMMARY` | the same of an environment |
//! | `VERDICT#<service in its id>` | `EVENT#<event key>`, `SUMMARY` | the same of what was said of a service's versions |
//! | `OBSERVATION#<what is observed>` | `EVENT#<event key>`, `SUMMARY` | the same of observations |
//! | `LIVE#<environment>` | `<service>` | what runs in a place |
//! | `LIVE#<environment>#<service>` | `<time>#<id>#<effect>` | the log of a place |
//! | `LANDED#<environment>#<service>` | `COMMIT#…`, `VERSION#…` | when something landed in a place first |
//! | `UNDONE#<service>` | `COMMIT#…`, `VERSION#…`, `NAMED#…` | a deployment was rolled back, or failed after completing |
//! | `CATALOG` | `ENVIRONMENT#…`, `LEFT#…`, `RETIRED#…`, `JUDGED#…`, `SERVICE#…`, `MONTH#…`, `INCIDENTS#…`, `OBSERVED#…` | what exists |
//! | `REGIONS#<environment>#<service>` | `<region>` | a region that a deployment named |
//! | `REJECTED` | `<day>` | a day on which something was refused |
//! | `GAUGES` | `<environment>` | its gauges were last published above zero |
//! | `GAUGES` | `#POSITION` | how far a tick came that did not come to its end |
//! | `GAUGES` | `#HELD#<kind>#<id of the notification>` | a notification waits for its digest |
//! | `GAUGES` | `#STALLED#<id>` | people were told that a deployment stalled, and not yet that it goes on |
//! | `GAUGES` | `#LOOK#<id>`, `#LOOK#@<environment>#<service>` | evidence against it came before it landed: a tick looks again |
//! | `NOTED` | `<environment>#<service>#<id>` | this verdict speaks against what runs in a place |
//! | `METRICS` | `COUNT` | how many sets of dimensions were new on a day |
//! | `METRICS` | `SET#<kind>#<environment>#…` | a set of dimensions has metrics |
//! | `DRIFT` | `LOOK` | when drift is looked for next |
//! | `DRIFT` | `NOTIFIED#<kind>#<environment>#<service>#<release>` | a notification was sent of this finding |
//!
//! Those of lists by release and artifact are in [`listings`], those of what was observed in [`observed`], those of
//! what figures are counted from in [`kept`].
//!
//! Names stand in keys [escaped](key_part), because a name can have a `#` in it.

use std::collections::HashMap;

use domain::catalog::CatalogEntry;
use domain::follows::digest::Held;
use domain::follows::metric_sets;
use domain::follows::metrics::Dimensions;
use domain::identifiers::{Identifier as _, key_part};
use domain::questions::drift::FindingId;
use domain::{DeploymentId, Environment, EventKey, Subject, Timestamp};
use serde::{Deserialize, Serialize};

use crate::tables::{PARTITION, SORT};
use crate::{AttributeValue, Item, StoreError};

pub mod kept;
pub mod listings;
pub mod observed;
mod places;
mod told;

pub use places::{MISSES, UNDONE_COMMITS, UNDONE_VERSIONS};
pub use places::{
    cell_key, cells_partition, landings_key, landings_partition, log_key, log_partition, log_sort_key,
    regions_partition, undone_key, undone_partition, undone_prefix,
};
pub use told::{LOOK_AGAIN, NOTED, STALLED, TOLD};
pub use told::{look_again_key, noted_key, noted_prefix, stalled_key, stuck_key, suggested_key, told_key};

/// The key of an item in either table; as an item of its own, it says no more than that something exists.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key {
    /// The partition key.
    #[serde(rename = "pk")]
    pub partition: String,
    /// The sort key.
    #[serde(rename = "sk")]
    pub sort: String,
}

impl Key {
    /// The key in this partition with this sort key.
    #[must_use]
    pub fn new(partition: impl Into<String>, sort: impl Into<String>) -> Self {
        Self { partition: partition.into(), sort: sort.into() }
    }

    /// The key of an item of either table; none where it lacks one.
    #[must_use]
    pub fn of(item: &Item) -> Option<Self> {
        Some(Self::new(text(item, PARTITION)?, text(item, SORT)?))
    }
}

impl From<Key> for Item {
    fn from(Key { partition, sort }: Key) -> Self {
        let attributes = [(PARTITION, partition), (SORT, sort)];
        Self::from(HashMap::from(attributes.map(|(name, text)| (name.to_owned(), AttributeValue::S(text)))))
    }
}

/// The attribute of an item, where it is a text.
#[must_use]
pub fn text<'a>(item: &'a Item, attribute: &str) -> Option<&'a str> {
    match item.get(attribute) {
        Some(AttributeValue::S(text)) => Some(text),
        _ => None,
    }
}

/// How the sort keys of records begin.
pub const EVENT: &str = "EVENT#";
/// The partition of the catalog.
pub const CATALOG: &str = "CATALOG";
/// The partition of the versions of the settings.
pub const SETTINGS: &str = "SETTINGS";
/// The partition of the days on which something was refused.
pub const REJECTED_DAYS: &str = "REJECTED";
/// The partition of the environments whose gauges were last published above zero.
pub const GAUGES: &str = "GAUGES";
/// How the sort keys of notifications begin that wait for their digest, among the gauges: no environment's does, as its
/// `#` is escaped, and so a tick reads all that it goes by at once.
pub const HELD: &str = "#HELD#";
/// The partition of the sets of dimensions that have metrics.
pub const METRICS: &str = "METRICS";
/// How the sort keys of sets of dimensions begin.
pub const METRIC_SETS: &str = "SET#";
/// The partition of what is kept of notifications of drift.
pub const DRIFT: &str = "DRIFT";
/// How the sort keys of findings begin that people were notified of.
pub const DRIFT_NOTIFIED: &str = "NOTIFIED#";
/// How the catalog's keys of environments begin.
pub const ENVIRONMENTS: &str = "ENVIRONMENT#";
/// How the catalog's keys of places begin that a deployment left.
pub const LEFT: &str = "LEFT#";
/// How the catalog's keys of environments begin that were retired.
pub const RETIRED: &str = "RETIRED#";
/// How the catalog's keys of services begin that have verdicts.
pub const JUDGED: &str = "JUDGED#";
/// How the catalog's keys of services begin.
pub const SERVICES: &str = "SERVICE#";
/// How the catalog's keys of months with deployments begin.
pub const MONTHS: &str = "MONTH#";
/// How the catalog's keys of months with incidents begin.
pub const INCIDENT_MONTHS: &str = "INCIDENTS#";
/// How the catalog's keys of months with observations begin.
pub const OBSERVED_MONTHS: &str = "OBSERVED#";

const SUMMARY: &str = "SUMMARY";

/// The partition of a deployment, or of whatever else has this id, in both tables.
#[must_use]
pub fn deployment_partition(id: &DeploymentId) -> String {
    let subject = id.subject();
    let name = id.as_str().strip_prefix(subject.id_prefix()).unwrap_or(id.as_str());
    format!("{}{name}", subject.partition_prefix())
}

/// The id whose partition this is.
///
/// # Errors
/// When it is the partition of something else.
pub fn id_of_partition(partition: &str) -> Result<DeploymentId, StoreError> {
    // Where one prefix begins with another, the longer one is meant.
    let names = Subject::ALL
        .into_iter()
        .filter_map(|subject| Some((subject, partition.strip_prefix(subject.partition_prefix())?)));
    let (subject, name) = names
        .max_by_key(|(subject, _)| subject.partition_prefix().len())
        .ok_or_else(|| StoreError::unreadable("partition", partition))?;
    DeploymentId::parse(&format!("{}{name}", subject.id_prefix())).map_err(|e| StoreError::unreadable("partition", e))
}

/// The key of a record.
#[must_use]
pub fn event_key(id: &DeploymentId, key: &EventKey) -> Key {
    Key::new(deployment_partition(id), format!("{EVENT}{}", key.as_str()))
}

/// The key of a deployment's state.
#[must_use]
pub fn summary_key(id: &DeploymentId) -> Key {
    Key::new(deployment_partition(id), SUMMARY)
}

/// The key of something that exists.
#[must_use]
pub fn catalog_key(entry: &CatalogEntry) -> Key {
    let (kind, names) = match entry {
        CatalogEntry::Environment(environment) => (ENVIRONMENTS, vec![environment.as_str()]),
        CatalogEntry::Left(place) => (LEFT, vec![place.environment.as_str(), place.service.as_str()]),
        CatalogEntry::Retired(environment) => (RETIRED, vec![environment.as_str()]),
        CatalogEntry::Judged(service) => (JUDGED, vec![service.as_str()]),
        CatalogEntry::Service(service, environment) => (SERVICES, vec![service.as_str(), environment.as_str()]),
        CatalogEntry::Month(environment, month) => (MONTHS, vec![environment.as_str(), month]),
        CatalogEntry::IncidentMonth(environment, month) => (INCIDENT_MONTHS, vec![environment.as_str(), month]),
        CatalogEntry::ObservedMonth(environment, month) => (OBSERVED_MONTHS, vec![environment.as_str(), month]),
        CatalogEntry::Region(place, region) => {
            return Key::new(regions_partition(place), key_part::escape(region.as_str()));
        }
    };
    Key::new(CATALOG, format!("{kind}{}", key_part::join(&names)))
}

/// The key of the note that an environment's gauges were last published above zero.
#[must_use]
pub fn gauge_key(environment: &Environment) -> Key {
    Key::new(GAUGES, key_part::escape(environment.as_str()))
}

/// The key of the note how far a tick came.
#[must_use]
pub fn tick_position_key() -> Key {
    Key::new(GAUGES, "#POSITION")
}

/// The key of a notification that waits for its digest.
#[must_use]
pub fn held_key(held: &Held) -> Key {
    Key::new(GAUGES, format!("{HELD}{}#{}", held.transition.as_str(), held.dedupe_id))
}

/// The key of the note that a set of dimensions has metrics.
#[must_use]
pub fn metric_set_key(set: &Dimensions) -> Key {
    Key::new(METRICS, format!("{METRIC_SETS}{}", metric_sets::key(set)))
}

/// The key of the item that counts new sets of dimensions.
#[must_use]
pub fn metric_count_key() -> Key {
    Key::new(METRICS, "COUNT")
}

/// The key of the item that says when drift is looked for next.
#[must_use]
pub fn drift_look_key() -> Key {
    Key::new(DRIFT, "LOOK")
}

/// The key of the note that a notification was sent of a finding.
#[must_use]
pub fn drift_notified_key(id: &FindingId) -> Key {
    Key::new(DRIFT, format!("{DRIFT_NOTIFIED}{}", id.text()))
}

/// The key of a version of the settings: its number, in twelve digits.
#[must_use]
pub fn settings_key(number: u64) -> Key {
    Key::new(SETTINGS, format!("{number:012}"))
}

/// The key of a day (`yyyy-mm-dd`) on which something was refused.
#[must_use]
pub fn rejected_day_key(day: &str) -> Key {
    Key::new(REJECTED_DAYS, day)
}

/// The partition of what was refused on a day.
#[must_use]
pub fn rejected_partition(day: &str) -> String {
    format!("REJECTED#{day}")
}

/// The key of something that was refused, by when it was sent and the hash of what was sent: a message
/// that is delivered again has the same one.
#[must_use]
pub fn rejected_key(sent_at: Timestamp, raw_hash: &str) -> Key {
    Key::new(rejected_partition(&sent_at.day()), format!("{}#{raw_hash}", sent_at.sort_key()))
}

/// The key of something that was refused and is the same all day, by the hash of what it is: among the items of
/// its day it stands at the day's beginning.
#[must_use]
pub fn rejected_of_day_key(sent_at: Timestamp, hash: &str) -> Key {
    const DAY: i64 = 24 * 60 * 60 * 1000;
    let beginning = Timestamp::from_millis(sent_at.millis().div_euclid(DAY) * DAY);
    rejected_key(beginning, hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_leads_back_to_its_id() {
        for (id, partition) in [
            ("d-1", "DEPLOYMENT#d-1"),
            ("incident:INC-42", "DEPLOYMENT#incident:INC-42"),
            ("environment:PR@20@2312", "ENVIRONMENT#PR@20@2312"),
            ("verdicts:shop-cart", "VERDICT#shop-cart"),
            ("observations:production:cart:2026-02-02T08", "OBSERVATION#production:cart:2026-02-02T08"),
        ] {
            let id = DeploymentId::parse(id).unwrap();
            assert_eq!(deployment_partition(&id), partition);
            assert_eq!(id_of_partition(partition).unwrap(), id);
        }
        assert!(id_of_partition("CATALOG").is_err());
    }
}
