mod course;
mod next;
mod place;
mod resolve;
mod timeline;

use super::*;
use crate::identifiers::Identifier as _;
use crate::{Commit, DeploymentId, Region, Timestamp, Version};

fn entry(at: i64, id: &str, effect: Effect, version: &str) -> Entry {
    Entry {
        at: Timestamp::from_millis(at),
        ahead: false,
        deployment_id: DeploymentId::parse(id).unwrap(),
        effect,
        region: None,
        version: Version::parse(version).ok(),
        commit: None,
        rollback_to: None,
    }
}

fn of_commit(entry: Entry, commit: &str) -> Entry {
    Entry { commit: Commit::parse(commit).ok(), ..entry }
}

fn back_to(entry: Entry, version: &str) -> Entry {
    Entry { rollback_to: Version::parse(version).ok(), ..entry }
}

fn in_region(entry: Entry, region: &str) -> Entry {
    Entry { region: Region::parse(region).ok(), ..entry }
}

fn version(live: &Live) -> Option<&str> {
    live.version.as_ref().map(Version::as_str)
}

mod any {
    use proptest::prelude::*;

    use super::*;
    use Effect::{Completed, Failed, Removed, RolledBack, TornDown};

    /// Any entry of a small place: few deployments, versions, commits and regions, so that they meet.
    pub(super) fn entry() -> impl Strategy<Value = Entry> {
        let effect = prop_oneof![
            6 => Just(Completed), 3 => Just(RolledBack), 1 => Just(Removed), 1 => Just(TornDown), 1 => Just(Failed)
        ];
        let text = |weight: f64, of: &'static str| proptest::option::weighted(weight, of);
        let named = (text(0.9, "[1-4]"), text(0.4, "[a-c]"), text(0.3, "[1-5]"), text(0.3, "[xy]"));
        (0..60i64, "[a-h]", effect, named).prop_map(|(at, id, effect, (version, commit, target, region))| Entry {
            version: version.and_then(|version| Version::parse(&version).ok()),
            commit: commit.and_then(|commit| Commit::parse(&commit).ok()),
            rollback_to: target.filter(|_| effect == RolledBack).and_then(|target| Version::parse(&target).ok()),
            region: region.and_then(|region| Region::parse(&region).ok()),
            ..super::entry(at, &id, effect, "")
        })
    }
}
