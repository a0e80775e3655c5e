//! Where what runs is not what it should be, by the documented rules: `UNSEEN`, `MIXED`, `LAGGING`, `ORPHANED`, `STALE`
//! and `SILENT`. The path of the stories is staging, production.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::answers::Answers;
use super::cells;
use super::compare::{Half, part};
use super::heard::Heard;
use super::landings::{Thing, first_landed, state};
use super::log::{Effect, Ending};
use super::times;

const DAY: i64 = 24 * 3_600_000;
/// Behind by more than one, or for longer than a day.
const LAGGING: (u64, i64) = (1, DAY);
/// After how long something in production is stale.
const STALE: i64 = DAY;

/// What the settings of all stories say of it.
pub(super) fn lagging() -> Value {
    json!({"deployments": LAGGING.0, "days": LAGGING.1 / DAY})
}

/// A service in an environment, up to the time of the question.
struct Seen<'a> {
    log: Vec<&'a Ending>,
    cell: Option<Value>,
}

/// What runs in a part of a place, and since when.
struct Running {
    thing: Thing,
    since: i64,
}

impl<'a> Seen<'a> {
    fn of(answers: &'a Answers, place: &(String, String), at: i64) -> Self {
        let log: Vec<&Ending> = answers.log(place).iter().filter(|ending| ending.moment.0 <= at).collect();
        let cell = cells::cell(place, &log).filter(|cell| cell["mixed"] == true || cell["since"].is_string());
        Self { log, cell }
    }

    /// What landed, the newest first.
    fn landings(&self) -> impl Iterator<Item = &'a Ending> {
        let lands = |ending: &&Ending| match ending.effect {
            Effect::Completed => true,
            Effect::RolledBack => ending.rollback_to.is_some(),
            _ => false,
        };
        self.log.iter().rev().copied().filter(lands)
    }

    fn of_region(&self, region: &str) -> Vec<&'a Ending> {
        let speaks = |ending: &&&Ending| ending.region.as_deref().is_none_or(|named| named == region);
        self.log.iter().filter(speaks).copied().collect()
    }

    fn running_in(&self, region: Option<&str>) -> Option<Running> {
        let view = region.map_or_else(|| self.log.clone(), |region| self.of_region(region));
        let live = state(&view).live?;
        Some(Running { thing: live.thing, since: live.since.0 })
    }

    /// What runs, in each region where any is named.
    fn running(&self) -> Vec<Running> {
        let Some(cell) = &self.cell else { return Vec::new() };
        let regions = cell["regions"].as_array().expect("regions");
        if regions.is_empty() {
            return self.running_in(None).into_iter().collect();
        }
        regions.iter().filter_map(|region| self.running_in(region["region"].as_str())).collect()
    }
}

/// All findings of these kinds, in no order.
pub(super) fn found(heard: &Heard, as_of: Option<i64>, now: i64) -> Vec<Value> {
    let (answers, at) = (Answers::of(heard), as_of.unwrap_or(now));
    let services: BTreeSet<String> = answers.places().into_iter().map(|(_, service)| service).collect();
    let seen = |environment: &str, service: &str| Seen::of(&answers, &(environment.to_owned(), service.to_owned()), at);
    // Whether anything ended there by then, and it is not retired.
    let stands = |environment: &str| {
        let here: Vec<Seen<'_>> = services.iter().map(|service| seen(environment, service)).collect();
        let runs = services.iter().zip(&here).any(|(service, seen)| service != "unknown" && seen.cell.is_some());
        let retired = heard.retirements(environment).any(|(_, event)| event.moment.0 <= at);
        let ended = here.iter().any(|seen| seen.log.iter().any(|ending| ending.effect != Effect::Retired));
        ended && (runs || !retired)
    };
    let production_stands = stands("production");
    let mut all = Vec::new();
    for service in services.iter().filter(|service| *service != "unknown") {
        let (staging, production) = (seen("staging", service), seen("production", service));
        let mut found = |kind: &str, severity: &str, environment: &str, since: Option<i64>| {
            all.push(json!({
                "kind": kind, "severity": severity, "service": service, "environment": environment,
                "since": since.map(times::text),
            }));
        };
        for (environment, seen) in [("staging", &staging), ("production", &production)] {
            if let Some(since) = mixed_since(seen, (environment, service)).filter(|since| at - since > DAY) {
                found("MIXED", "high", environment, Some(since));
            }
            if let Some(since) = silent_since(seen, at) {
                found("SILENT", "low", environment, Some(since));
            }
        }
        let stale = production.running().into_iter().map(|running| running.since).filter(|since| at - since > STALE);
        if let Some(since) = stale.min() {
            found("STALE", "medium", "production", Some(since));
        }
        let orphaned = staging.running().into_iter().filter(|running| {
            let known = |thing: &Thing| thing.version.is_some() || thing.commit.is_some();
            // What has no kind of name in common with it may be the same.
            let mut newest = production.landings().take(10).map(brought);
            let by_another_name = newest.any(|landed| known(&landed) && !landed.has_a_kind_of_name_of(&running.thing));
            known(&running.thing)
                && !by_another_name
                && at - running.since >= LAGGING.1
                && first_landed(&running.thing, &production.log).is_none()
        });
        if let Some(since) = orphaned.map(|running| running.since).min().filter(|_| production_stands) {
            found("ORPHANED", "low", "staging", Some(since));
        }
        if staging.cell.is_some() && production.cell.is_some() {
            let (unseen, lagging) = beside(service, &staging, &production, at);
            if unseen.is_some() {
                found("UNSEEN", "high", "production", unseen);
            }
            if lagging {
                found("LAGGING", "medium", "production", None);
            }
        }
    }
    all
}

