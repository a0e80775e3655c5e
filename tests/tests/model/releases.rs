//! Releases, as the deployments that name them imply: what is expected of each service, and how it stands.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::answers::Answers;
use super::compare::Half;
use super::fold::{self, Deployment};
use super::gates::GateQuestion;
use super::heard::{Event, Heard};
use super::landings::{Thing, first_landed, state};
use super::log::{Effect, Ending};
use super::times;

/// The time of a question, and of what is to be known.
type When = (Option<i64>, Option<i64>);

/// How a release stands in an environment; null where there is none.
pub(super) fn standing(heard: &Heard, release: &str, environment: &str, when: When, now: i64) -> Value {
    let Some(states) = states(heard, release, environment, when, now) else { return Value::Null };
    let complete = is_complete(&states);
    let items = states
        .into_iter()
        .map(|(service, thing, state)| json!([service, {"version": thing.version, "commit": thing.commit}, state]));
    json!({"complete": complete, "items": items.collect::<Vec<_>>()})
}

fn is_complete(states: &[(String, Thing, &'static str)]) -> bool {
    !states.is_empty() && states.iter().all(|(_, _, state)| matches!(*state, "IN_PLACE" | "NEWER"))
}

/// The releases that were deployed to an environment, those of the newest day first.
pub(super) fn listed(heard: &Heard, environment: &str, as_of: Option<i64>, now: i64) -> Value {
    let mut releases: BTreeMap<String, Vec<Deployment>> = BTreeMap::new();
    for (deployment, _) in Answers::of(heard).deployments {
        if let Some(release) = &deployment.release
            && as_of.is_none_or(|as_of| deployment.created.0 <= as_of)
        {
            releases.entry(release.clone()).or_default().push(deployment);
        }
    }
    let mut listed: Vec<(String, String, Value)> = Vec::new();
    for (release, deployments) in releases {
        if deployments.iter().any(|deployment| deployment.environment == environment) {
            let newest = deployments.iter().map(|deployment| deployment.created.0).max().expect("one");
            let day = times::text(newest)[..10].to_owned();
            let states = states(heard, &release, environment, (as_of, None), now);
            let complete = states.is_some_and(|states| is_complete(&states));
            listed.push((day.clone(), release.clone(), json!([release, day, times::text(newest), complete])));
        }
    }
    listed.sort_by(|(a, one, _), (b, other, _)| (b, other).cmp(&(a, one)));
    listed.into_iter().map(|(_, _, shown)| shown).collect()
}

/// Whether the releases that deployments of a version name, wherever these were, are complete in staging.
pub(super) fn may_go(heard: &Heard, question: &GateQuestion, now: i64) -> bool {
    let thing = Thing { version: Some(question.version.to_owned()), commit: question.commit.map(str::to_owned) };
    let as_of = question.when.as_of.or(question.when.known_at.map(|_| now));
    let answers = Answers::of(heard);
    let by_then = answers.deployments.iter().filter(|(of, _)| as_of.is_none_or(|as_of| of.created.0 <= as_of));
    let named = by_then.filter_map(|(deployment, events)| {
        let known = as_known(deployment, events, question.when.known_at)?;
        // Of what was moved to another release, the lists of today say nothing.
        let is_of_it = known.service == question.service && !known.removal && of(&known).same(&thing);
        known.release.filter(|release| is_of_it && deployment.release.as_ref() == Some(release))
    });
    let releases: BTreeSet<String> = named.collect();
    let when = (as_of, question.when.known_at);
    releases
        .iter()
        .all(|release| states(heard, release, "staging", when, now).is_none_or(|states| is_complete(&states)))
}

fn of(deployment: &Deployment) -> Thing {
    Thing { version: deployment.version.clone(), commit: deployment.commit.clone() }
}

/// A deployment as it was known at a time; none where it was not known yet.
fn as_known(deployment: &Deployment, events: &[Event], known_at: Option<i64>) -> Option<Deployment> {
    let Some(known) = known_at else { return Some(deployment.clone()) };
    let events: Vec<Event> = events.iter().filter(|event| event.recorded <= known).cloned().collect();
    (!events.is_empty()).then(|| fold::fold(&deployment.id, &events))
}

/// Each service of a release with what is expected of it and how it stands; none where nothing names the release.
fn states(
    heard: &Heard,
    release: &str,
    environment: &str,
    (as_of, known_at): When,
    now: i64,
) -> Option<Vec<(String, Thing, &'static str)>> {
    let at = as_of.unwrap_or(now);
    let all = Answers::of(heard);
    let known = known_at.map_or_else(|| heard.clone(), |time| heard.known_at(time));
    let known = Answers::of(&known);
    let named = |deployment: &Deployment| deployment.release.as_deref() == Some(release);
    let of_release = all.deployments.iter().filter(|(deployment, _)| named(deployment) && deployment.created.0 <= at);
    let of_release = of_release.filter_map(|(deployment, events)| as_known(deployment, events, known_at));
    let of_release: Vec<Deployment> = of_release.filter(named).collect();
    if of_release.is_empty() {
        return None;
    }
    let brings =
        |deployment: &&Deployment| !deployment.removal && deployment.service != "unknown" && deployment.created.0 <= at;
    let bringing: Vec<&Deployment> = of_release.iter().filter(brings).collect();
    let services: BTreeSet<&String> = bringing.iter().map(|deployment| &deployment.service).collect();
    let landed = |deployment: &Deployment| -> Option<Ending> {
        let log = known.log(&(deployment.environment.clone(), deployment.service.clone()));
        let completed = |ending: &&Ending| {
            ending.deployment == deployment.id && ending.effect == Effect::Completed && ending.moment.0 <= at
        };
        log.iter().rfind(completed).cloned()
    };
    let states = services.into_iter().map(|service| {
        let of_service: Vec<&&Deployment> = bringing.iter().filter(|of| of.service == *service).collect();
        let rank = |deployment: &Deployment| {
            let landed = landed(deployment).map(|ending| (ending.moment, ending.deployment, ending.effect));
            (landed, deployment.created.0, deployment.id.clone())
        };
        let last = of_service.iter().max_by_key(|deployment| rank(deployment)).expect("one");
        let ids: BTreeSet<&String> = of_service.iter().map(|deployment| &deployment.id).collect();
        let landed_in = |name: &str| of_service.iter().any(|of| of.environment == name && landed(of).is_some());
        let skipped = environment == "production" && landed_in("staging") && !landed_in("production");
        let here = Here { environment, service, at, as_of, known_at, all: &all, known: &known };
        (service.clone(), of(last), if skipped { "SKIPPED" } else { here.state(&of(last), &ids) })
    });
    Some(states.collect())
}

/// A service in the environment.
struct Here<'h> {
    environment: &'h str,
    service: &'h str,
    at: i64,
    as_of: Option<i64>,
    known_at: Option<i64>,
    all: &'h Answers,
    known: &'h Answers,
}

impl Here<'_> {
    /// How it stands, where what is expected was not skipped.
    fn state(&self, expected: &Thing, ids: &BTreeSet<&String>) -> &'static str {
        let place = (self.environment.to_owned(), self.service.to_owned());
        let log: Vec<&Ending> = self.known.log(&place).iter().filter(|ending| ending.moment.0 <= self.at).collect();
        let half = Half::new(&place, log.clone());
        let parts: Vec<(Thing, Option<usize>, Option<usize>)> =
            if half.cell.as_ref().is_some_and(|c| c["mixed"] == true) {
                let regions = half.regions().map(|region| region["region"].as_str().expect("a name").to_owned());
                let regions: Vec<String> = regions.collect();
                let running =
                    regions.iter().filter_map(|region| Some((half.live(Some(region))?, half.view(Some(region)))));
                running.map(|(live, view)| part(live, expected, &view)).collect()
            } else {
                half.live(None).map(|live| part(live, expected, &log)).into_iter().collect()
            };
        let in_place = |(live, ..): &(Thing, Option<usize>, Option<usize>)| live.same(expected);
        let newer = |(_, first, of_expected): &(Thing, Option<usize>, Option<usize>)| {
            of_expected.is_some() && first > of_expected
        };
        let last = state(&log).last;
        let of_it = |last: &Ending| {
            ids.contains(&last.deployment) || (last.version.is_some() && last.version == expected.version)
        };
        let failed = |last: &Ending| of_it(last) && matches!(last.effect, Effect::Failed | Effect::RolledBack);
        let lands = |ending: &&Ending| match ending.effect {
            Effect::Completed => true,
            Effect::RolledBack => ending.rollback_to.is_some(),
            _ => false,
        };
        if !parts.is_empty() && parts.iter().all(in_place) {
            "IN_PLACE"
        } else if self.active().iter().any(|active| ids.contains(&active.id) || of(active).same(expected)) {
            "DEPLOYING"
        } else if last.as_ref().is_some_and(failed) {
            "FAILED"
        } else if !parts.is_empty() && parts.iter().all(|part| in_place(part) || newer(part)) {
            "NEWER"
        } else if log.iter().copied().any(|ending| lands(&ending)) {
            "OLDER"
        } else {
            "NEVER_DEPLOYED"
        }
    }

    /// The active deployments of the place; for a time of those ten that were created last before then, of those
    /// that were known then.
    fn active(&self) -> Vec<Deployment> {
        let is_here =
            |deployment: &Deployment| deployment.environment == self.environment && deployment.service == self.service;
        let here = self.all.deployments.iter().filter(|(deployment, _)| is_here(deployment));
        if self.as_of.is_none() && self.known_at.is_none() {
            return here.map(|(deployment, _)| deployment.clone()).filter(Deployment::is_active).collect();
        }
        let then = here.filter(|(deployment, _)| deployment.created.0 <= self.at);
        let known = |event: &&Event| self.known_at.is_none_or(|time| event.recorded <= time);
        let then = then.filter_map(|(deployment, events)| {
            let by_then: Vec<Event> =
                events.iter().filter(known).filter(|event| event.moment.0 <= self.at).cloned().collect();
            (!by_then.is_empty()).then(|| fold::fold(&deployment.id, &by_then))
        });
        then.take(10).filter(|deployment| is_here(deployment) && deployment.is_active()).collect()
    }
}

/// What runs in a part of the place, where in the log it landed first, and where what is expected did.
fn part(live: Thing, expected: &Thing, view: &[&Ending]) -> (Thing, Option<usize>, Option<usize>) {
    let first = first_landed(&live, view);
    (live, first, first_landed(expected, view))
}
