//! Whether a version may go to an environment, by the documented checks: provenIn, soakMinutes, notBad,
//! nothingActive, freeze and releaseComplete.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::answers::{Answers, LiveQuestion};
use super::drift;
use super::fold::{self, Deployment};
use super::heard::{Event, Heard, Moment};
use super::landings::{self, Thing};
use super::log::{self, Effect, Ending};
use super::{releases, times};

/// What a gate is asked.
#[derive(Debug, Clone)]
pub(super) struct GateQuestion {
    pub(super) service: &'static str,
    pub(super) environment: &'static str,
    pub(super) version: &'static str,
    pub(super) commit: Option<&'static str>,
    /// The deployment that asks.
    pub(super) deployment: Option<String>,
    /// When.
    pub(super) when: LiveQuestion,
}

/// How long a version soaks in staging, in minutes.
const SOAK: i64 = 5;
/// When nothing is deployed to production, but for search.
const FREEZE: (i64, i64) = (1_200_000, 1_800_000);

/// The settings of all stories.
pub(super) fn settings() -> Value {
    json!({
        "environments": [
            {"name": "staging", "gate": {"notBad": true}},
            {"name": "production",
             "gate": {"provenIn": "staging", "soakMinutes": SOAK, "notBad": true, "nothingActive": true,
                      "releaseComplete": true},
             "staleAfterDays": 1}],
        "lagging": drift::lagging(),
        "freezes": [{"name": "f", "environments": ["production"], "except": ["search"],
                     "from": times::text(FREEZE.0), "to": times::text(FREEZE.1)}],
    })
}

/// The decision, and the outcome of each check.
pub(super) fn decided(heard: &Heard, question: &GateQuestion, now: i64) -> Value {
    let LiveQuestion { as_of, known_at, .. } = question.when;
    let is_past = as_of.is_some() || known_at.is_some();
    let at = as_of.unwrap_or(now);
    let known = known_at.map_or_else(|| heard.clone(), |time| heard.known_at(time));
    let thing = Thing { version: Some(question.version.to_owned()), commit: question.commit.map(str::to_owned) };
    let course = |environment: &str| {
        let place = (environment.to_owned(), question.service.to_owned());
        let answers = Answers::of(&known);
        let log: Vec<&Ending> = answers.log(&place).iter().filter(|ending| ending.moment.0 <= at).collect();
        course(&log, &thing)
    };
    let outcome = |passed: bool| if passed { "PASSED" } else { "FAILED" };
    let (production, staging) = (course("production"), course("staging"));
    let builds = production.builds.iter().chain(&staging.builds).cloned().collect();
    let verdicts = Verdicts::of(&known, question.service, &thing, builds, at);
    let undone = |environment: &str, course: &Course| {
        course.undone.iter().any(|(thing, moment)| verdicts.stands(thing, Some(environment), *moment))
    };
    let badly = |environment: &'static str| went_badly(&known, (environment, question.service), at, &thing, &verdicts);
    let (badly_in_staging, badly_in_production) = (badly("staging"), badly("production"));
    // Whatever the environment is: both are on its path.
    let is_bad = verdicts.bad(&["staging", "production"])
        || undone("staging", &staging)
        || undone("production", &production)
        || badly_in_staging
        || badly_in_production;
    let outcomes = if question.environment == "production" {
        let active = if is_past { active_then(heard, question, at) } else { active_now(heard, question) };
        let frozen = question.service != "search" && FREEZE.0 <= at && at < FREEZE.1;
        [
            outcome(staging.since.is_some() && !verdicts.bad(&["staging"]) && !badly_in_staging),
            outcome(staging.since.is_some_and(|since| since + SOAK * 60_000 <= at)),
            outcome(!is_bad),
            outcome(active == 0),
            outcome(!frozen),
            outcome(releases::may_go(heard, question, now)),
        ]
    } else {
        ["NOT_ASKED", "NOT_ASKED", outcome(!is_bad), "NOT_ASKED", "PASSED", "NOT_ASKED"]
    };
    let denied = outcomes.contains(&"FAILED");
    json!({"decision": if denied { "DENY" } else { "ALLOW" }, "outcomes": outcomes, "at": times::text(at)})
}

/// For how long a landing is watched, in milliseconds: no story has settings of it.
const WATCH: i64 = 30 * 60 * 1000;

