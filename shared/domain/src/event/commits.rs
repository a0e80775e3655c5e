//! The changes that a deployment brings: its commits, each with when it was made.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::limits::not_in_future;
use super::slot::{Essentials, Slot};
use crate::Timestamp;
use crate::fields::Fields;
use crate::identifiers::{Commit, Identifier as _};

/// Commits, each with when it was made. Of a commit that comes twice the earlier time counts, and of too many those
/// that were made first: so it does not matter in which order they come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<One>", into = "Vec<One>")]
pub struct Commits(BTreeMap<Commit, Timestamp>);

/// One of them, as it is written.
#[derive(Serialize, Deserialize)]
struct One {
    sha: Commit,
    at: Timestamp,
}

impl Commits {
    /// How many one deployment has at most.
    pub const MOST: usize = 100;

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// When they were made.
    pub fn times(&self) -> impl Iterator<Item = Timestamp> {
        self.0.values().copied()
    }

    /// Adds those of another event.
    pub fn add(&mut self, others: &Self) {
        for (sha, at) in &others.0 {
            let known = self.0.entry(sha.clone()).or_insert(*at);
            *known = (*known).min(*at);
        }
        while self.0.len() > Self::MOST {
            let last = self.0.iter().max_by_key(|(sha, at)| (**at, *sha)).map(|(sha, _)| sha.clone());
            last.map(|sha| self.0.remove(&sha));
        }
    }
}

impl From<Vec<One>> for Commits {
    fn from(all: Vec<One>) -> Self {
        let mut commits = Self::default();
        for One { sha, at } in all {
            commits.add(&Self(BTreeMap::from([(sha, at)])));
        }
        commits
    }
}

impl From<Commits> for Vec<One> {
    fn from(commits: Commits) -> Self {
        commits.0.into_iter().map(|(sha, at)| One { sha, at }).collect()
    }
}

impl Slot for Commits {
    const BOUNDS: &'static str =
        "an array of at most 100 objects with `sha` and `at`, a time at most 5 minutes in the future";

    fn schema() -> Value {
        json!({
            "type": "array",
            "maxItems": Self::MOST,
            "items": {
                "type": "object",
                "additionalProperties": false,
                "required": ["sha", "at"],
                "properties": {"sha": (Commit::RULE.schema)(), "at": Timestamp::schema()},
            },
        })
    }

    fn initial(_: &Essentials) -> Self {
        Self::default()
    }

    fn take(from: &mut Fields<'_>, names: &[&'static str], now: Timestamp) -> Option<Self> {
        let Some(name) = names.first() else { return Some(Self::default()) };
        let objects = from.objects(name);
        if objects.len() > Self::MOST {
            from.wrong(name, format!("must have at most {} commits", Self::MOST));
            return None;
        }
        let mut commits = Self::default();
        for (path, object) in objects {
            let mut one = from.nested(&path, object);
            let (sha, at) = (one.identifier(&["sha"]), one.time(&["at"]));
            for (name, is_there) in [("sha", sha.is_some()), ("at", at.is_some())] {
                if !is_there && !one.has_error(name) {
                    one.wrong(name, "is required: a commit, and when it was made");
                }
            }
            if let Some((name, Err(detail))) = at.map(|(name, at)| (name, not_in_future(at, now))) {
                one.wrong(name, detail);
            }
            one.finish("known are `sha` and `at`");
            if let (Some(sha), Some((_, at))) = (sha, at) {
                commits.add(&Self(BTreeMap::from([(sha, at)])));
            }
        }
        Some(commits)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn commits(of: &[(u16, i64)]) -> Commits {
        let one = |(sha, at): &(u16, i64)| (Commit::parse(&format!("{sha:07x}")).unwrap(), Timestamp::from_millis(*at));
        let mut commits = Commits::default();
        for of in of {
            commits.add(&Commits(BTreeMap::from([one(of)])));
        }
        commits
    }

    #[test]
    fn a_commit_can_be_as_far_ahead_as_any_clock_and_no_further() {
        let now = Timestamp::parse("2026-03-01T12:00:00Z").unwrap();
        for (ahead, errors) in [(300_000, 0), (300_001, 1)] {
            let commits = json!([{"sha": "abcdef1", "at": now.plus_millis(ahead)}]);
            let event = json!({"deploymentId": "d-1", "status": "COMPLETED", "commits": commits});
            let wrong = crate::event::read(event, now).err().unwrap_or_default();
            let fields: Vec<&str> = wrong.iter().map(|error| error.field.as_str()).collect();
            assert_eq!(fields, vec!["commits[0].at"; errors], "{ahead}");
        }
    }

    proptest! {
        #[test]
        fn whatever_the_order_the_first_hundred_are_kept_each_at_its_earliest_time(
            (all, shuffled) in proptest::collection::vec((0..150_u16, 0..200_i64), 0..400)
                .prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        ) {
            let mut earliest: BTreeMap<u16, i64> = BTreeMap::new();
            for (sha, at) in &all {
                let known = earliest.entry(*sha).or_insert(*at);
                *known = (*known).min(*at);
            }
            let mut expected: Vec<(i64, u16)> = earliest.into_iter().map(|(sha, at)| (at, sha)).collect();
            expected.sort_unstable();
            expected.truncate(Commits::MOST);
            let expected: Vec<(u16, i64)> = expected.into_iter().map(|(at, sha)| (sha, at)).collect();
            prop_assert_eq!(commits(&all), commits(&expected));
            prop_assert_eq!(commits(&shuffled), commits(&expected));
            let text = serde_json::to_string(&commits(&all)).unwrap();
            prop_assert_eq!(serde_json::from_str::<Commits>(&text).unwrap(), commits(&all));
        }
    }
}
