//! Which version is live: the log of endings of one (environment, service), and what follows from it.
//!
//! The log is a function of the deployments' summaries ([`entries`]), and the live version is a
//! function of the log ([`resolve`]), as of any point in time. So neither can drift from history.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::identifiers::{Commit, DeploymentId, Environment, Service, Version};
use crate::ledger::summary::Summary;
use crate::time::as_millis;
use crate::{Status, Timestamp};

/// What an ending did to its environment. In alphabetical order, which is also that of the log's
/// keys: entries of one deployment at one millisecond follow each other so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Effect {
    /// Nothing: given up.
    Cancelled,
    /// Put its version live.
    Completed,
    /// Nothing: failed.
    Failed,
    /// Left nothing running.
    Removed,
    /// Put an earlier version back.
    RolledBack,
}

impl Effect {
    /// As it stands in keys.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cancelled => "CANCELLED",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
            Self::Removed => "REMOVED",
            Self::RolledBack => "ROLLED_BACK",
        }
    }

    /// Whether what runs can be different afterwards.
    #[must_use]
    pub fn changes_live(self) -> bool {
        matches!(self, Self::Completed | Self::Removed | Self::RolledBack)
    }

    fn status(self) -> Status {
        match self {
            Self::Cancelled => Status::Cancelled,
            Self::Completed | Self::Removed => Status::Completed,
            Self::Failed => Status::Failed,
            Self::RolledBack => Status::RolledBack,
        }
    }
}

/// The place that a version can be live in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Where.
    pub environment: Environment,
    /// What.
    pub service: Service,
}

/// One ending in the log of a [`Place`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// When it happened.
    #[serde(with = "as_millis")]
    pub at: Timestamp,
    /// The deployment that ended.
    pub deployment_id: DeploymentId,
    /// What the ending did.
    pub effect: Effect,
    /// The deployment's version, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// The deployment's commit, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<Commit>,
    /// The version that it went back to, if it said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback_to: Option<Version>,
}

/// The place of a deployment and its entries there. The end of an incident puts nothing live.
#[must_use]
pub fn entries(summary: &Summary) -> (Place, BTreeSet<Entry>) {
    let place = Place { environment: summary.environment(), service: summary.service() };
    if summary.deployment_id.is_incident() {
        return (place, BTreeSet::new());
    }
    let (version, commit) = (summary.version(), summary.commit());
    // Of several endings at one millisecond with one effect the greatest counts; they come in order.
    let mut at_most_one = BTreeMap::new();
    for ending in &summary.endings {
        let effect = match (ending.order.status(), ending.removal) {
            (Status::Completed, false) => Effect::Completed,
            (Status::Completed, true) => Effect::Removed,
            (Status::RolledBack, _) => Effect::RolledBack,
            (Status::Failed, _) => Effect::Failed,
            _ => Effect::Cancelled,
        };
        let entry = Entry {
            at: ending.order.occurred_at(),
            deployment_id: summary.deployment_id.clone(),
            effect,
            version: version.clone(),
            commit: commit.clone(),
            rollback_to: ending.rollback_to.clone(),
        };
        at_most_one.insert((entry.at, effect), entry);
    }
    (place, at_most_one.into_values().collect())
}

/// What runs in a place.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Live {
    /// The version, if one runs and is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// Its commit, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<Commit>,
    /// Since when it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// The deployment that it came with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployment_id: Option<DeploymentId>,
    /// Whether it came back: it was live before, then another version was.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rollback: bool,
}

/// The log that was given ends before the answer does: read further back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadFurther;