/// Whether a deployment by which the thing landed in a place went badly by what its own events measured, by a time: from
/// its start to the end of its watch the health score was below 80, and that was not cleared. The latest value counts,
/// where the current attempt reported it. No story tells of another metric by which a deployment is judged.
fn went_badly(
    known: &Heard,
    (environment, service): (&str, &str),
    at: i64,
    thing: &Thing,
    verdicts: &Verdicts<'_>,
) -> bool {
    let answers = Answers::of(known);
    let log = answers.log(&(environment.to_owned(), service.to_owned()));
    let landed = |ending: &&Ending| ending.moment.0 <= at && ending.effect == Effect::Completed;
    let of_it = log.iter().filter(landed).filter(|ending| Thing::of(ending).same(thing));
    let ids: BTreeSet<&String> = of_it.map(|ending| &ending.deployment).collect();
    known.deployments().filter(|(id, _)| ids.contains(id)).any(|(id, events)| {
        let mut then: Vec<Event> = events.iter().filter(|event| event.moment.0 <= at).cloned().collect();
        then.sort_by(|one, other| one.order().cmp(&other.order()));
        let deployment = fold::fold(id, &then);
        let brought = Thing { version: deployment.version.clone(), commit: deployment.commit.clone() };
        let landings = then.iter().filter(|event| log::effect(event) == Some(Effect::Completed));
        let Some(landed) = landings.map(|event| event.moment.0).max() else { return false };
        let attempt = deployment.attempt();
        let of_attempt = then.iter().filter(|event| event.attempt() == attempt && event.kind() != "note");
        let under_way = of_attempt.filter(|event| !event.is_final() && event.status() != "PENDING");
        let begun = under_way.map(|event| event.moment.0).min().unwrap_or(deployment.created.0).min(landed);
        let score = |event: &Event| event.field("metrics")["healthScore"].as_f64();
        let told = then.iter().filter(|event| event.is_whole() || event.kind() == "note");
        told.filter_map(|event| Some((event, score(event)?))).next_back().is_some_and(|(event, score)| {
            score < 80.0
                && event.attempt() == attempt
                && (begun..=landed + WATCH).contains(&event.moment.0)
                && verdicts.stands(&brought, Some(environment), event.moment)
        })
    })
}

/// What became of a thing in a place.
struct Course {
    /// When it landed first since it was last undone.
    since: Option<i64>,
    /// What was undone, and when.
    undone: Vec<(Thing, Moment)>,
    /// What its deployments named that completed, or were undone.
    builds: Vec<Thing>,
}

/// What is said of versions of a service up to a time, and what is asked for.
struct Verdicts<'a> {
    asked: &'a Thing,
    /// As what it was deployed.
    builds: Vec<Thing>,
    said: Vec<Said>,
}

struct Said {
    is_bad: bool,
    of: Thing,
    environment: Option<String>,
    moment: Moment,
}

impl<'a> Verdicts<'a> {
    fn of(heard: &Heard, service: &str, asked: &'a Thing, builds: Vec<Thing>, at: i64) -> Self {
        let text = |event: &Event, field: &str| event.text(field).map(str::to_owned);
        let said = |event: &Event| Said {
            is_bad: event.text("outcome") == Some("BAD"),
            of: Thing { version: text(event, "version"), commit: text(event, "commit") },
            environment: text(event, "environment"),
            moment: event.moment,
        };
        let by_then = heard.verdicts(service).filter(|event| event.moment.0 <= at);
        Self { asked, builds, said: by_then.map(said).collect() }
    }

    /// Whether something that happened to a thing in an environment, or everywhere, was not cleared later: everywhere,
    /// or there. To clear a build clears nothing that is said of its version, unless that build is asked for.
    fn stands(&self, thing: &Thing, environment: Option<&str>, moment: Moment) -> bool {
        let clears = |said: &Said| {
            let there = said.environment.is_none() || said.environment.as_deref() == environment;
            let is_wide = said.of.commit.is_none() || thing.commit.is_some() || self.asked.commit == said.of.commit;
            !said.is_bad && said.moment > moment && there && is_wide && said.of.same(thing)
        };
        !self.said.iter().any(clears)
    }

    /// Whether it is said of what is asked for: by its name, by that of a build of it, or by a commit, where none of
    /// its builds names any.
    fn concerns(&self, thing: &Thing) -> bool {
        let mut builds = self.builds.iter().filter(|build| build.commit.is_some()).peekable();
        let is_vague = self.asked.commit.is_none() && builds.peek().is_none();
        thing.same(self.asked) || builds.any(|build| thing.same(build)) || is_vague && thing.version.is_none()
    }

    /// Whether it is called bad, in any of these environments or everywhere.
    fn bad(&self, environments: &[&str]) -> bool {
        let said = |said: &&Said| said.environment.as_deref().is_none_or(|said| environments.contains(&said));
        let mut bad = self.said.iter().filter(|said| said.is_bad && self.concerns(&said.of)).filter(said);
        bad.any(|said| self.stands(&said.of, said.environment.as_deref(), said.moment))
    }
}

