//! Which versions of a service are bad, and why: what was undone of them, and what people said.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::event::Verdict;
use crate::identifiers::{Commit, DeploymentId, Environment, Service, Version};
use crate::ledger::mark::Mark;
use crate::live::Entry;
use crate::live::thing::Thing;
use crate::live::undone::{Undone, brought, how};
use crate::questions::asked::Asked;
use crate::questions::verdicts::{Against, Verdicts};
use crate::settings::SettingsInUse;
use crate::{Moment, Timestamp};

/// How much evidence of one version is answered.
pub const EVIDENCE: usize = 20;

/// What is known of the versions of a service.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// What people said of them.
    pub marks: Vec<Mark>,
    /// What [undid](crate::live::undone::undoings) deployments of them, and where.
    pub undone: Vec<(Environment, Entry)>,
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
    /// The deployment that was undone.
    pub deployment_id: Option<DeploymentId>,
    /// Who called it bad.
    pub by: Option<String>,
    /// Why.
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
            by: None,
            reason: None,
            cleared,
        });
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

impl BadVersion {
    /// The thing.
    #[must_use]
    pub fn thing(&self) -> Thing {
        Thing { version: self.version.clone(), commit: self.commit.clone() }
    }
}
