//! What runs in a place: a function of the newest part of its log.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::identifiers::{Commit, DeploymentId, Version};
use crate::live::last_attempt::LastAttempt;
use crate::live::log::{Effect, Entry};

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
    /// When what ran was taken away, where nothing runs for that reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emptied_at: Option<Timestamp>,
}

impl Live {
    fn emptied(at: Timestamp) -> Self {
        Self { emptied_at: Some(at), ..Self::default() }
    }

    /// Whether a place is to be listed, given how the last attempt there ended: not one that was never
    /// reached, and not one that was emptied since.
    #[must_use]
    pub fn is_listed(&self, last: Option<&LastAttempt>) -> bool {
        last.is_some_and(|last| self.emptied_at.is_none_or(|emptied| last.at > emptied))
    }
}

/// The entries that were given are not enough for an answer: read further back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadFurther;

/// What runs, given the newest entries that [change what runs](Effect::changes_live), newest first.
///
/// * completed: its version;
/// * rolled back: the version that it names, or else the newest completed version before it that was
///   not rolled back itself;
/// * removed: nothing, unless the removal was rolled back;
/// * torn down: nothing, if what was live by then came with the same deployment.
///
/// # Errors
/// [`ReadFurther`] when a rollback leads back past the last entry, or to a version that is not among them,
/// and `whole` says that there are older ones.
pub fn resolve(newest_first: &[Entry], whole: bool) -> Result<Live, ReadFurther> {
    let mut undone = BTreeSet::new();
    let mut since = None;
    for (index, entry) in newest_first.iter().enumerate() {
        let older = &newest_first[index + 1..];
        match (entry.effect, &entry.rollback_to) {
            (Effect::Completed | Effect::Removed, _) if undone.contains(&entry.deployment_id) => {}
            (Effect::Removed, _) => return Ok(Live::emptied(entry.at)),
            (Effect::TornDown, _) => {
                // It speaks of what this deployment brought: another one that is live by then stays.
                if resolve(older, whole)?.deployment_id.as_ref() == Some(&entry.deployment_id) {
                    return Ok(Live::emptied(entry.at));
                }
            }
            (Effect::Completed, _) => {
                // Whether it came back is judged by the newest entries, however many more were read.
                let newest = newest_first.get(index + 1..NEWEST.min(newest_first.len())).unwrap_or_default();
                let came_back = since.is_some() || has_come_back(entry, newest, whole);
                return Ok(Live {
                    version: entry.version.clone(),
                    commit: entry.commit.clone(),
                    since: since.or(Some(entry.at)),
                    deployment_id: Some(entry.deployment_id.clone()),
                    rollback: came_back,
                    emptied_at: None,
                });
            }
            (Effect::RolledBack, Some(target)) if !undone.contains(&entry.deployment_id) => {
                let origin = older.iter().find(|o| o.effect == Effect::Completed && o.version.as_ref() == Some(target));
                if origin.is_none() && !whole {
                    return Err(ReadFurther);
                }
                return Ok(Live {
                    version: Some(target.clone()),
                    commit: origin.and_then(|origin| origin.commit.clone()),
                    since: since.or(Some(entry.at)),
                    // The deployment that was rolled back is not the one that runs now.
                    deployment_id: origin.map(|origin| origin.deployment_id.clone()),
                    rollback: true,
                    emptied_at: None,
                });
            }
            (Effect::RolledBack, _) => {
                undone.insert(&entry.deployment_id);
                since = since.or(Some(entry.at));
            }
            (Effect::Cancelled | Effect::Failed, _) => {}
        }
    }
    if whole { Ok(Live { rollback: since.is_some(), ..Live::default() }) } else { Err(ReadFurther) }
}

/// How many of the newest entries that change what runs say whether a version came back: so many as a
/// [`Tail`](crate::live::tail::Tail) keeps, whatever more was read, so that each page gives one answer.
pub const NEWEST: usize = 10;

/// What runs, given a log newest first, of which `whole` says that nothing is left to read: from its
/// [`NEWEST`] entries if they are enough, and from all of them if they are not.
///
/// # Errors
/// [`ReadFurther`] when more of the log is needed.
pub fn resolve_newest(newest_first: &[Entry], whole: bool) -> Result<Live, ReadFurther> {
    match newest_first.get(..NEWEST) {
        Some(newest) if newest_first.len() > NEWEST => resolve(newest, false).or_else(|_| resolve(newest_first, whole)),
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