/// By all endings of the place up to a time.
fn course(log: &[&Ending], thing: &Thing) -> Course {
    let regions: BTreeSet<&String> = log.iter().filter_map(|ending| ending.region.as_ref()).collect();
    let views: Vec<Option<&String>> = regions.iter().copied().map(Some).chain([None]).collect();
    let view = |of: Option<&String>| -> Vec<usize> {
        let speaks = |at: &usize| log[*at].region.is_none() || log[*at].region.as_ref() == of;
        (0..log.len()).filter(speaks).collect()
    };
    let first = views.iter().filter_map(|of| {
        let places = view(*of);
        let endings: Vec<&Ending> = places.iter().map(|at| log[*at]).collect();
        landings::first_landed(thing, &endings).map(|nth| places[nth])
    });
    let first = first.min();
    let (mut landed, mut undone) = (BTreeSet::new(), BTreeSet::new());
    undone.extend(reported(log, thing));
    let completed = log.iter().filter(|ending| ending.effect == Effect::Completed).map(|ending| Thing::of(ending));
    let mut builds: Vec<Thing> = completed.filter(|build| build.same(thing)).collect();
    builds.extend(undone.iter().map(|at| Thing::of(log[*at])));
    let mut what: Vec<(Thing, Moment)> = undone.iter().map(|at| (Thing::of(log[*at]), log[*at].moment)).collect();
    if let Some(first) = first {
        for of in &views {
            let places = view(*of);
            let endings: Vec<&Ending> = places.iter().map(|at| log[*at]).collect();
            let states = landings::states(&endings);
            for (nth, at) in places.iter().enumerate().filter(|(_, at)| **at >= first && is_of(log, **at, *of)) {
                let Some(live) = &states[nth].live else { continue };
                let before = nth.checked_sub(1).and_then(|before| states[before].live.as_ref());
                if live.thing.same(thing) {
                    landed.insert(*at);
                } else if let Some(before) = before.filter(|before| before.thing.same(thing))
                    && live.change == Some("rollback")
                {
                    undone.insert(*at);
                    what.push((before.thing.clone(), log[*at].moment));
                }
            }
        }
    }
    // What was undone in a region comes back there, or in the whole environment.
    let back = |undone: &usize| {
        let there = |at: &&usize| log[**at].region.is_none() || log[**at].region == log[*undone].region;
        landed.iter().filter(|at| *at > undone).find(there).copied()
    };
    let backs: Option<Vec<usize>> = undone.iter().map(back).collect();
    let since = backs.and_then(|backs| backs.into_iter().chain(landed.first().copied()).max());
    let since = since.filter(|_| !landed.is_empty());
    Course { since: since.map(|at| log[at].moment.0), undone: what, builds }
}

/// Whether an ending is one that puts something live in a view: those that name no region speak of each that was named
/// by then, and of the whole where none was.
fn is_of(log: &[&Ending], at: usize, view: Option<&String>) -> bool {
    let named = |of: &String| log[..=at].iter().any(|ending| ending.region.as_ref() == Some(of));
    let is_landing = matches!(log[at].effect, Effect::Completed | Effect::RolledBack);
    is_landing
        && match (view, &log[at].region) {
            (Some(of), Some(region)) => of == region,
            (Some(of), None) => named(of),
            (None, region) => region.is_none() && log[..=at].iter().all(|ending| ending.region.is_none()),
        }
}

/// Which of these endings, the earliest first, say that a deployment of the thing was rolled back, or failed after it
/// had completed.
fn reported(log: &[&Ending], thing: &Thing) -> Vec<usize> {
    let undoes = |at: &usize| {
        let ending = log[*at];
        let ended = log[..*at].iter().rev().filter(|other| other.deployment == ending.deployment);
        let ended =
            ended.map(|other| other.effect).find(|effect| matches!(effect, Effect::Completed | Effect::Removed));
        Thing::of(ending).same(thing)
            && match ending.effect {
                Effect::RolledBack => ended != Some(Effect::Removed),
                Effect::Failed => ended == Some(Effect::Completed),
                _ => false,
            }
    };
    (0..log.len()).filter(undoes).collect()
}

fn is_other(question: &GateQuestion, deployment: &Deployment) -> bool {
    deployment.environment == question.environment
        && deployment.service == question.service
        && question.deployment.as_ref() != Some(&deployment.id)
        && deployment.is_active()
}

fn active_now(heard: &Heard, question: &GateQuestion) -> usize {
    let deployments = heard.deployments().map(|(id, events)| fold::fold(id, events));
    deployments.filter(|deployment| is_other(question, deployment)).count()
}

/// Of the ten of the place that were created last before then, of those that were known then.
fn active_then(heard: &Heard, question: &GateQuestion, at: i64) -> usize {
    let of_place = |(deployment, _): &(Deployment, &Vec<Event>)| {
        deployment.environment == question.environment
            && deployment.service == question.service
            && deployment.created.0 <= at
    };
    let all = heard.deployments().map(|(id, events)| (fold::fold(id, events), events));
    let mut created: Vec<(Deployment, &Vec<Event>)> = all.filter(of_place).collect();
    created.sort_by(|(a, _), (b, _)| (b.created.0, &b.id).cmp(&(a.created.0, &a.id)));
    let known = |event: &&Event| question.when.known_at.is_none_or(|time| event.recorded <= time);
    let then = created.into_iter().filter_map(|(deployment, events)| {
        let by_then: Vec<Event> = events.iter().filter(known).filter(|event| event.moment.0 <= at).cloned().collect();
        (!by_then.is_empty()).then(|| fold::fold(&deployment.id, &by_then))
    });
    then.take(10).filter(|deployment| is_other(question, deployment)).count()
}
