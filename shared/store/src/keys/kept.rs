//! The keys of what figures are counted from, day by day.
//!
//! | partition | sort key | what |
//! | --- | --- | --- |
//! | `FIGURES#<environment>` | `<day>#<number>` | what happened there on a day, in parts |
//! | `FIGURES` | `THROUGH#<environment>` | until which day that is kept |
//! | `FIGURES` | `CHANGED#<environment>#<id>#<sequence>` | since when it is to be made again; of any environment, where none is named |

use domain::identifiers::key_part;
use domain::ledger::changed::ChangedFigures;
use domain::{Day, DeploymentId, Environment};

use super::Key;

/// The partition of what is noted of kept figures; and how those of the days of an environment begin.
pub const FIGURES: &str = "FIGURES";
/// How the sort keys of notes begin until which day figures are kept.
pub const THROUGH: &str = "THROUGH#";
/// How the sort keys of notes begin since when figures are to be made again.
pub const CHANGED: &str = "CHANGED#";

/// The partition of the days of an environment.
#[must_use]
pub fn days_partition(environment: &Environment) -> String {
    format!("{FIGURES}#{}", key_part::escape(environment.as_str()))
}

/// The key of a part of what happened on a day.
#[must_use]
pub fn of_day_key(environment: &Environment, day: Day, part: usize) -> Key {
    Key::new(days_partition(environment), format!("{day}#{part:02}"))
}

/// The first and the last sort key of the parts of some days, both days included.
#[must_use]
pub fn days_between(first: Day, last: Day) -> (String, String) {
    // `~` sorts after `#`.
    (first.to_string(), format!("{last}~"))
}

/// The key of the note until which day the figures of an environment are kept.
#[must_use]
pub fn through_key(environment: &Environment) -> Key {
    Key::new(FIGURES, format!("{THROUGH}{}", key_part::escape(environment.as_str())))
}

/// The key of the note since when figures are others by a record. Each has its own, so that those who record at once
/// don't wait for each other, and none takes away what another notes.
#[must_use]
pub fn changed_key(changed: &ChangedFigures, id: &DeploymentId, sequence: u64) -> Key {
    let environment = changed.environment.as_ref().map(|name| key_part::escape(name.as_str())).unwrap_or_default();
    Key::new(FIGURES, format!("{CHANGED}{environment}#{id}#{sequence}"))
}
