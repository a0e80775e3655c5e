//! How what runs was brought: `BY_HAND` and `BUILD_GAP`.

use std::collections::BTreeSet;

use super::grounds::{Grounds, called, in_region};
use super::{Deployed, Evidence, Finding, Kind, Lacking, Seen};
use crate::identifiers::{DeploymentId, Environment, Region};
use crate::live::Live;
use crate::live::log::{Effect, Entry};

/// How many ranges of builds stand in a sentence.
const RANGES: usize = 5;

/// What runs in a part of a place, with the deployment that brought it and the landing before that.
struct Brought<'s> {
    region: Option<Region>,
    live: Live,
    by: Deployed,
    before: &'s Entry,
    before_by: Deployed,
}

/// A person triggered the deployment of what runs, and nothing says so of the one that landed before it.
pub(super) fn by_hand(grounds: &Grounds<'_>, seen: &Seen) -> Option<Finding> {
    let by_hand = brought(grounds, seen).into_iter().filter(|of| of.by.by_hand && !of.before_by.by_hand);
    let Brought { region, live, before, .. } = by_hand.min_by_key(|of| of.live.since)?;
    let place = &seen.place;
    let what = format!(
        "{} {}{} came by hand, and what landed before it did not",
        place.service,
        called(&live),
        in_region(region.as_ref()),
    );
    let suggestion = "find out why, and let the pipeline bring what comes next".to_owned();
    let evidence = [Evidence::runs(place, region.as_ref(), &live), Evidence::landed(place, before)];
    Some(grounds.finding(Kind::ByHand, place, (live.since, what, suggestion), evidence))
}

/// The build of what runs jumps over builds that landed nowhere before it on the path, as far as their newest landings
/// say, which must reach back to the build before.
pub(super) fn build_gap(grounds: &Grounds<'_>, seen: &Seen) -> Option<Finding> {
    let jumps = brought(grounds, seen).into_iter().filter_map(|of| {
        let (build, before) = (of.by.build?, of.before_by.build?);
        (build > before.saturating_add(1)).then_some((build, before, of))
    });
    let jumps: Vec<_> = jumps.collect();
    let (build, before, of) = jumps.into_iter().min_by_key(|(.., of)| of.live.since)?;
    let place = &seen.place;
    let earlier = grounds.before(&place.environment);
    let earlier: Vec<&Seen> = earlier.into_iter().filter_map(|name| grounds.in_environment(seen, name)).collect();
    let mut landed: BTreeSet<u64> = BTreeSet::new();
    let mut names: Vec<&Environment> = Vec::new();
    let mut known = true;
    for earlier in earlier {
        let builds = builds(grounds, earlier)?;
        if builds.is_empty() {
            continue;
        }
        known &= earlier.is_whole() || builds.first().is_some_and(|least| *least <= before);
        names.push(&earlier.place.environment);
        landed.extend(builds);
    }
    if names.is_empty() || !known {
        return None;
    }
    landed.extend(builds(grounds, seen)?);
    let gaps = gaps(before, build, &landed);
    if gaps.is_empty() {
        return None;
    }
    let names: Vec<&str> = names.into_iter().map(Environment::as_str).collect();
    let what = format!(
        "{}{} went from build {before} to {build}; {} not among the landings that were read of {}",
        place.service,
        in_region(of.region.as_ref()),
        in_words(&gaps),
        names.join(" and "),
    );
    let suggestion = "find out what became of these builds, and what they changed".to_owned();
    let evidence = [Evidence::runs(place, of.region.as_ref(), &of.live), Evidence::landed(place, of.before)];
    Some(grounds.finding(Kind::BuildGap, place, (of.live.since, what, suggestion), evidence))
}

/// What runs in each part of a place, where it is known what brought it and what landed before that.
fn brought<'s>(grounds: &Grounds<'_>, seen: &'s Seen) -> Vec<Brought<'s>> {
    let parts = seen.running().into_iter().filter_map(|(region, live)| {
        let id = live.deployment_id.clone()?;
        let before = landed_before(seen, region.as_ref(), &id)?;
        // Both are asked for, so that they are read together.
        let (by, before_by) = (deployment(grounds, &id), deployment(grounds, &before.deployment_id));
        Some(Brought { region, live, by: by?, before, before_by: before_by? })
    });
    parts.collect()
}

/// The landing of another deployment before that with which this one came; none where that was not read.
fn landed_before<'s>(seen: &'s Seen, region: Option<&Region>, id: &DeploymentId) -> Option<&'s Entry> {
    let mut landings = seen.landings.iter().filter(|entry| entry.lands() && entry.speaks_for(region));
    landings.find(|entry| entry.effect == Effect::Completed && entry.deployment_id == *id)?;
    landings.find(|entry| entry.deployment_id != *id)
}

/// The builds that landed in a place, as far as its log was read; none where more must be read.
fn builds(grounds: &Grounds<'_>, seen: &Seen) -> Option<BTreeSet<u64>> {
    let landings = seen.landings.iter().filter(|entry| entry.effect == Effect::Completed);
    let deployed: Vec<_> = landings.map(|entry| deployment(grounds, &entry.deployment_id)).collect();
    let deployed: Vec<Deployed> = deployed.into_iter().collect::<Option<_>>()?;
    Some(deployed.into_iter().filter_map(|deployed| deployed.build).collect())
}

fn deployment(grounds: &Grounds<'_>, id: &DeploymentId) -> Option<Deployed> {
    let found: Result<_, Lacking> = grounds.known.deployment(id);
    grounds.noted(found).map(Option::unwrap_or_default)
}

/// The ranges of whole numbers between two that are not among these.
fn gaps(after: u64, before: u64, landed: &BTreeSet<u64>) -> Vec<(u64, u64)> {
    let (mut gaps, mut next) = (Vec::new(), after + 1);
    for build in landed.range(after + 1..before).copied().chain([before]) {
        if build > next {
            gaps.push((next, build - 1));
        }
        next = build + 1;
    }
    gaps
}

/// `build 12 is`, `builds 12 to 14 and 17 are`.
fn in_words(gaps: &[(u64, u64)]) -> String {
    let range =
        |(first, last): &(u64, u64)| if first == last { first.to_string() } else { format!("{first} to {last}") };
    let mut ranges: Vec<String> = gaps.iter().take(RANGES).map(range).collect();
    if gaps.len() > RANGES {
        ranges.push("others".to_owned());
    }
    match ranges.as_slice() {
        [one] if gaps[0].0 == gaps[0].1 => format!("build {one} is"),
        [one] => format!("builds {one} are"),
        [rest @ .., last] => format!("builds {} and {last} are", rest.join(", ")),
        [] => String::new(),
    }
}
