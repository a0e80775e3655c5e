//! Which deployment something counts against, by what ran in its place: an incident against what was live when it
//! began, and a return to what had landed before against what that replaced.

use super::failures::{Against, How};
use crate::identifiers::{DeploymentId, Region};
use crate::ledger::summary::Summary;
use crate::live::log::Effect;
use crate::live::thing::Thing;
use crate::live::timeline::{Band, Timeline};
use crate::{Subject, Timestamp};

/// What ran in each part of a place.
pub type Parts = [(Option<Region>, Timeline)];

/// The deployment that an incident counts against: the one that was live in its place when it began, or the one of the
/// version that it names. None where that landed longer before it than things are suspected.
#[must_use]
pub fn blamed(incident: &Summary, parts: &Parts, suspect_hours: u32) -> Option<DeploymentId> {
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
    let (landed, id) = suspects.max()?;
    (began <= landed.plus_millis(i64::from(suspect_hours) * 60 * 60 * 1000)).then(|| id.clone())
}

/// What an incident says against the deployment that it counts against.
#[must_use]
pub fn by_incident(incident: &Summary, deployment_id: DeploymentId) -> Against {
    let by = incident.deployment_id.clone();
    Against { deployment_id, how: How::Incident, at: incident.created_at(), over_at: incident.finished_at(), by }
}

/// What was undone because something that had landed before was deployed anew in its place.
#[must_use]
pub fn replaced(parts: &Parts) -> Vec<Against> {
    let mut replaced = Vec::new();
    for two in parts.iter().flat_map(|(_, timeline)| timeline.bands.windows(2)) {
        let [before, after] = two else { continue };
        let (Some(of), Some(by), Some(at)) = (&before.live.deployment_id, &after.live.deployment_id, after.live.since)
        else {
            continue;
        };
        let anew = after.came_back && after.landing.effect == Effect::Completed && of != by;
        if anew && before.until == Some(at) && of.subject() == Subject::Deployment {
            let (deployment_id, by) = (of.clone(), by.clone());
            replaced.push(Against { deployment_id, how: How::Undone, at, over_at: None, by });
        }
    }
    replaced
}

/// The latest landing of a deployment by a time.
fn landed(timeline: &Timeline, id: &DeploymentId, by: Timestamp) -> Option<Timestamp> {
    let of_it = |band: &&Band| band.landing.effect == Effect::Completed && band.live.deployment_id.as_ref() == Some(id);
    timeline.bands.iter().filter(of_it).filter_map(|band| band.live.since).filter(|since| *since <= by).max()
}
