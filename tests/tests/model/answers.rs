//! The answers to questions, computed anew from everything that was heard.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::compare::{self, Half};
use super::fold::{self, Deployment};
use super::heard::{Event, Heard};
use super::log::{self, Ending, Place};
use super::{cells, speaks_of_regions};

/// A question for what is live.
#[derive(Debug, Clone, Default)]
pub(super) struct LiveQuestion {
    /// The last millisecond that is asked for.
    pub(super) as_of: Option<i64>,
    /// The last millisecond of what is to be known.
    pub(super) known_at: Option<i64>,
    pub(super) environment: Option<String>,
    pub(super) service: Option<String>,
}

/// What follows from all that was heard.
pub(super) struct Answers {
    pub(super) deployments: Vec<(Deployment, Vec<Event>)>,
    logs: BTreeMap<Place, Vec<Ending>>,
    /// The environments that were retired once.
    retired: BTreeSet<String>,
}

impl Answers {
    pub(super) fn of(heard: &Heard) -> Self {
        let fold = |(id, events): (&String, &Vec<Event>)| (fold::fold(id, events), events.clone());
        let mut deployments: Vec<(Deployment, Vec<Event>)> = heard.deployments().map(fold).collect();
        // Newest first.
        deployments.sort_by(|(a, _), (b, _)| (b.created.0, &b.id).cmp(&(a.created.0, &a.id)));
        let mut logs = log::logs(&deployments, heard);
        if !speaks_of_regions() {
            logs.values_mut().flatten().for_each(|ending| ending.region = None);
        }
        let places = deployments.iter().map(|(deployment, _)| &deployment.environment);
        let retired = places.filter(|name| heard.retirements(name).next().is_some()).cloned().collect();
        Self { deployments, logs, retired }
    }

    /// The endings of a place, in their order.
    pub(super) fn log(&self, place: &Place) -> &[Ending] {
        self.logs.get(place).map(Vec::as_slice).unwrap_or_default()
    }

    /// Each deployment as the question for it alone answers it, by its id.
    pub(super) fn each(&self) -> Vec<(String, Value)> {
        self.deployments.iter().map(|(deployment, _)| (deployment.id.clone(), deployment.full())).collect()
    }

    /// A list of the deployments that `wanted` lets through.
    pub(super) fn listed(&self, wanted: impl Fn(&Deployment) -> bool) -> Vec<Value> {
        let wanted = self.deployments.iter().filter(|(deployment, _)| wanted(deployment));
        let listed = wanted.map(|(deployment, _)| {
            let mut item = deployment.listed();
            item["change"] = json!(self.change(deployment));
            item
        });
        listed.collect()
    }

    /// Those that have not finished.
    pub(super) fn active(&self, environment: Option<&str>) -> Vec<Value> {
        let of = |deployment: &&(Deployment, Vec<Event>)| {
            deployment.0.is_active() && environment.is_none_or(|name| name == deployment.0.environment)
        };
        self.deployments.iter().filter(of).map(|(deployment, _)| deployment.full()).collect()
    }

