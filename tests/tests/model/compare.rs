//! What one environment runs beside another, from the logs of both.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::cells;
use super::landings::{Thing, first_landed, state};
use super::log::{Effect, Ending};
use super::times;

/// How many changes are told.
const CHANGES: usize = 10;

/// A service in one of the two: its endings up to the time of the question, and its cell.
pub(super) struct Half<'a> {
    log: Vec<&'a Ending>,
    pub(super) cell: Option<Value>,
}

impl<'a> Half<'a> {
    pub(super) fn new(place: &(String, String), log: Vec<&'a Ending>) -> Self {
        let cell = cells::cell(place, &log).filter(|cell| cell["mixed"] == true || cell["since"].is_string());
        Self { log, cell }
    }

    /// The names of its regions.
    pub(super) fn regions_owned(&self) -> Vec<String> {
        self.regions().map(|region| region["region"].as_str().expect("a name").to_owned()).collect()
    }

    pub(super) fn regions(&self) -> impl Iterator<Item = &Value> {
        self.cell.iter().flat_map(|cell| cell["regions"].as_array().expect("regions"))
    }

    /// What runs in a region, by all that speaks of it; in all of it, where no region is asked for.
    pub(super) fn live(&self, region: Option<&str>) -> Option<Thing> {
        if region.is_some() {
            return state(&self.view(region)).live.map(|live| live.thing);
        }
        let cell = self.cell.as_ref()?;
        let text = |name: &str| cell[name].as_str().map(str::to_owned);
        cell["since"].as_str().map(|_| Thing { version: text("version"), commit: text("commit") })
    }

    pub(super) fn view(&self, region: Option<&str>) -> Vec<&'a Ending> {
        let speaks =
            |ending: &&&Ending| region.is_none() || ending.region.is_none() || ending.region.as_deref() == region;
        self.log.iter().filter(speaks).copied().collect()
    }
}

/// A service in both; none where it runs in neither. `leads` says that `from` stands before `to` on the path.
pub(super) fn service(name: &str, from: &Half<'_>, to: &Half<'_>, leads: bool, now: i64) -> Option<Value> {
    if from.cell.is_none() && to.cell.is_none() {
        return None;
    }
    let mixed = [from, to].iter().any(|half| half.cell.as_ref().is_some_and(|cell| cell["mixed"] == true));
    let mut item = if mixed { nothing_counted("mixed") } else { part(None, from, to, leads, now)? };
    let mut regions = Vec::new();
    if mixed {
        let names: BTreeSet<&str> =
            from.regions().chain(to.regions()).map(|region| region["region"].as_str().expect("a name")).collect();
        for name in names {
            let Some(mut region) = part(Some(name), from, to, leads, now) else { continue };
            region["region"] = json!(name);
            let thing = |half: &Half<'_>| {
                half.live(Some(name)).map(|thing| json!({"version": thing.version, "commit": thing.commit}))
            };
            (region["from"], region["to"]) = (json!(thing(from)), json!(thing(to)));
            regions.push(region);
        }
    }
    item["service"] = json!(name);
    item["from"] = json!(from.cell);
    item["to"] = json!(to.cell);
    item["regions"] = json!(regions);
    Some(item)
}

fn nothing_counted(relation: &str) -> Value {
    json!({
        "relation": relation, "by": null, "more": false, "since": null, "forSeconds": null, "changes": [],
        "note": null
    })
}

pub(super) fn part(region: Option<&str>, from: &Half<'_>, to: &Half<'_>, leads: bool, now: i64) -> Option<Value> {
    let (in_from, in_to) = match (from.live(region), to.live(region)) {
        (None, None) => return None,
        (Some(_), None) => return Some(nothing_counted("missing")),
        (None, Some(_)) => return Some(nothing_counted("extra")),
        (Some(from), Some(to)) if from.same(&to) => return Some(nothing_counted("same")),
        (Some(from), Some(to)) => (from, to),
    };
    let (from, to) = (from.view(region), to.view(region));
    let mut answer = by_landings((&from, &in_from), (&to, &in_to), leads, now);
    let unknown = |thing: &Thing| thing.version.is_none() && thing.commit.is_none();
    if unknown(&in_from) {
        answer["note"] = json!("what runs in `from` has neither version nor commit");
    } else if unknown(&in_to) {
        answer["note"] = json!("what runs in `to` has neither version nor commit");
    } else if answer["relation"] == "unseen" && !in_from.has_a_kind_of_name_of(&in_to) {
        let only = |thing: &Thing| if thing.version.is_some() { "a version" } else { "a commit" };
        let (from, to) = (only(&in_from), only(&in_to));
        answer["note"] = json!(format!("the two sides have no name in common: `from` has only {from}, `to` only {to}"));
    }
    Some(answer)
}

fn by_landings(
    (from, of_from): (&[&Ending], &Thing),
    (to, of_to): (&[&Ending], &Thing),
    leads: bool,
    now: i64,
) -> Value {
    let to_in_from = first_landed(of_to, from);
    let from_in_from = first_landed(of_from, from);
    let before_in_to = first_landed(of_from, to).filter(|first| first_landed(of_to, to).is_none_or(|of| *first < of));
    match (to_in_from, before_in_to) {
        (Some(seen), _) if from_in_from.is_none_or(|first| seen < first) => {
            counted("behind", &from[seen + 1..], of_to, now)
        }
        (Some(_), Some(before)) => counted("ahead", &to[before + 1..], of_from, now),
        (Some(seen), None) => counted("ahead", &from[from_in_from.expect("it landed before") + 1..=seen], of_from, now),
        (None, Some(before)) if !leads => counted("ahead", &to[before + 1..], of_from, now),
        (None, _) => nothing_counted("unseen"),
    }
}

/// The things other than the older one that landed in these.
fn counted(relation: &str, log: &[&Ending], older: &Thing, now: i64) -> Value {
    let landed = |ending: &&&Ending| match (ending.effect, &ending.rollback_to) {
        (Effect::Completed, _) => Some(Thing { version: ending.version.clone(), commit: ending.commit.clone() }),
        (Effect::RolledBack, Some(version)) => Some(Thing { version: Some(version.clone()), commit: None }),
        _ => None,
    };
    let landings: Vec<(&Ending, Thing)> = log
        .iter()
        .rev()
        .filter_map(|ending| Some((*ending, landed(&ending)?)))
        .filter(|(_, thing)| !thing.same(older))
        .collect();
    let mut things: Vec<&Thing> = Vec::new();
    for (_, thing) in &landings {
        if !things.iter().any(|counted| counted.same(thing)) {
            things.push(thing);
        }
    }
    let changes = landings.iter().take(CHANGES).map(|(ending, thing)| {
        json!({
            "deploymentId": ending.deployment, "version": thing.version, "commit": thing.commit,
            "at": times::text(ending.moment.0), "actor": null, "links": null,
        })
    });
    let since = landings.last().map(|(ending, _)| ending.moment.0);
    #[expect(clippy::cast_precision_loss, reason = "some hours")]
    let seconds = since.map(|since| (now - since) as f64 / 1000.0);
    json!({
        "relation": relation, "by": things.len(), "more": false, "since": since.map(times::text),
        "forSeconds": seconds, "changes": changes.collect::<Vec<_>>(), "note": null,
    })
}
