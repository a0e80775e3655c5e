//! Regions that disagree: `MIXED`.

use std::collections::BTreeSet;

use super::grounds::{Grounds, called};
use super::{DAY, Evidence, Finding, Kind, Lacking, Seen};
use crate::Timestamp;
use crate::identifiers::Region;
use crate::live::Live;
use crate::live::log::Entry;
use crate::live::log_key::LogKey;
use crate::live::resolve::{ReadFurther, resolve};

/// Regions have disagreed for longer than a day.
pub(super) fn mixed(grounds: &Grounds<'_>, seen: &Seen) -> Option<Finding> {
    if !seen.cell.shown()?.mixed || !disagree(seen.cell.regions.values().map(|region| &region.live)) {
        return None;
    }
    let Disagreement { since, is_known } = Disagreement::of(seen)?;
    if grounds.millis_since(since) <= DAY {
        if !is_known && seen.is_tail() {
            grounds.noted::<()>(Err(Lacking::page(&seen.place)));
        }
        return None;
    }
    let (place, running) = (&seen.place, seen.running());
    let runs = running.iter().map(|(region, live)| {
        let region = region.as_ref().map_or("elsewhere", Region::as_str);
        format!("{} in {region}", called(live))
    });
    let runs: Vec<String> = runs.collect();
    let least = if is_known { "" } else { "at least " };
    let what =
        format!("regions of {} have disagreed for {least}{}: {}", place.service, grounds.ago(since), runs.join(", "));
    let suggestion = format!("bring {} in all regions of {} to one version", place.service, place.environment);
    let evidence = running.iter().map(|(region, live)| Evidence::runs(place, region.as_ref(), live));
    Some(grounds.finding(Kind::Mixed, place, (Some(since).filter(|_| is_known), what, suggestion), evidence))
}

/// Since when regions disagree; what is not known is that it was not before.
struct Disagreement {
    since: Timestamp,
    is_known: bool,
}

impl Disagreement {
    /// Goes back from change to change, until regions agreed.
    fn of(seen: &Seen) -> Option<Self> {
        let named = seen.cell.regions.values().map(|region| region.named.clone());
        let mut moments: Vec<LogKey> = seen.landings.iter().map(LogKey::of).chain(named).collect();
        moments.sort_unstable();
        moments.dedup();
        let mut since = moments.last()?.moment.at;
        for moment in moments.iter().rev() {
            match was_mixed(seen, moment) {
                Ok(true) => since = moment.moment.at,
                Ok(false) => return Some(Self { since, is_known: true }),
                Err(ReadFurther) => return Some(Self { since, is_known: false }),
            }
        }
        Some(Self { since, is_known: seen.is_whole() })
    }
}

/// Whether regions disagreed when this had happened.
fn was_mixed(seen: &Seen, moment: &LogKey) -> Result<bool, ReadFurther> {
    let until: Vec<&Entry> = seen.landings.iter().filter(|entry| LogKey::of(entry) <= *moment).collect();
    let named = seen.cell.regions.iter().filter(|(_, region)| region.named <= *moment);
    let lives = named.map(|(region, now)| {
        let speaking: Vec<&Entry> = until.iter().filter(|entry| entry.speaks_for(Some(region))).copied().collect();
        let spoken_since = seen.landings.iter().filter(|entry| entry.speaks_for(Some(region))).count() > speaking.len();
        if !spoken_since {
            return Ok(now.live.clone());
        }
        resolve(&speaking, seen.is_whole())
    });
    let lives: Vec<Live> = lives.collect::<Result<_, _>>()?;
    Ok(disagree(lives.iter()))
}

/// Whether two of these that run have a name of one kind, and not the same. One of which only a version is known, and
/// one of which only a commit is, may be the same.
fn disagree<'l>(lives: impl Iterator<Item = &'l Live>) -> bool {
    let lives: Vec<&Live> = lives.filter(|live| live.is_running()).collect();
    let versions: BTreeSet<_> = lives.iter().filter_map(|live| live.version.as_ref()).collect();
    let commits: BTreeSet<_> = lives.iter().filter_map(|live| live.commit.as_ref()).collect();
    versions.len() > 1 || commits.len() > 1
}
