//! Which deployment something counts against, by what ran in its place: an incident against what was live when it
//! began, and a return to what had landed before against what that replaced.

use super::of_day::{Blaming, Replaced};
use crate::identifiers::Region;
use crate::ledger::summary::Summary;
use crate::live::log::Effect;
use crate::live::thing::Thing;
use crate::live::timeline::{Band, Timeline};
use crate::{Subject, Timestamp};

/// What ran in each part of a place.
pub type Parts = [(Option<Region>, Timeline)];

/// The deployment that an incident counts against if that is suspected for long enough: the one that was live in its
/// place when it began, or the one of the version that it names.
#[must_use]
pub fn blaming(incident: &Summary, parts: &Parts) -> Option<Blaming> {
    let began = incident.created_at();
    let (named, region) = (Thing::of(incident), incident.region());
    let here = parts.iter().filter(|(part, _)| region.is_none() || part.is_none() || *part == region);
    let suspects = here.filter_map(|(_, timeline)| {
        let suspect = if named.is_known() {
            let by_then = |band: &&Band| band.live.since.is_some_and(|since| since <= began);
            timeline.bands.iter().filter(by_then).rfind(|band| Thing::from(&band.live).is_same(&named))
        } else {
            timeline.at(began)
        }?;
        let id = suspect.live.deployment_id.as_ref()?;
        // What came back when something was rolled back landed when it did.
        Some((landed(timeline, id, began)?, id))
    });
    let (landed, suspect) = suspects.max()?;
    Some(Blaming {
        incident: incident.deployment_id.clone(),
        at: began,
        over_at: incident.finished_at(),
        service: incident.service(),
        environment: incident.environment(),
        suspect: suspect.clone(),
        landed,
    })
}

/// What was undone because something that had landed before was deployed anew in its place.
#[must_use]
pub fn replaced(parts: &Parts) -> Vec<Replaced> {
    let mut replaced = Vec::new();
    for two in parts.iter().flat_map(|(_, timeline)| timeline.bands.windows(2)) {
        let [before, after] = two else { continue };
        let (Some(of), Some(by), Some(at)) = (&before.live.deployment_id, &after.live.deployment_id, after.live.since)
        else {
            continue;
        };
        let anew = after.came_back && after.landing.effect == Effect::Completed && of != by;
        if anew && before.until == Some(at) && of.subject() == Subject::Deployment {
            replaced.push(Replaced { of: of.clone(), by: by.clone(), at });
        }
    }
    replaced
}

/// The latest landing of a deployment by a time.
fn landed(timeline: &Timeline, id: &crate::DeploymentId, by: Timestamp) -> Option<Timestamp> {
    let of_it = |band: &&Band| band.landing.effect == Effect::Completed && band.live.deployment_id.as_ref() == Some(id);
    timeline.bands.iter().filter(of_it).filter_map(|band| band.live.since).filter(|since| *since <= by).max()
}
