//! Which versions of a service are bad, and why: what was undone of them, what was measured, and what people said.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::event::{Event, Kind, Verdict};
use crate::health::piece::{Piece, Rule};
use crate::health::verdict::reason;
use crate::identifiers::{Commit, DeploymentId, Environment, Service, Version};
use crate::ledger::mark::Mark;
use crate::live::Entry;
use crate::live::thing::Thing;
use crate::live::undone::{Undone, brought, how};
use crate::questions::asked::Asked;
use crate::questions::verdicts::{Against, Verdicts};
use crate::settings::SettingsInUse;
use crate::{Moment, Status, Timestamp};

/// How much evidence of one version is answered.
pub const EVIDENCE: usize = 20;

/// What is known of the versions of a service.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// What people said of them.
    pub marks: Vec<Mark>,
    /// What [undid](crate::live::undone::undoings) deployments of them, and where.
    pub undone: Vec<(Environment, Entry)>,
    /// What was measured of deployments of them that landed, cleared or not.
    pub measured: Vec<Measured>,
}

/// What was measured of a deployment that landed, and makes it bad.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// Where.
    pub environment: Environment,
    /// The deployment.
    pub deployment_id: DeploymentId,
    /// What it brought.
    pub thing: Thing,
    /// What speaks against it, the earliest first.
    pub pieces: Vec<Piece>,
}

/// Which of them are asked for.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// What is bad for this environment: there, or in another of the path that it is on. All, if none is named.
    pub environment: Asked<Environment>,
    /// By what had happened by this time; none for all.
    pub as_of: Option<Timestamp>,
    /// Those too of which all that speaks against them was cleared.
    pub cleared: bool,
}

/// Why a version is bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Why {
    /// A deployment of it was rolled back.
    RolledBack,
    /// A deployment of it failed after it had completed.
    FailedAfterCompleting,
    /// Someone called it bad.
    Marked,
    /// What was measured of a deployment of it speaks against it: observed, or told by its own events.
    Measured,
}

/// What speaks against a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// What it shows.
    pub why: Why,
    /// When.
    pub moment: Moment,
    /// Where; none where it is said of everywhere.
    pub environment: Option<Environment>,
    /// The deployment that was undone, or of which it was measured.
    pub deployment_id: Option<DeploymentId>,
    /// By what it is judged, of what was measured.
    pub rule: Option<Rule>,
    /// Who called it bad.
    pub by: Option<String>,
    /// Why, or what was measured, in words.
    pub reason: Option<String>,
    /// What cleared it of this.
    pub cleared: Option<Mark>,
}

/// A version that is bad, or was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadVersion {
    /// Its version, where it is named.
    pub version: Option<Version>,
    /// Its commit, where it is named.
    pub commit: Option<Commit>,
    /// Whether all that speaks against it was cleared.
    pub is_cleared: bool,
    /// Since when it is bad: when the first happened that was not cleared; of one that is cleared, the first of all.
    pub since: Timestamp,
    /// What speaks against it, the latest first; what was cleared, only where that is asked for.
    pub evidence: Vec<Evidence>,
}

