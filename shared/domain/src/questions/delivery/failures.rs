//! Change failures: what speaks against deployments that reached their environment, how long each took to recover
//! from, and what was deployed to recover. Nothing counts that happened after the window's end.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::answer::ChangeFailures;
use super::{Ended, Window};
use crate::identifiers::{DeploymentId, Environment, Service};
use crate::{Status, Subject, Timestamp};

/// How a change failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum How {
    /// It was rolled back, or what had landed before it was deployed anew in its place.
    Undone,
    /// It failed after it had completed.
    FailedAfter,
    /// What was measured of it was bad.
    JudgedBad,
    /// An incident began while it ran.
    Incident,
}

/// What speaks against a deployment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Against {
    /// The deployment.
    pub deployment_id: DeploymentId,
    /// How it failed.
    pub how: How,
    /// When.
    pub at: Timestamp,
    /// When that was over, of an incident that was resolved.
    pub over_at: Option<Timestamp>,
    /// The history that says so: its own, that of what was deployed in its place, or the incident's.
    pub by: DeploymentId,
}

/// What figures are counted from.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// The deployments and incidents that ended.
    pub ended: Vec<Ended>,
    /// What speaks against deployments, among others those that ended.
    pub against: Vec<Against>,
    /// Whether what was measured is among it.
    pub judged: bool,
}

impl Facts {
    /// What ended, with what its own figures say against it besides all else. Where a rollback is no failure, none
    /// counts.
    #[must_use]
    pub fn new(
        ended: Vec<Ended>,
        others: Vec<Against>,
        rollback_is_failure: impl Fn(&Environment, &Service) -> bool,
    ) -> Self {
        let own = ended.iter().filter_map(own);
        let mut against: Vec<Against> = own.chain(others).collect();
        // Few of many are undone, and of each place it is asked by its name in the settings.
        let undone: HashSet<&DeploymentId> =
            against.iter().filter(|one| one.how == How::Undone).map(|one| &one.deployment_id).collect();
        let forgiven =
            ended.iter().filter(|(id, of)| undone.contains(id) && !rollback_is_failure(&of.environment, &of.service));
        let forgiven: HashSet<DeploymentId> = forgiven.map(|(id, _)| id.clone()).collect();
        against.retain(|one| one.how != How::Undone || !forgiven.contains(&one.deployment_id));
        Self { ended, against, judged: true }
    }
}

/// What the figures of a deployment say against it by themselves.
fn own((id, of): &Ended) -> Option<Against> {
    let how = match of.status {
        Status::RolledBack => How::Undone,
        Status::Failed => How::FailedAfter,
        _ => return None,
    };
    let (at, id) = (of.finished_at, id.clone());
    of.is_change_failure().then(|| Against { by: id.clone(), deployment_id: id, how, at, over_at: None })
}

/// The change failures among deployments, and what follows from them.
pub(super) struct Failures<'e> {
    failed: BTreeMap<&'e DeploymentId, Vec<&'e Against>>,
    /// How long each took to recover from, in seconds, as far as it was and that is known.
    recoveries: BTreeMap<&'e DeploymentId, f64>,
    /// The deployments after a change failure, up to and with the one that restored.
    reworks: BTreeSet<&'e DeploymentId>,
    /// The incidents that count against a deployment here.
    explained: BTreeSet<&'e DeploymentId>,
    /// Whether what was measured is known.
    judged: bool,
}

type Place<'e> = (&'e Environment, &'e Service);

