//! What is new since the look before, and what is over.

use std::collections::BTreeSet;

use crate::questions::drift::{Finding, FindingId, Kind};
use crate::{Environment, Label};

/// How many releases of which people were notified are asked in one look.
const RELEASES: usize = 20;

/// What a look found beside what people were notified of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// What they were not notified of yet.
    pub new: Vec<Finding>,
    /// What they were notified of, and is no longer found.
    pub ended: Vec<FindingId>,
}

/// The releases that are to be asked whether they are still incomplete, besides the newest ones of each environment,
/// which are asked in any case: those of which people were notified, however many newer ones there are by now. Of many
/// so many in turn, from look to look.
#[must_use]
pub fn look_again(notified: &BTreeSet<FindingId>, look: u64) -> BTreeSet<(Environment, Label)> {
    let releases = notified.iter().filter(|id| id.kind == Kind::Incomplete);
    let releases: Vec<_> = releases.filter_map(|id| Some((id.environment.clone()?, id.release.clone()?))).collect();
    let turns = u64::try_from(releases.chunks(RELEASES).len()).unwrap_or(1).max(1);
    let turn = usize::try_from(look % turns).unwrap_or_default();
    releases.into_iter().skip(turn * RELEASES).take(RELEASES).collect()
}

impl Changes {
    /// What is new is told once nothing says that it is on its way. A release is over only where it was asked:
    /// that it is no longer among the newest says nothing of it.
    #[must_use]
    pub fn between(
        notified: &BTreeSet<FindingId>,
        found: Vec<Finding>,
        asked: &BTreeSet<(Environment, Label)>,
    ) -> Self {
        let ids: BTreeSet<FindingId> = found.iter().map(FindingId::of).collect();
        let was_asked = |id: &FindingId| match (id.kind, &id.environment, &id.release) {
            (Kind::Incomplete, Some(environment), Some(release)) => {
                asked.contains(&(environment.clone(), release.clone()))
            }
            _ => true,
        };
        let ended = notified.iter().filter(|id| !ids.contains(id) && was_asked(id)).cloned().collect();
        let is_new = |finding: &Finding| !finding.on_its_way && !notified.contains(&FindingId::of(finding));
        Self { new: found.into_iter().filter(is_new).collect(), ended }
    }
}
