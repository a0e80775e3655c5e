//! How long it has run, and how long nothing came: `STALE`, `ORPHANED` and `SILENT`.

use super::grounds::{Grounds, called, in_region, in_words};
use super::{Evidence, Finding, Kind, Lacking, Seen};
use crate::Timestamp;
use crate::identifiers::Region;
use crate::live::Live;
use crate::live::log::Entry;
use crate::live::thing::Thing;

/// How many of the last intervals between landings say what is usual.
const INTERVALS: usize = 10;
/// How many there must be at least.
const LEAST: usize = 5;
/// How many times the longest of them is much longer than usual.
const TIMES: i64 = 3;
/// How long it takes at least until nothing coming is silence: landings in a burst say nothing of what is usual.
const LEAST_SILENCE: i64 = super::DAY;

/// It has run for longer than `staleAfterDays` of its environment, in any region.
pub(super) fn stale(grounds: &Grounds<'_>, seen: &Seen) -> Option<Finding> {
    let days = grounds.question.settings.environment(&seen.place.environment)?.stale_after_days?;
    let (region, live, since) = oldest(seen, |since| grounds.is_longer_ago(since, days))?;
    let place = &seen.place;
    let what = format!(
        "{} has run {}{} for {}; {days} days are allowed here",
        place.service,
        called(&live),
        in_region(region.as_ref()),
        grounds.ago(since),
    );
    let suggestion = format!("deploy {} anew, or remove it if nobody needs it", place.service);
    let evidence = Evidence::runs(place, region.as_ref(), &live);
    Some(grounds.finding(Kind::Stale, place, (Some(since), what, suggestion), [evidence]))
}

/// It landed `lagging.days` ago, and neither landed in a later environment of the path nor was replaced. Where what
/// landed later has no kind of name in common with it, it may have gone on by another name.
pub(super) fn orphaned(grounds: &Grounds<'_>, seen: &Seen) -> Option<Finding> {
    let later = grounds.after(&seen.place.environment);
    if !grounds.question.path.leads_through(&seen.place.environment) || later.is_empty() {
        return None;
    }
    let days = grounds.question.settings.lagging.days;
    let enough = |since: Timestamp| grounds.millis_since(since) >= i64::from(days) * super::DAY;
    let candidates = seen.running().into_iter().filter(|(_, live)| live.since.is_some_and(enough));
    let candidates = candidates.filter(|(_, live)| Thing::from(live).is_known());
    let stayed = candidates.filter(|(_, live)| {
        let thing = Thing::from(live);
        let went_on = later.iter().filter_map(|name| grounds.in_environment(seen, name)).any(|later| {
            let in_tail = later.landings.iter().any(|entry| entry.lands() && Thing::from(entry).is_same(&thing));
            let newest = later.landings.iter().filter(|entry| entry.lands()).take(INTERVALS).map(Thing::from);
            let by_another_name = newest.into_iter().any(|landed| landed.is_known() && !landed.is_comparable(&thing));
            // What is not known yet is no finding yet.
            in_tail || by_another_name || grounds.first(later, &thing, None).is_none_or(|first| first.is_some())
        });
        !went_on
    });
    let (region, live) = stayed.min_by_key(|(_, live)| live.since)?;
    let since = live.since?;
    let (place, next) = (&seen.place, later.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(" nor in "));
    let what = format!(
        "{} {}{} landed {} ago, and never in {next}",
        place.service,
        called(&live),
        in_region(region.as_ref()),
        grounds.ago(since),
    );
    let suggestion = format!("bring it on, or replace it in {}", place.environment);
    let evidence = Evidence::runs(place, region.as_ref(), &live);
    Some(grounds.finding(Kind::Orphaned, place, (Some(since), what, suggestion), [evidence]))
}

/// Nothing has landed for longer than three times the longest of the last ten intervals between landings, of which
/// there are five at least; and for longer than a day.
pub(super) fn silent(grounds: &Grounds<'_>, seen: &Seen) -> Option<Finding> {
    let landings: Vec<&Entry> = seen.landings.iter().filter(|entry| entry.lands()).take(INTERVALS + 1).collect();
    let intervals = landings.windows(2).map(|two| two[0].at.millis() - two[1].at.millis());
    let (count, longest) = (intervals.len(), intervals.max().unwrap_or_default());
    let enough = longest.saturating_mul(TIMES).max(LEAST_SILENCE);
    let is_silent = landings.first().is_none_or(|last| grounds.millis_since(last.at) > enough);
    // A longer one among those that were not read would only make it less silent.
    if !is_silent {
        return None;
    }
    if count < INTERVALS && !seen.is_whole() {
        if seen.is_tail() {
            grounds.noted::<()>(Err(Lacking::page(&seen.place)));
        }
        return None;
    }
    let last = landings.first().filter(|_| count >= LEAST)?;
    let place = &seen.place;
    let what = format!(
        "nothing of {} has landed for {}; the longest of the last {count} intervals was {}",
        place.service,
        grounds.ago(last.at),
        in_words(longest),
    );
    let suggestion = "see whether its pipeline still runs, and whether it still reports".to_owned();
    let evidence = landings.iter().map(|entry| Evidence::landed(place, entry));
    Some(grounds.finding(Kind::Silent, place, (Some(last.at), what, suggestion), evidence))
}

/// The part of a place that has run for the longest, of those that run since a time that counts.
fn oldest(seen: &Seen, counts: impl Fn(Timestamp) -> bool) -> Option<(Option<Region>, Live, Timestamp)> {
    let running = seen.running().into_iter();
    let running = running.filter_map(|(region, live)| Some((region, live.since.filter(|since| counts(*since))?, live)));
    running.min_by_key(|(_, since, _)| *since).map(|(region, since, live)| (region, live, since))
}
