//! The keys of what was observed.
//!
//! | partition | sort key | what |
//! | --- | --- | --- |
//! | `OBSERVED#<environment>#<service>` | `<time>#<event key>` | what was measured of whatever ran in a place |
//! | `OBSERVED#<environment>#<service>` | `ALARM#<time>#<event key>` | what alarms said of it |
//! | `OBSERVED#<deployment>` | `<time>#<event key>` | what was observed of a deployment, by whatever |
//!
//! Alarms of a place stand by themselves: they are of concern for longer than what was measured, and are few.

use domain::Timestamp;
use domain::identifiers::key_part;
use domain::ledger::observed::{Object, Observed};

use super::Key;

/// How the partitions of what was observed begin.
pub const OBSERVED: &str = "OBSERVED#";
/// How the sort keys of the alarms of a place begin: behind those of what was measured, which begin with a digit.
const ALARM: &str = "ALARM#";

/// The partition of what was observed of this. No id of a deployment has a `#`.
#[must_use]
pub fn observed_partition(object: &Object) -> String {
    match object {
        Object::Deployment(id) => format!("{OBSERVED}{id}"),
        Object::Place(place) => {
            format!("{OBSERVED}{}", key_part::join(&[place.environment.as_str(), place.service.as_str()]))
        }
    }
}

/// The key of an observation: of one moment they stand in the order of their events' keys.
#[must_use]
pub fn observed_key(observed: &Observed) -> Key {
    let object = observed.object();
    let alarm = if observed.alarm.is_some() && matches!(object, Object::Place(_)) { ALARM } else { "" };
    let ahead = if observed.moment.ahead { "!" } else { "" };
    let sort = format!("{alarm}{}{ahead}#{}", observed.moment.at.sort_key(), observed.key.as_str());
    Key::new(observed_partition(&object), sort)
}

/// Which lines of a log are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lines {
    /// What was measured; of a deployment what alarms said too.
    Measured,
    /// What alarms said of a place.
    Alarms,
}

/// The sort keys of these lines from one time to another, both included.
#[must_use]
pub fn observed_between(lines: Lines, from: Timestamp, to: Timestamp) -> (String, String) {
    let alarm = if lines == Lines::Alarms { ALARM } else { "" };
    // `!` and `#` follow a time, and `~` sorts after both.
    (format!("{alarm}{}", from.sort_key()), format!("{alarm}{}~", to.sort_key()))
}
