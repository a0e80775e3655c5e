//! What runs in the regions of a place, in one line.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use api::{LiveCell, LiveRegion};
use domain::live::LastAttempt;
use domain::{Status, label};

/// Between the version of most regions and those of others.
const BETWEEN: &str = " · ";

/// The version of most regions, then each other region with its version: `2.0.0 · us-west-2 1.0.0`.
pub(super) fn versions(cell: &LiveCell) -> String {
    let of_regions = || cell.regions.iter().map(|region| (region, version(region)));
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (_, version) in of_regions() {
        *counts.entry(version).or_default() += 1;
    }
    // Of versions in as many regions, that of the first region.
    let most = of_regions().map(|(_, version)| version).min_by_key(|version| Reverse(counts.get(version).copied()));
    let most = most.unwrap_or_default();
    let others = of_regions().filter(|(_, version)| *version != most);
    let others = others.map(|(region, version)| format!("{BETWEEN}{} {version}", region.region));
    std::iter::once(most.clone()).chain(others).collect()
}

/// The last attempts that did not complete: that of the place, or that of each region.
pub(super) fn unfinished(cell: &LiveCell) -> Vec<(Option<&str>, &LastAttempt)> {
    let is_unfinished = |last: &&LastAttempt| last.status != Status::Completed;
    if cell.regions.is_empty() {
        return cell.last_attempt.iter().filter(is_unfinished).map(|last| (None, last)).collect();
    }
    let mut unfinished: Vec<(Option<&str>, &LastAttempt)> = Vec::new();
    for region in &cell.regions {
        let Some(last) = region.last_attempt.as_ref().filter(is_unfinished) else { continue };
        // One that was about the whole environment is told once.
        match unfinished.iter_mut().find(|(_, told)| *told == last) {
            Some((told_of, _)) => *told_of = None,
            None => unfinished.push((Some(region.region.as_str()), last)),
        }
    }
    unfinished
}

/// Each region with its version, for scripts.
pub(super) fn for_scripts(cell: &LiveCell) -> String {
    let of_regions = cell.regions.iter();
    let pairs = of_regions.map(|region| format!("{}={}", region.region, region.version.as_deref().unwrap_or_default()));
    pairs.collect::<Vec<_>>().join(",")
}

fn version(region: &LiveRegion) -> String {
    label(region.version.as_deref(), region.commit.as_deref()).unwrap_or_else(|| "-".to_owned())
}