/// The versions of a service that are bad, in the order of their names, by the settings in force. Each is one version and commit, as it was named.
#[must_use]
pub fn bad(
    known: &Known,
    question: &Question,
    service: &Service,
    SettingsInUse { settings, names, path }: &SettingsInUse,
) -> Vec<BadVersion> {
    let service = names.services.resolve(service);
    let by_then = |moment: Moment| question.as_of.is_none_or(|as_of| moment.at <= as_of);
    let marks: Vec<Mark> = known.marks.iter().filter(|mark| by_then(mark.moment)).cloned().collect();
    let mut things: BTreeMap<(Option<Version>, Option<Commit>), Vec<Evidence>> = BTreeMap::new();
    for mark in marks.iter().filter(|mark| mark.outcome == Verdict::Bad) {
        let thing = mark.thing();
        let verdicts = Verdicts::of(&thing, [], &marks, names, path);
        if !question.environment.name().is_none_or(|asked| verdicts.is_along(mark, asked)) {
            continue;
        }
        let (environment, moment) = (mark.environment.as_ref(), mark.moment);
        let cleared = verdicts.cleared(Against { thing: &thing, environment, moment });
        things.entry((thing.version, thing.commit)).or_default().push(Evidence {
            why: Why::Marked,
            moment: mark.moment,
            environment: mark.environment.clone(),
            deployment_id: None,
            rule: None,
            by: Some(mark.by.clone()),
            reason: Some(mark.reason.as_str().to_owned()),
            cleared: cleared.cloned(),
        });
    }
    let here =
        |environment: &Environment| question.environment.name().is_none_or(|asked| path.is_along(environment, asked));
    for (environment, entry) in &known.undone {
        let environment = names.environments.resolve(environment);
        let counts = settings.health_bounds(environment, service).is_failure(how(entry));
        if !counts || !by_then(entry.moment()) || !here(environment) {
            continue;
        }
        let thing = brought(entry);
        let verdicts = Verdicts::of(&thing, [], &marks, names, path);
        let against = Against { thing: &thing, environment: Some(environment), moment: entry.moment() };
        let cleared = verdicts.cleared(against).cloned();
        things.entry((thing.version, thing.commit)).or_default().push(Evidence {
            why: if how(entry) == Undone::RolledBack { Why::RolledBack } else { Why::FailedAfterCompleting },
            moment: entry.moment(),
            environment: Some(environment.clone()),
            deployment_id: Some(entry.deployment_id.clone()),
            rule: None,
            by: None,
            reason: None,
            cleared,
        });
    }
    for measured in &known.measured {
        let environment = names.environments.resolve(&measured.environment);
        if !here(environment) {
            continue;
        }
        let Thing { version, commit } = measured.thing.clone();
        let verdicts = Verdicts::of(&measured.thing, [], &marks, names, path);
        things.entry((version, commit)).or_default().extend(of_measured(measured, environment, &verdicts));
    }
    let listed = things.into_iter().filter_map(|((version, commit), mut evidence)| {
        let is_cleared = evidence.iter().all(|evidence| evidence.cleared.is_some());
        if !question.cleared {
            evidence.retain(|evidence| evidence.cleared.is_none());
        }
        let counts = |evidence: &&Evidence| is_cleared || evidence.cleared.is_none();
        let since = evidence.iter().filter(counts).map(|evidence| evidence.moment).min()?.at;
        // The sort is stable: of one moment, what a person says comes first.
        evidence.sort_by_key(|evidence| std::cmp::Reverse(evidence.moment));
        evidence.truncate(EVIDENCE);
        Some(BadVersion { version, commit, is_cleared, since, evidence })
    });
    listed.collect()
}

/// What an event says is on its way, where it is the whole deployment that it speaks of: whoever reports it hears whether
/// that is known to be bad. None where it names nothing, or where the deployment did not get there.
#[must_use]
pub fn on_its_way(event: &Event) -> Option<Thing> {
    let gets_there = !event.status.is_terminal() || event.status == Status::Completed;
    let thing = Thing { version: event.named.version.clone(), commit: event.named.commit.clone() };
    let is_named = thing.version.is_some() || thing.commit.is_some();
    (event.kind == Kind::Deployment && gets_there && is_named).then_some(thing)
}

/// By which rule pieces of evidence judge, and what cleared them.
type Group<'p> = (Rule, Option<(Moment, &'p str)>);
/// What cleared them, and these.
type Cleared<'p> = (Option<&'p Mark>, Vec<&'p Piece>);

/// What was measured of one deployment: of each rule what stands, and what each clearing cleared.
fn of_measured(measured: &Measured, environment: &Environment, verdicts: &Verdicts<'_>) -> Vec<Evidence> {
    let mut groups: BTreeMap<Group<'_>, Cleared<'_>> = BTreeMap::new();
    for piece in &measured.pieces {
        let (thing, environment) = (&measured.thing, Some(environment));
        let cleared = verdicts.cleared(Against { thing, environment, moment: piece.moment });
        let by = cleared.map(|mark| (mark.moment, mark.key.as_str()));
        groups.entry((piece.rule, by)).or_insert_with(|| (cleared, Vec::new())).1.push(piece);
    }
    let evidence = groups.into_iter().filter_map(|((rule, _), (cleared, pieces))| {
        Some(Evidence {
            why: Why::Measured,
            moment: pieces.first()?.moment,
            environment: Some(environment.clone()),
            deployment_id: Some(measured.deployment_id.clone()),
            rule: Some(rule),
            by: None,
            reason: reason(rule, &pieces).map(|reason| reason.words()),
            cleared: cleared.cloned(),
        })
    });
    evidence.collect()
}

impl BadVersion {
    /// The thing.
    #[must_use]
    pub fn thing(&self) -> Thing {
        Thing { version: self.version.clone(), commit: self.commit.clone() }
    }
}