impl<'e> Failures<'e> {
    /// Those of these deployments by what speaks against them.
    pub(super) fn of(ended: &[&'e Ended], facts: &'e Facts, window: &Window) -> Self {
        let reached: HashMap<&DeploymentId, &Ended> =
            ended.iter().filter(|(_, of)| of.reached).map(|ended| (&ended.0, *ended)).collect();
        let mut failed: BTreeMap<&DeploymentId, Vec<&Against>> = BTreeMap::new();
        // What took the place of another is one of these itself: what counts does not depend on how much was read.
        let counts = |one: &&Against| {
            let happened = match one.how {
                // It may have been measured before the end that is in the window.
                How::JudgedBad | How::FailedAfter => one.at < window.to(),
                How::Undone => window.contains(one.at) && reached.contains_key(&one.by),
                How::Incident => window.contains(one.at),
            };
            happened && reached.contains_key(&one.deployment_id)
        };
        for one in facts.against.iter().filter(counts) {
            failed.entry(&one.deployment_id).or_default().push(one);
        }
        let mut landings: BTreeMap<Place<'e>, Vec<(Timestamp, &Ended)>> = BTreeMap::new();
        for ended in reached.values() {
            let (_, of) = ended;
            let at = of.landed_at().unwrap_or(of.finished_at);
            landings.entry((&of.environment, &of.service)).or_default().push((at, ended));
        }
        for landings in landings.values_mut() {
            landings.sort_by(|(one, (id, _)), (other, (than, _))| one.cmp(other).then_with(|| id.cmp(than)));
        }
        let (mut recoveries, mut reworks) = (BTreeMap::new(), BTreeSet::new());
        for (id, against) in &failed {
            let Some((_, of)) = reached.get(id) else { continue };
            let Some(begun) = begun(against, of.landed_at()) else { continue };
            let here = landings.get(&(&of.environment, &of.service)).map(Vec::as_slice).unwrap_or_default();
            let later = &here[here.partition_point(|(at, _)| *at <= begun)..];
            let is_good =
                |(_, (other, of)): &&(Timestamp, &Ended)| of.status == Status::Completed && !failed.contains_key(other);
            let by_landing = later.iter().find(is_good).map(|(at, _)| *at);
            let over = against.iter().filter_map(|one| match one.how {
                // The earlier version runs again.
                How::Undone => Some(one.at),
                _ => one.over_at.filter(|over| *over < window.to()),
            });
            let over = over.filter(|over| *over >= begun).chain(by_landing).min();
            recoveries.extend(over.map(|over| (*id, over.seconds_since(begun))));
            let meanwhile = later.iter().take_while(|(at, _)| over.is_none_or(|over| *at <= over));
            reworks.extend(meanwhile.map(|(_, (other, _))| other).filter(|other| *other != *id));
        }
        let explained = failed.values().flatten().map(|one| &one.by);
        let explained = explained.filter(|by| by.subject() == Subject::Incident).collect();
        Self { failed, recoveries, reworks, explained, judged: facts.judged }
    }

    /// How many of these deployments failed, and how.
    pub(super) fn counts(&self, of: &[&Ended]) -> ChangeFailures {
        let failed: Vec<&Vec<&Against>> = of.iter().filter_map(|(id, _)| self.failed.get(id)).collect();
        let count = |how: How| failed.iter().filter(|of| of.iter().any(|one| one.how == how)).count() as u64;
        ChangeFailures {
            undone: count(How::Undone),
            failed_after: count(How::FailedAfter),
            judged_bad: self.judged.then(|| count(How::JudgedBad)),
            incidents: count(How::Incident),
            total: failed.len() as u64,
        }
    }

    /// How long those of these deployments that failed took to recover from.
    pub(super) fn recoveries(&self, of: &[&Ended]) -> impl Iterator<Item = f64> {
        of.iter().filter_map(|(id, _)| self.recoveries.get(id).copied())
    }

    /// How many of these deployments came after a change failure, up to and with the one that restored.
    pub(super) fn reworks(&self, of: &[&Ended]) -> u64 {
        of.iter().filter(|(id, _)| self.reworks.contains(id)).count() as u64
    }

    /// Whether an incident counts against a deployment.
    pub(super) fn explains(&self, incident: &DeploymentId) -> bool {
        self.explained.contains(incident)
    }
}

/// When a failure began: with the first that speaks against it. Where nothing does before it was undone, that is when
/// it landed: it was bad since then at most, and since when, nobody says.
fn begun(against: &[&Against], landed: Option<Timestamp>) -> Option<Timestamp> {
    let first = against.iter().map(|one| one.at).min();
    let undone = against.iter().filter(|one| one.how == How::Undone).map(|one| one.at).min();
    if undone.is_some() && first == undone { landed.filter(|landed| Some(*landed) <= first) } else { first }
}
