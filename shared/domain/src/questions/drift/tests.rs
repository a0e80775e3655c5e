//! Each kind with its neighbours on the boundary, over places whose logs are told in words.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::*;
use crate::fields::Unknown;
use crate::identifiers::{Commit, DeploymentId, Identifier as _, Region, Service, Version};
use crate::live::log::{Effect, Entry, Place};
use crate::live::{Cell, Landings};

mod kinds;
mod whole;

/// The time of all questions.
const AT: i64 = 400 * DAY;
const HOUR: i64 = DAY / 24;

/// What landed in places: `staging/cart` with how long ago it was and what: a version (`1`, `main@c1`), with its region
/// (`1 in eu`), the build and how it was triggered (`1 #7 by MANUAL`), a rollback to one (`<1`), or a removal (`-`).
type Story<'s> = &'s [(&'s str, &'s [(i64, &'s str)])];

fn entry(place: &str, (ago, what): (i64, &str)) -> (Entry, Deployed) {
    let (what, trigger) = what.split_once(" by ").map_or((what, None), |(what, trigger)| (what, Some(trigger)));
    let (what, build) = what.split_once(" #").map_or((what, None), |(what, build)| (what, Some(build)));
    let (what, region) = what.split_once(" in ").map_or((what, None), |(what, region)| (what, Some(region)));
    let (effect, what) = match what.strip_prefix('<') {
        Some(target) => (Effect::RolledBack, target),
        None if what == "-" => (Effect::Removed, ""),
        None => (Effect::Completed, what),
    };
    let (version, commit) = what.split_once('@').map_or((what, None), |(version, commit)| (version, Some(commit)));
    let version = Version::parse(version).ok();
    let is_back = effect == Effect::RolledBack;
    let id = format!("{place}-{ago}-{}", region.unwrap_or_default());
    let entry = Entry {
        at: Timestamp::from_millis(AT - ago),
        ahead: false,
        deployment_id: DeploymentId::parse(&id).unwrap(),
        effect,
        region: region.map(|region| Region::parse(region).unwrap()),
        version: version.clone().filter(|_| !is_back),
        commit: commit.and_then(|commit| Commit::parse(commit).ok()),
        rollback_to: version.filter(|_| is_back),
    };
    (entry, Deployed { by_hand: trigger == Some("MANUAL"), build: build.and_then(|build| build.parse().ok()) })
}

/// What could be read, and what was.
struct World {
    logs: BTreeMap<Place, Vec<Entry>>,
    deployments: BTreeMap<DeploymentId, Deployed>,
    known: Known,
    settings: Settings,
    /// How often more was read.
    rounds: usize,
}

impl World {
    fn new(settings: &serde_json::Value, story: Story<'_>) -> Self {
        let (mut logs, mut deployments, mut known) = (BTreeMap::new(), BTreeMap::new(), Known::default());
        for (name, landings) in story {
            let (environment, service) = name.split_once('/').unwrap();
            let place = Place {
                environment: Environment::parse(environment).unwrap(),
                service: Service::parse(service).unwrap(),
            };
            let mut log = Vec::new();
            for told in *landings {
                let (entry, deployed) = entry(name, *told);
                deployments.insert(entry.deployment_id.clone(), deployed);
                log.push(entry);
            }
            log.sort_by(|a: &Entry, b| b.cmp(a));
            let (cell, _) = Cell::of_log(&log);
            let read = if cell.tail.cut { Read::Tail } else { Read::Whole };
            let seen = Seen::new(place.clone(), cell.clone(), cell.tail.landings.clone(), read);
            known.places.insert(place.clone(), seen);
            logs.insert(place, log);
        }
        let settings = Settings::read(settings.clone(), Unknown::Refused).unwrap();
        Self { logs, deployments, known, settings, rounds: 0 }
    }

    fn retired(mut self, environment: &str) -> Self {
        self.known.retired.insert(Environment::parse(environment).unwrap());
        self
    }

    /// Asks, and reads what is lacking, as a store does.
    fn ask(&mut self, environment: Option<&str>, kinds: &[Kind], incomplete: &[IncompleteRelease]) -> Vec<Finding> {
        let environment = environment.map(|name| Environment::parse(name).unwrap());
        let (names, path) = (self.settings.names(), self.settings.path());
        let at = Timestamp::from_millis(AT);
        let settings = self.settings.clone();
        let (settings, names, path, environment) = (&settings, &names, &path, environment.as_ref());
        let question = Question { settings, names, path, at, environment, kinds, releases: &BTreeSet::new() };
        loop {
            let lacking = match findings(&question, &self.known, incomplete) {
                Ok(findings) => return findings,
                Err(lacking) => lacking,
            };
            self.rounds += 1;
            assert!(self.rounds < 6, "{lacking:?}");
            for (place, key) in lacking.landings {
                let landings = Landings::of_log(&self.logs[&place]).remove(&key);
                self.known.landings.insert((place, key), landings);
            }
            for id in lacking.deployments {
                self.known.deployments.insert(id.clone(), self.deployments.get(&id).copied());
            }
            let pages = lacking.pages.into_iter().map(|place| (place, 100));
            for (place, most) in pages.chain(lacking.logs.into_iter().map(|place| (place, usize::MAX))) {
                let log = &self.logs[&place];
                let read = if log.len() > most { Read::Page } else { Read::Whole };
                let seen = &self.known.places[&place];
                let further =
                    Seen::new(place.clone(), seen.cell.clone(), log.iter().take(most).cloned().collect(), read);
                self.known.places.insert(place, further);
            }
        }
    }
}

/// `dev → staging → production`, with bounds of 2 deployments and 10 days, and 30 days in production.
fn settings() -> serde_json::Value {
    json!({
        "environments": [
            {"name": "dev"}, {"name": "staging", "aliases": ["stage"]},
            {"name": "production", "production": true, "staleAfterDays": 30}
        ],
        "services": [{"name": "payments"}, {"name": "payment"}, {"name": "search", "aliases": ["find"]}],
        "lagging": {"deployments": 2, "days": 10},
    })
}

/// What is found of one kind: `production/cart`, with a severity where it is not asked for one alone.
fn found(kind: Kind, story: Story<'_>) -> Vec<String> {
    shown(&World::new(&settings(), story).ask(None, &[kind], &[]))
}

fn shown(findings: &[Finding]) -> Vec<String> {
    let name = |finding: &Finding| {
        let environment = finding.environment.as_ref().map_or("*", Environment::as_str);
        format!("{environment}/{}", finding.service.as_ref().map_or("*", Service::as_str))
    };
    findings.iter().map(name).collect()
}

/// The only finding of a kind.
fn only(kind: Kind, story: Story<'_>) -> Finding {
    let mut findings = World::new(&settings(), story).ask(None, &[kind], &[]);
    assert_eq!(findings.len(), 1, "{findings:?}");
    findings.remove(0)
}

#[test]
fn what_is_looked_for_each_hour_are_the_kinds_that_can_be_of_high_severity() {
    let can_be = |severity| Kind::ALL.into_iter().filter(|kind| kind.can_be(severity)).collect::<Vec<_>>();
    assert_eq!(can_be(Severity::High), Kind::HIGH);
    let low = [Kind::ByHand, Kind::Orphaned, Kind::BuildGap, Kind::Silent, Kind::Lookalike];
    assert_eq!(can_be(Severity::Low), low);
    for severity in Severity::ALL {
        assert_eq!(Severity::parse(severity.as_str()), Some(severity));
    }
    assert_eq!(Severity::parse("HIGH"), None);
}
