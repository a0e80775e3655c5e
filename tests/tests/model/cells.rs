//! The live matrix: a cell for each place, made of the views of its regions.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::landings::{State, state};
use super::log::{Effect, Ending, Place};
use super::times;

/// The regions that these endings name.
fn named(log: &[&Ending]) -> BTreeSet<String> {
    log.iter().filter_map(|ending| ending.region.clone()).collect()
}

/// The endings that speak of a region: those that name it, and those that name none.
fn of<'a>(log: &[&'a Ending], region: &str) -> Vec<&'a Ending> {
    log.iter().filter(|ending| ending.region.as_deref().is_none_or(|named| named == region)).copied().collect()
}

/// The one value of all, if there is one.
fn common<T: PartialEq>(values: impl IntoIterator<Item = Option<T>>) -> Option<T> {
    let mut values = values.into_iter();
    let first = values.next()??;
    values.all(|value| value.as_ref() == Some(&first)).then_some(first)
}

fn attempt(ending: Option<&Ending>) -> Value {
    ending.map_or(Value::Null, |ending| {
        json!({
            "deploymentId": ending.deployment, "version": ending.version, "status": ending.status(),
            "at": times::text(ending.moment.0),
        })
    })
}

fn shown(state: &State) -> Value {
    let live = state.live.as_ref();
    json!({
        "version": live.and_then(|live| live.thing.version.clone()),
        "commit": live.and_then(|live| live.thing.commit.clone()),
        "since": live.map(|live| times::text(live.since.0)),
        "deploymentId": live.and_then(|live| live.deployment.clone()),
        "change": live.and_then(|live| live.change),
        "lastAttempt": attempt(state.last.as_ref()),
    })
}

/// The cell of a place after these endings; none where nothing is listed.
pub(super) fn cell((environment, service): &Place, log: &[&Ending]) -> Option<Value> {
    let named = named(log);
    let views = named.iter().map(|region| (region, state(&of(log, region))));
    let views: Vec<(&String, State)> = views.filter(|(_, state)| state.is_listed()).collect();
    let mut cell = if named.is_empty() {
        let state = state(log);
        if !state.is_listed() {
            return None;
        }
        shown(&state)
    } else {
        if views.is_empty() {
            return None;
        }
        let mut cell = agreed(&views);
        cell["lastAttempt"] = attempt(state(log).last.as_ref());
        cell
    };
    let rollback = cell["change"] == "rollback";
    let regions = views.iter().map(|(region, state)| {
        let mut shown = shown(state);
        shown["region"] = json!(region);
        shown
    });
    let regions: Vec<Value> = regions.collect();
    let more = json!({
        "environment": environment, "service": service, "rollback": rollback, "regions": regions,
        "mixed": cell.get("mixed").cloned().unwrap_or(json!(false)),
    });
    cell.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    Some(cell)
}

/// What all the regions say: one version, or that they disagree.
fn agreed(views: &[(&String, State)]) -> Value {
    // A region where nothing runs says nothing of what does.
    let running = views.iter().filter(|(_, state)| state.live.is_some());
    let things: Vec<_> = running.map(|(_, state)| state.live.as_ref().map(|live| &live.thing)).collect();
    let versions: BTreeSet<Option<&String>> =
        things.iter().map(|thing| thing.and_then(|t| t.version.as_ref())).collect();
    let commits: BTreeSet<&String> = things.iter().filter_map(|thing| thing.and_then(|t| t.commit.as_ref())).collect();
    if versions.len() > 1 || commits.len() > 1 {
        return json!({
            "version": null, "commit": null, "since": null, "deploymentId": null, "change": null, "mixed": true,
        });
    }
    let newest = views.iter().filter_map(|(_, state)| state.live.as_ref()).map(|live| live.since.0).max();
    let newest = views.iter().filter_map(|(_, state)| state.live.as_ref().filter(|live| Some(live.since.0) == newest));
    let newest: Vec<_> = newest.collect();
    json!({
        "version": versions.first().copied().flatten(),
        "commit": common(things.iter().map(|thing| thing.and_then(|thing| thing.commit.clone()))),
        "since": newest.first().map(|live| times::text(live.since.0)),
        "deploymentId": common(newest.iter().map(|live| live.deployment.clone())),
        "change": common(newest.iter().map(|live| live.change)),
        "mixed": false,
    })
}

/// The change of the landing at this place of the log, as its region sees it; one that speaks of all
/// regions has the change that all those see that were named by then.
pub(super) fn change_at(log: &[&Ending], place: usize) -> Option<&'static str> {
    let until = &log[..=place];
    let of_view = |view: &[&Ending]| state(view).live.and_then(|live| live.change);
    if !matches!(until[place].effect, Effect::Completed | Effect::RolledBack) {
        return None;
    }
    match &until[place].region {
        Some(region) => of_view(&of(until, region)),
        None if named(until).is_empty() => of_view(until),
        None => common(named(until).iter().map(|region| of_view(&of(until, region)))),
    }
}