/// Since when something runs in production that never came to staging, and whether it lags.
fn beside(service: &str, staging: &Seen<'_>, production: &Seen<'_>, at: i64) -> (Option<i64>, bool) {
    let half = |environment: &str, seen: &Seen<'_>| {
        Half::new(&(environment.to_owned(), service.to_owned()), seen.log.clone()).regions_owned()
    };
    let mixed = [staging, production].iter().any(|seen| seen.cell.as_ref().is_some_and(|cell| cell["mixed"] == true));
    let regions: BTreeSet<String> =
        half("staging", staging).into_iter().chain(half("production", production)).collect();
    let parts: Vec<Option<&str>> =
        if mixed { regions.iter().map(|region| Some(region.as_str())).collect() } else { vec![None] };
    let place = |environment: &str| (environment.to_owned(), service.to_owned());
    let (from, to) =
        (Half::new(&place("staging"), staging.log.clone()), Half::new(&place("production"), production.log.clone()));
    let (mut unseen, mut lagging) = (None::<i64>, false);
    for region in parts {
        let Some(answer) = part(region, &from, &to, true, at) else { continue };
        if answer["relation"] == "unseen" && answer["note"].is_null() {
            let since = match region {
                Some(region) => production.running_in(Some(region)).map(|running| running.since),
                None => production.running().into_iter().map(|running| running.since).max(),
            };
            unseen = [unseen, since].into_iter().flatten().min();
        }
        let behind = answer["relation"] == "behind";
        let long = answer["forSeconds"].as_f64().is_some_and(|seconds| seconds > times::seconds(LAGGING.1));
        lagging |= behind && (long || answer["by"].as_u64() > Some(LAGGING.0));
    }
    (unseen, lagging)
}

/// What landed with an ending.
fn brought(ending: &Ending) -> Thing {
    match ending.effect {
        Effect::RolledBack => Thing { version: ending.rollback_to.clone(), commit: None },
        _ => Thing::of(ending),
    }
}

/// When regions began to disagree, which they do since.
fn mixed_since(seen: &Seen<'_>, (environment, service): (&str, &str)) -> Option<i64> {
    let place = (environment.to_owned(), service.to_owned());
    let is_mixed = |count: usize| {
        let cell = cells::cell(&place, &seen.log[..count]).filter(|cell| cell["mixed"] == true);
        // Two that have no kind of name in common may be the same.
        let names = |kind: &str| -> BTreeSet<String> {
            let regions = cell.iter().flat_map(|cell| cell["regions"].as_array().expect("regions"));
            regions.filter_map(|region| region[kind].as_str().map(str::to_owned)).collect()
        };
        names("version").len() > 1 || names("commit").len() > 1
    };
    let mixed = (0..=seen.log.len()).rev().take_while(|count| is_mixed(*count)).last()?;
    Some(seen.log[mixed - 1].moment.0)
}

/// When the last landing was, where none has come for much longer than usual.
fn silent_since(seen: &Seen<'_>, at: i64) -> Option<i64> {
    seen.cell.as_ref()?;
    let landings: Vec<i64> = seen.landings().take(11).map(|ending| ending.moment.0).collect();
    let longest = landings.windows(2).map(|two| two[0] - two[1]).max()?;
    (landings.len() > 5 && at - landings[0] > (3 * longest).max(DAY)).then_some(landings[0])
}
