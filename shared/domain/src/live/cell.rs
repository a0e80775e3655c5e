//! The cell of a place: what runs there, in each of its regions too, beside the newest part of its log.
//!
//! It is a function of the log ([`Cell::of_log`]). How the next ending changes it without reading the log is
//! in [`mod@next`](super::next).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::live::last_attempt::Attempt;
use crate::live::log::{Entry, removals};
use crate::live::log_key::LogKey;
use crate::live::resolve::{Live, resolve_both};
use crate::live::tail::Tail;
use crate::live::thing::{Landings, Thing, ThingKey};
use crate::{Environment, Moment, Region, Timestamp};

/// What runs in a place.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cell {
    /// What runs by the endings that are about the whole environment: all there is to say where no region is
    /// named.
    pub live: Live,
    /// The newest attempt of those.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Attempt>,
    /// What runs in each region that an ending names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub regions: BTreeMap<Region, InRegion>,
    /// The newest part of the log.
    pub tail: Tail,
    /// How many retirements of its environment it knows of: each is a removal in its log.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub retirements: usize,
    /// Which landings are kept beside the log; none in a cell that an earlier version wrote, which kept none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<Kept>,
    /// Whether all that was [undone](super::undone) here is kept; not beside a cell that an earlier version wrote.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub undone_kept: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// What runs in a region, by the endings that are about it or about the whole environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InRegion {
    /// The first ending that names it.
    pub named: LogKey,
    /// What runs.
    pub live: Live,
    /// The newest attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Attempt>,
}

/// Which [`Landings`] of a place are kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Those of commits.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub commits: bool,
    /// Those of versions, as far as they [are needed](Landings::are_needed).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub versions: bool,
}

/// What stands beside the log of a place does not say when something landed first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotKept;

impl Cell {
    /// The cell of a place where nothing has ended yet.
    #[must_use]
    pub fn empty() -> Self {
        Self { kept: Some(Kept::default()), undone_kept: true, ..Self::default() }
    }

    /// As much of it as does not depend on the order in which events arrived: not which kinds of landings were ever
    /// kept. None of the cell of a place where nothing has ended: something was thought to have.
    #[must_use]
    pub fn whatever_the_order(&self) -> Option<Self> {
        let cell = Self { kept: Self::empty().kept, ..self.clone() };
        (cell != Self::empty()).then_some(cell)
    }

    /// What the cell of a place must be, beside these entries of its log that hold, in an environment that was retired
    /// at these times, in the order in which they were recorded; and the landings that are kept beside it. What is
    /// `stored` may know of fewer retirements: who reads it knows of the others. And it is not forgotten that
    /// something of a kind was kept once.
    #[must_use]
    pub fn expected(
        environment: &Environment,
        (holding, retirements): (&[Entry], &[Moment]),
        stored: Option<&Self>,
    ) -> (Self, BTreeMap<ThingKey, Landings>) {
        let known = stored.map(|cell| cell.retirements).filter(|known| *known <= retirements.len());
        let removals = removals(environment, &retirements[..known.unwrap_or(retirements.len())]);
        let (mut cell, needed) = Self::of_log(&holding.iter().cloned().chain(removals).collect::<Vec<_>>());
        let once = stored.and_then(|cell| cell.kept).unwrap_or_default();
        cell.kept = cell.kept.map(|kept| kept.and(once));
        (cell, needed)
    }

    /// What the whole log of a place says, and the landings that are kept beside it.
    #[must_use]
    pub fn of_log(log: &[Entry]) -> (Self, BTreeMap<ThingKey, Landings>) {
        let mut newest_first: Vec<&Entry> = log.iter().collect();
        newest_first.sort_unstable_by(|a, b| b.cmp(a));
        let landings = Landings::of_log(log);
        let mut cell = Self::empty();
        for entry in &newest_first {
            cell.tail.add(entry);
        }
        (cell.live, cell.last) = view(&newest_first, None, &landings);
        for entry in newest_first.iter().rev() {
            let Some(region) = &entry.region else { continue };
            cell.regions.entry(region.clone()).or_insert_with(|| {
                let (live, last) = view(&newest_first, Some(region), &landings);
                InRegion { named: LogKey::of(entry), live, last }
            });
        }
        let landings: BTreeMap<ThingKey, Landings> =
            landings.into_iter().filter(|(key, landings)| landings.are_needed(key)).collect();
        cell.kept = Some(Kept::of(landings.keys()));
        cell.retirements = log.iter().filter(|entry| entry.is_retirement()).count();
        (cell, landings)
    }