    /// The change that a deployment brought, if its status is one that brings any.
    fn change(&self, deployment: &Deployment) -> Option<&'static str> {
        let last = deployment.last.as_ref()?;
        let effect = log::effect(last)?;
        let log = self.logs.get(&(deployment.environment.clone(), deployment.service.clone()))?;
        let log: Vec<&Ending> = log.iter().collect();
        let place = log.iter().position(|ending| ending.order() == (last.moment, &deployment.id, effect))?;
        cells::change_at(&log, place)
    }

    /// The places, by environment, in the order of the promotion path of usual names, and by service.
    pub(super) fn places(&self) -> Vec<Place> {
        let place =
            |(deployment, _): &(Deployment, Vec<Event>)| (deployment.environment.clone(), deployment.service.clone());
        let mut places: Vec<Place> = self.deployments.iter().map(place).collect();
        places.sort_by_key(|place| (standing(&place.0), place.clone()));
        places.dedup();
        places
    }

    /// The moments of all endings.
    pub(super) fn endings(&self) -> Vec<i64> {
        self.logs.values().flatten().map(|ending| ending.moment.0).collect()
    }

    /// Whether an environment is retired: it was once, nothing is shown there, and nothing is on its way.
    fn is_retired(&self, environment: &str) -> bool {
        let there = LiveQuestion { environment: Some(environment.to_owned()), ..LiveQuestion::default() };
        self.retired.contains(environment) && self.active(Some(environment)).is_empty() && self.cells(&there).is_empty()
    }

    /// The environments and services where deployments stand, retired ones only if they are asked for; of one
    /// service, if it is named.
    pub(super) fn catalog(&self, with_retired: bool, service: Option<&str>) -> Value {
        let (mut environments, mut services) = (Vec::new(), BTreeMap::<String, Vec<String>>::new());
        for (environment, of) in self.places() {
            if !with_retired && self.is_retired(&environment) {
                continue;
            }
            if environments.last() != Some(&environment) {
                environments.push(environment.clone());
            }
            if service.is_none_or(|service| service == of) {
                services.entry(of).or_default().push(environment);
            }
        }
        let services = services.iter();
        let services = services.map(|(service, names)| json!({"service": service, "environments": names}));
        json!({"environments": environments, "services": services.collect::<Vec<Value>>()})
    }

    fn cells(&self, question: &LiveQuestion) -> Vec<Value> {
        let asked = |wanted: &Option<String>, name: &String| wanted.as_ref().is_none_or(|wanted| wanted == name);
        let unknown = Some("unknown".to_owned());
        let asks_unknown = question.environment == unknown || question.service == unknown;
        let mut cells = Vec::new();
        let mut logs: Vec<(&Place, &Vec<Ending>)> = self.logs.iter().collect();
        logs.sort_by_key(|(place, _)| (standing(&place.0), *place));
        for (place, log) in logs {
            let (environment, service) = place;
            if !asked(&question.environment, environment) || !asked(&question.service, service) {
                continue;
            }
            if (environment == "unknown" || service == "unknown") && !asks_unknown {
                continue;
            }
            let until = |ending: &&Ending| question.as_of.is_none_or(|as_of| ending.moment.0 <= as_of);
            cells.extend(cells::cell(place, &log.iter().filter(until).collect::<Vec<_>>()));
        }
        cells
    }
}

/// What one environment runs beside another.
pub(super) fn compared(
    heard: &Heard,
    (from, to): (&str, &str),
    (as_of, known_at): (Option<i64>, Option<i64>),
    now: i64,
) -> Vec<Value> {
    let known = known_at.map_or_else(|| heard.clone(), |time| heard.known_at(time));
    let answers = Answers::of(&known);
    let services: BTreeSet<&String> = answers.logs.keys().map(|(_, service)| service).collect();
    let known = services.into_iter().filter(|service| *service != "unknown");
    let half = |environment: &str, service: &str| {
        let place = (environment.to_owned(), service.to_owned());
        let log = answers.logs.get(&place).map(Vec::as_slice).unwrap_or_default();
        let until = |ending: &&Ending| as_of.is_none_or(|as_of| ending.moment.0 <= as_of);
        Half::new(&place, log.iter().filter(until).collect())
    };
    let leads = (from, to) == ("staging", "production");
    let compared = known.filter_map(|service| {
        let (from, to) = (half(from, service), half(to, service));
        compare::service(service, &from, &to, leads, as_of.unwrap_or(now))
    });
    compared.collect()
}

/// Where an environment stands on the promotion path, by the names that the stories use.
fn standing(environment: &str) -> u8 {
    match environment {
        "staging" => 0,
        "production" => 2,
        "unknown" => 3,
        _ => 1,
    }
}

/// What is live.
pub(super) fn live(heard: &Heard, question: &LiveQuestion) -> Vec<Value> {
    let known = question.known_at.map_or_else(|| heard.clone(), |time| heard.known_at(time));
    Answers::of(&known).cells(question)
}
