//! The keys of what was observed.
//!
//! | partition | sort key | what |
//! | --- | --- | --- |
//! | `OBSERVED#<environment>#<service>` | `<time>#<event key>` | what was observed of whatever ran in a place |
//! | `OBSERVED#<deployment>` | `<time>#<event key>` | what was observed of a deployment |

use domain::Timestamp;
use domain::identifiers::key_part;
use domain::ledger::observed::{Object, Observed};

use super::Key;

/// How the partitions of what was observed begin.
pub const OBSERVED: &str = "OBSERVED#";

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
    let ahead = if observed.moment.ahead { "!" } else { "" };
    let sort = format!("{}{ahead}#{}", observed.moment.at.sort_key(), observed.key.as_str());
    Key::new(observed_partition(&observed.object()), sort)
}

/// The sort keys of what was measured from one time to another, both included.
#[must_use]
pub fn observed_between(from: Timestamp, to: Timestamp) -> (String, String) {
    // `!` and `#` follow a time, and `~` sorts after both.
    (from.sort_key(), format!("{}~", to.sort_key()))
}
