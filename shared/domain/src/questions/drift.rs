//! Drift: where what runs is not what it should be, the worst first.
//!
//! Findings follow from what [is known](Known) of places, the settings and a time. What a rule needs and is not known
//! yet, it [asks for](Lacking); so nothing is read that no rule needs, and no rule says more than was read.

use std::collections::BTreeSet;

use crate::identifiers::{Environment, Label};
use crate::settings::{Names, Path};
use crate::{Settings, Timestamp};

mod age;
mod behind;
mod brought;
mod finding;
mod finding_id;
mod grounds;
mod known;
mod names;
mod order;
mod regions;
mod releases;

pub use finding::{EVIDENCE, Evidence, Finding, Kind, Severity};
pub use finding_id::FindingId;
pub use grounds::considers;
pub(super) use grounds::in_words;
pub use known::{Deployed, IncompleteRelease, Known, Lacking, Read, Seen};
pub use order::{Order, Position};

use grounds::Grounds;

#[cfg(test)]
mod tests;

/// A day, in milliseconds.
const DAY: i64 = 24 * 60 * 60 * 1000;

/// What is asked.
#[derive(Debug, Clone)]
pub struct Question<'q> {
    /// The settings in force at the time.
    pub settings: &'q Settings,
    /// What names mean by them.
    pub names: &'q Names,
    /// The promotion path by them.
    pub path: &'q Path,
    /// The time.
    pub at: Timestamp,
    /// Only what is about this environment.
    pub environment: Option<&'q Environment>,
    /// Only these kinds.
    pub kinds: &'q [Kind],
    /// Releases in environments that are looked at besides the newest ones.
    pub releases: &'q BTreeSet<(Environment, Label)>,
}

/// What finds one kind in a place.
type Rule = fn(&Grounds<'_>, &Seen) -> Option<Finding>;

/// What was found, the worst first.
///
/// # Errors
/// What has to be known besides.
pub fn findings(
    question: &Question<'_>,
    known: &Known,
    incomplete: &[IncompleteRelease],
) -> Result<Vec<Finding>, Lacking> {
    let grounds = Grounds::new(question, known);
    let mut findings = Vec::new();
    let asked = |kind: Kind| question.kinds.contains(&kind);
    for seen in grounds.running().filter(|seen| grounds.asks_for(&seen.place.environment)) {
        let rules: [(Kind, Rule); 8] = [
            (Kind::Unseen, behind::unseen),
            (Kind::Mixed, regions::mixed),
            (Kind::Lagging, behind::lagging),
            (Kind::ByHand, brought::by_hand),
            (Kind::Orphaned, age::orphaned),
            (Kind::Stale, age::stale),
            (Kind::BuildGap, brought::build_gap),
            (Kind::Silent, age::silent),
        ];
        let of_place = rules.into_iter().filter(|(kind, _)| asked(*kind));
        findings.extend(of_place.filter_map(|(_, rule)| rule(&grounds, seen)));
    }
    if asked(Kind::Lookalike) {
        findings.extend(names::lookalikes(&grounds));
    }
    if asked(Kind::Incomplete) {
        let of_environment = incomplete.iter().filter(|release| grounds.asks_for(&release.environment));
        findings.extend(of_environment.filter_map(|release| releases::incomplete(&grounds, release)));
    }
    let lacking = grounds.lacking.into_inner();
    if !lacking.is_empty() {
        return Err(lacking);
    }
    findings.sort_by_cached_key(|finding| Position::of(finding).order(question.path));
    Ok(findings)
}
