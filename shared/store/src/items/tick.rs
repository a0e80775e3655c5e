//! How far a tick came.

use domain::Environment;
use domain::identifiers::key_part;
use serde::{Deserialize, Serialize};

use crate::keys::tick_position_key;

/// How far a tick came that did not come to its end, as it is stored: the next one begins behind it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TickPositionItem {
    pk: String,
    sk: String,
    /// The environment that was looked at last, as it stands in keys.
    after: String,
}

impl TickPositionItem {
    /// The item of a tick that looked at this environment last.
    #[must_use]
    pub fn after(environment: &Environment) -> Self {
        let key = tick_position_key();
        Self { pk: key.partition, sk: key.sort, after: key_part::escape(environment.as_str()).into_owned() }
    }

    /// These environments, which stand in the order of their keys, such that those come first that the tick did not
    /// come to.
    #[must_use]
    pub fn resume(&self, mut environments: Vec<Environment>) -> Vec<Environment> {
        let is_done = |name: &Environment| *key_part::escape(name.as_str()) <= *self.after;
        let done = environments.iter().take_while(|name| is_done(name)).count();
        environments.rotate_left(done);
        environments
    }
}

#[cfg(test)]
mod tests {
    use domain::identifiers::Identifier as _;

    use super::*;

    #[test]
    fn those_come_first_that_the_tick_did_not_come_to() {
        let names = |text: &str| text.split(' ').map(|name| Environment::parse(name).unwrap()).collect::<Vec<_>>();
        let resume = |after: &str, all: &str| {
            let resumed = TickPositionItem::after(&Environment::parse(after).unwrap()).resume(names(all));
            resumed.iter().map(Environment::as_str).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(resume("b", "a b c d"), "c d a b");
        assert_eq!(resume("bb", "a b c d"), "c d a b", "it is no longer there");
        assert_eq!(resume("d", "a b c d"), "a b c d");
        assert_eq!(resume("#", "! a"), "! a", "as it stands in keys");
    }
}