/// What runs, given the newest entries that [change what runs](Effect::changes_live), newest first.
///
/// * completed: its version;
/// * rolled back: the version that it names, or else the newest completed version before it that was
///   not rolled back itself;
/// * removed: nothing, unless the removal was rolled back.
///
/// # Errors
/// [`ReadFurther`] when a rollback leads back past the last entry and `whole` says that there are
/// older ones.
pub fn resolve(newest_first: &[Entry], whole: bool) -> Result<Live, ReadFurther> {
    let mut undone = BTreeSet::new();
    let mut since = None;
    for (index, entry) in newest_first.iter().enumerate() {
        let older = &newest_first[index + 1..];
        match (entry.effect, &entry.rollback_to) {
            (Effect::Completed | Effect::Removed, _) if undone.contains(&entry.deployment_id) => {}
            (Effect::Removed, _) => return Ok(Live::default()),
            (Effect::Completed, _) => {
                let came_back = since.is_some() || has_come_back(entry, older, whole);
                return Ok(Live {
                    version: entry.version.clone(),
                    commit: entry.commit.clone(),
                    since: since.or(Some(entry.at)),
                    deployment_id: Some(entry.deployment_id.clone()),
                    rollback: came_back,
                });
            }
            (Effect::RolledBack, Some(target)) if !undone.contains(&entry.deployment_id) => {
                let origin = older.iter().find(|o| o.effect == Effect::Completed && o.version.as_ref() == Some(target));
                return Ok(Live {
                    version: Some(target.clone()),
                    commit: origin.and_then(|origin| origin.commit.clone()),
                    since: since.or(Some(entry.at)),
                    // The deployment that was rolled back is not the one that runs now.
                    deployment_id: origin.map(|origin| origin.deployment_id.clone()),
                    rollback: true,
                });
            }
            (Effect::RolledBack, _) => {
                undone.insert(&entry.deployment_id);
                since = since.or(Some(entry.at));
            }
            (Effect::Cancelled | Effect::Failed, _) => {}
        }
    }
    if whole || since.is_none() { Ok(Live { rollback: since.is_some(), ..Live::default() }) } else { Err(ReadFurther) }
}

/// What runs, given a log newest first, of which `whole` says that nothing is left to read: from its
/// newest [`Tail::MOST`] entries if they tell, and from all of them if they don't.
///
/// # Errors
/// [`ReadFurther`] when more of the log is needed.
pub fn resolve_newest(newest_first: &[Entry], whole: bool) -> Result<Live, ReadFurther> {
    match newest_first.get(..Tail::MOST) {
        Some(newest) if newest_first.len() > Tail::MOST => {
            resolve(newest, false).or_else(|_| resolve(newest_first, whole))
        }
        _ if whole => resolve(newest_first, true),
        _ => Err(ReadFurther),
    }
}

/// Whether the version that `entry` completed was live before, with another one in between.
fn has_come_back(entry: &Entry, older: &[Entry], whole: bool) -> bool {
    let was_live = entry.version.is_some() && older.iter().any(|o| o.effect == Effect::Completed && is_same(o, entry));
    was_live && resolve(older, whole).is_ok_and(|before| before.version != entry.version)
}

/// Whether both completed the same: a branch is a version too, and moves from commit to commit.
fn is_same(one: &Entry, other: &Entry) -> bool {
    let differ = one.commit.is_some() && other.commit.is_some() && one.commit != other.commit;
    one.version == other.version && !differ
}

/// How the last deployment to a place ended, whatever it did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LastAttempt {
    /// The deployment.
    #[schemars(with = "String")]
    pub deployment_id: DeploymentId,
    /// Its version, if it is known.
    #[schemars(with = "Option<String>")]
    pub version: Option<Version>,
    /// How it ended.
    pub status: Status,
    /// When.
    #[schemars(with = "String")]
    pub at: Timestamp,
}

impl From<&Entry> for LastAttempt {
    fn from(entry: &Entry) -> Self {
        Self {
            deployment_id: entry.deployment_id.clone(),
            version: entry.version.clone(),
            status: entry.effect.status(),
            at: entry.at,
        }
    }
}

/// The newest part of a place's log, kept with the answer so that the next ending can be added
/// without reading the log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tail {
    /// The newest entries that change what runs, newest first, at most [`Tail::MOST`].
    pub landings: Vec<Entry>,
    /// Whether there are older ones.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
    /// The newest entry that changes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub miss: Option<Entry>,
}

impl Tail {
    /// How many entries are kept.
    pub const MOST: usize = 10;

    /// Adds an entry, in whatever order they come; one that is there already changes nothing.
    pub fn add(&mut self, entry: Entry) {
        if !entry.effect.changes_live() {
            self.miss = self.miss.take().max(Some(entry));
            return;
        }
        match self.landings.binary_search_by(|other| entry.cmp(other)) {
            Ok(_) => {}
            Err(at) => self.landings.insert(at, entry),
        }
        if self.landings.len() > Self::MOST {
            self.landings.truncate(Self::MOST);
            self.cut = true;
        }
    }

    /// What runs.
    ///
    /// # Errors
    /// [`ReadFurther`] when these entries don't tell.
    pub fn live(&self) -> Result<Live, ReadFurther> {
        resolve(&self.landings, !self.cut)
    }

    /// How the last deployment ended.
    #[must_use]
    pub fn last_attempt(&self) -> Option<LastAttempt> {
        self.landings.first().max(self.miss.as_ref()).map(LastAttempt::from)
    }
}

#[cfg(test)]
mod tests;