    /// When a thing landed first in any part of the place: by its newest landings, where these are all, else by what is
    /// `kept` of each thing beside the log.
    ///
    /// # Errors
    /// [`NotKept`]: only the log says it.
    pub fn first_landing<'l>(
        &self,
        thing: &Thing,
        tail: &[Entry],
        kept: impl Fn(&ThingKey) -> Option<&'l Landings>,
    ) -> Result<Option<LogKey>, NotKept> {
        if !self.tail.cut {
            let landings = Landings::of_log(tail);
            return Ok(Landings::first_of_all(thing, |key| landings.get(key)).cloned());
        }
        // Of a version alone is kept what its commits do not say; so where commits landed, nothing that is kept says
        // nothing.
        let says_all =
            |of: Kept| thing.commit.is_some() || !of.commits || thing.keys().iter().any(|key| kept(key).is_some());
        if !self.kept.is_some_and(says_all) {
            return Err(NotKept);
        }
        Ok(Landings::first_of_all(thing, kept).cloned())
    }

    /// Whether it knows of all these retirements of its environment: then it is as it was written.
    #[must_use]
    pub fn knows_of(&self, retirements: &[Moment]) -> bool {
        retirements.len() <= self.retirements
    }

    /// This cell of an environment with these retirements, the earliest first, if that is clear without its
    /// log: if it knows of them, or if those that it does not know of are later than all that it knows.
    #[must_use]
    pub fn retired(self, retirements: &[Moment]) -> Option<Self> {
        let Some(unknown) = retirements.get(self.retirements) else { return Some(self) };
        let newest = self.tail.landings.first().map(Entry::moment);
        let newest = newest.max(self.newest_attempt().map(|attempt| attempt.ending.moment));
        let emptied = Live::emptied(unknown.at);
        (Some(*unknown) > newest).then(|| {
            let regions = self.regions.into_iter();
            let regions = regions.map(|(name, region)| (name, InRegion { live: emptied.clone(), ..region }));
            Self { regions: regions.collect(), live: emptied.clone(), ..self }
        })
    }

    /// What ran in a region at a time, or without one by what is about the whole environment, and the newest
    /// attempt by then: what does now, where nothing that speaks for it came later.
    #[must_use]
    pub fn settled(&self, region: Option<&Region>, as_of: Timestamp) -> Option<(Live, Option<Attempt>)> {
        let (live, last) = match region {
            Some(region) => self.regions.get(region).map(|region| (&region.live, region.last.clone()))?,
            None => (&self.live, self.last()),
        };
        let attempt = last.as_ref().map(|last| last.ending.moment.at);
        let times = [live.since, live.emptied_at, attempt];
        let settled = attempt.is_some() && times.into_iter().flatten().all(|time| time <= as_of);
        settled.then(|| (live.clone(), last))
    }

    /// The newest attempt that is about the whole environment.
    #[must_use]
    pub fn last(&self) -> Option<Attempt> {
        let told_by_tail = self.kept.is_none().then(|| self.tail.last()).flatten();
        self.last.clone().max(told_by_tail)
    }

    /// The newest attempt in any part of the place.
    #[must_use]
    pub fn newest_attempt(&self) -> Option<Attempt> {
        let in_regions = self.regions.values().filter_map(|region| region.last.clone());
        in_regions.chain(self.last()).max()
    }
}

impl Kept {
    /// Landings with these keys.
    #[must_use]
    pub fn of<'k>(keys: impl IntoIterator<Item = &'k ThingKey>) -> Self {
        keys.into_iter().fold(Self::default(), |kept, key| match key {
            ThingKey::Commit(_) => Self { commits: true, ..kept },
            ThingKey::Version(_) => Self { versions: true, ..kept },
        })
    }

    /// Whether anything like this is kept.
    #[must_use]
    pub fn has(self, key: &ThingKey) -> bool {
        match key {
            ThingKey::Commit(_) => self.commits,
            ThingKey::Version(_) => self.versions,
        }
    }

    /// These and others.
    #[must_use]
    pub fn and(self, others: Self) -> Self {
        Self { commits: self.commits || others.commits, versions: self.versions || others.versions }
    }
}

/// What runs, and the newest attempt, in a region or by what is about the whole environment.
fn view(
    newest_first: &[&Entry],
    region: Option<&Region>,
    landings: &BTreeMap<ThingKey, Landings>,
) -> (Live, Option<Attempt>) {
    let speaking = newest_first.iter().filter(|entry| entry.speaks_for(region));
    let last = speaking.clone().copied().filter_map(Attempt::of).max();
    let newest_first: Vec<&Entry> = speaking.filter(|entry| entry.effect.changes_live()).copied().collect();
    // Of a whole log nothing is lacking.
    let resolved = resolve_both(&newest_first, true).unwrap_or_default();
    (resolved.judged(region, |key| landings.get(key)), last)
}
