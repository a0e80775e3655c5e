//! What runs in a place: a function of the newest part of its log.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::identifiers::{Commit, DeploymentId, Version};
use crate::live::change::Change;
use crate::live::last_attempt::LastAttempt;
use crate::live::log::{Effect, Entry};
use crate::live::log_key::LogKey;

/// What runs in a place, or in a region of it.
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
    /// What its landing is beside what ran before, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
    /// When the same thing landed here first, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<LogKey>,
    /// When what ran was taken away, where nothing runs for that reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emptied_at: Option<Timestamp>,
}

impl Live {
    pub(super) fn emptied(at: Timestamp) -> Self {
        Self { emptied_at: Some(at), ..Self::default() }
    }

    /// Whether anything runs.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.since.is_some()
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

/// What runs, and how it came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resolved {
    /// What runs. Its change and its first landing are left open: what landed here before says them.
    pub live: Live,
    /// The landing that it runs by; none where nothing runs.
    pub landing: Option<LogKey>,
    /// What ran just before that landing, if anything did.
    pub replaced: Option<Live>,
}

impl Resolved {
    pub(super) fn nothing(live: Live) -> Self {
        Self { live, landing: None, replaced: None }
    }
}

/// What runs, given the newest entries that [change what runs](Effect::changes_live), newest first.
///
/// * completed: its version;
/// * rolled back: the version that it names, as it was brought by what completed in it last and was not rolled
///   back since; or else the newest completed version before it that was
///   not rolled back itself;
/// * removed: nothing, unless the removal was rolled back;
/// * torn down: nothing, if what was live by then came with the same deployment.
///
/// # Errors
/// [`ReadFurther`] when a rollback leads back past the last entry, or to a version that is not among them,
/// and `whole` says that there are older ones.
pub fn resolve(newest_first: &[&Entry], whole: bool) -> Result<Live, ReadFurther> {
    Scanned::new(newest_first, whole).from(0).map(|(live, _)| live)
}

/// What runs, and what ran before.
///
/// # Errors
/// [`ReadFurther`] as [`resolve`] does, for either.
pub fn resolve_both(newest_first: &[&Entry], whole: bool) -> Result<Resolved, ReadFurther> {
    let scanned = Scanned::new(newest_first, whole);
    let (live, landing) = scanned.from(0)?;
    let Some(at) = landing else { return Ok(Resolved::nothing(live)) };
    let (replaced, _) = scanned.from(at + 1)?;
    let replaced = Some(replaced).filter(Live::is_running);
    Ok(Resolved { live, landing: Some(LogKey::of(newest_first[at])), replaced })
}

/// The newest entries of a log, newest first.
struct Scanned<'e> {
    newest_first: &'e [&'e Entry],
    whole: bool,
    /// For each teardown, by where it stands, the deployment that was live by then.
    live_by: BTreeMap<usize, Result<Option<DeploymentId>, ReadFurther>>,
}

impl<'e> Scanned<'e> {
    fn new(newest_first: &'e [&'e Entry], whole: bool) -> Self {
        let mut scanned = Self { newest_first, whole, live_by: BTreeMap::new() };
        // From the oldest on, so that each finds those before it.
        for at in (0..newest_first.len()).rev().filter(|at| newest_first[*at].effect == Effect::TornDown) {
            let live = scanned.from(at + 1).map(|(live, _)| live.deployment_id);
            scanned.live_by.insert(at, live);
        }
        scanned
    }

    /// What brought the version that this rollback names: the newest that completed in it and was not rolled
    /// back since, else the newest.
    fn origin(&self, rollback: usize, version: &Version) -> Result<Option<&'e Entry>, ReadFurther> {
        let (mut rolled_back, mut newest) = (BTreeSet::new(), None);
        for entry in &self.newest_first[rollback..] {
            if entry.effect == Effect::RolledBack {
                rolled_back.insert(&entry.deployment_id);
            }
            if entry.effect != Effect::Completed || entry.version.as_ref() != Some(version) {
                continue;
            }
            if !rolled_back.contains(&entry.deployment_id) {
                return Ok(Some(entry));
            }
            newest = newest.or(Some(*entry));
        }
        if self.whole { Ok(newest) } else { Err(ReadFurther) }
    }

    /// What runs by the entries from this one on, and which of them it runs by.
    fn from(&self, start: usize) -> Result<(Live, Option<usize>), ReadFurther> {
        let mut undone = BTreeSet::new();
        let mut went_back = None;
        for (index, entry) in self.newest_first.iter().enumerate().skip(start) {
            let landing = went_back.unwrap_or(index);
            let since = Some(self.newest_first[landing].at);
            match (entry.effect, &entry.rollback_to) {
                (Effect::Completed | Effect::Removed, _) if undone.contains(&entry.deployment_id) => {}
                (Effect::Removed, _) => return Ok((Live::emptied(entry.at), None)),
                (Effect::TornDown, _) => {
                    // It speaks of what this deployment brought: another one that is live by then stays.
                    let live = self.live_by.get(&index).cloned().unwrap_or(Ok(None))?;
                    if live.as_ref() == Some(&entry.deployment_id) {
                        return Ok((Live::emptied(entry.at), None));
                    }
                }
                (Effect::Completed, _) => {
                    let live = Live {
                        version: entry.version.clone(),
                        commit: entry.commit.clone(),
                        since,
                        deployment_id: Some(entry.deployment_id.clone()),
                        ..Live::default()
                    };
                    return Ok((live, Some(landing)));
                }
                (Effect::RolledBack, Some(target)) if !undone.contains(&entry.deployment_id) => {
                    let origin = self.origin(index, target)?;
                    let live = Live {
                        version: Some(target.clone()),
                        commit: origin.and_then(|origin| origin.commit.clone()),
                        since,
                        // The deployment that was rolled back is not the one that runs now.
                        deployment_id: origin.map(|origin| origin.deployment_id.clone()),
                        ..Live::default()
                    };
                    return Ok((live, Some(landing)));
                }
                (Effect::RolledBack, _) => {
                    undone.insert(&entry.deployment_id);
                    went_back = went_back.or(Some(index));
                }
                (Effect::Cancelled | Effect::Failed, _) => {}
            }
        }
        if self.whole { Ok((Live::default(), None)) } else { Err(ReadFurther) }
    }
}
