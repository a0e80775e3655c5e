//! What ran in a part of a place, one thing after the other: a function of its log.

use std::collections::BTreeSet;

use crate::live::change::Change;
use crate::live::log::{Effect, Entry};
use crate::live::log_key::LogKey;
use crate::live::resolve::{Live, Resolved, resolve_both};
use crate::live::thing::{Landings, Thing, ThingKey};
use crate::live::undone::undoings;
use crate::{Region, Timestamp};

/// What ran in a part of a place over a time, and what was attempted there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline {
    /// From when on it is told: later than was asked for where the log was not read so far back.
    pub from: Timestamp,
    /// What ran, the oldest first.
    pub bands: Vec<Band>,
    /// What ended since then, the oldest first.
    pub endings: Vec<Entry>,
}

/// Something that ran, from its landing until something else took its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Band {
    /// What ran, and since when.
    pub live: Live,
    /// The landing that it ran by.
    pub landing: LogKey,
    /// Until when it ran; none while it does.
    pub until: Option<Timestamp>,
    /// Whether it was undone: its deployment was rolled back, or failed after it had completed, or something
    /// earlier took its place.
    pub undone: bool,
    /// Whether it came back: what landed here earlier was put in the place of what ran.
    pub came_back: bool,
    /// When the landing that it brought back was, where that is among the bands.
    pub restores: Option<Timestamp>,
}

/// A part of a place's log, as far as it was read.
#[derive(Debug, Clone, Copy)]
pub struct Read<'e> {
    /// The newest entries that [change what runs](Effect::changes_live), newest first.
    pub changing: &'e [Entry],
    /// Whether these are all.
    pub whole: bool,
    /// The newest of the other entries.
    pub misses: &'e [Entry],
    /// From when on these are all.
    pub misses_from: Timestamp,
}

/// A timeline as far as the log says it: what each landing is, is to be judged by what is kept of what landed.
#[derive(Debug)]
pub struct Traced {
    from: Timestamp,
    reaches: bool,
    /// What ran after each entry, the oldest first: the first is what ran when the timeline begins.
    states: Vec<(Option<Entry>, Resolved)>,
    endings: Vec<Entry>,
    undone: BTreeSet<LogKey>,
}

impl Traced {
    /// What ran in a region since a time, or without one by what is about the whole environment.
    #[must_use]
    pub fn of(region: Option<&Region>, read: Read<'_>, since: Timestamp) -> Self {
        let speaking: Vec<&Entry> = read.changing.iter().filter(|entry| entry.speaks_for(region)).collect();
        let inside = speaking.iter().take_while(|entry| entry.at > since).count();
        let mut states = Vec::new();
        let mut reaches = true;
        for at in 0..=inside {
            // Where older ones were not read it may be that none says it.
            let Ok(resolved) = resolve_both(&speaking[at..], read.whole) else {
                reaches = false;
                break;
            };
            let entry = (at < inside).then(|| speaking[at].clone());
            states.push((entry, resolved));
        }
        states.reverse();
        // Where it does not reach back, it begins behind the oldest entry that can be told: at its very moment there
        // can be others that were not read.
        let told = states.first().and_then(|(entry, _)| entry.as_ref()).map(|entry| entry.at.plus_millis(1));
        let told = if reaches { Some(since) } else { told };
        // Of nothing that was read nothing is told, not even now.
        let from = told.unwrap_or(Timestamp::MAX).max(read.misses_from).max(since);
        let of_part = speaking.into_iter().chain(read.misses.iter().filter(|entry| entry.speaks_for(region)));
        let of_part: Vec<&Entry> = of_part.collect();
        let undone = undoings(of_part.iter().copied()).into_iter().map(LogKey::of).collect();
        let endings = of_part.into_iter().filter(|entry| entry.at >= from && entry.at > since);
        let mut endings: Vec<Entry> = endings.cloned().collect();
        endings.sort_unstable();
        Self { from, reaches: reaches && read.misses_from <= since, states, endings, undone }
    }

    /// Whether it goes back to the time that was asked for.
    #[must_use]
    pub fn reaches(&self) -> bool {
        self.reaches
    }

    /// By what is kept of what landed it is to be judged what each landing is.
    #[must_use]
    pub fn keys(&self) -> BTreeSet<ThingKey> {
        self.states.iter().flat_map(|(_, resolved)| resolved.keys()).collect()
    }

    /// The timeline, given the landings that are kept by each key.
    #[must_use]
    pub fn judged<'l>(self, region: Option<&Region>, landings: impl Fn(&ThingKey) -> Option<&'l Landings>) -> Timeline {
        let mut bands: Vec<Band> = Vec::new();
        for (entry, resolved) in self.states {
            let landing = resolved.landing.clone();
            let replaced = resolved.replaced.as_ref().map(Thing::from);
            let live = resolved.judged(region, &landings);
            if let Some(running) = bands.last_mut().filter(|band| band.until.is_none()) {
                if landing.as_ref() == Some(&running.landing) && is_one(&running.live, &live) {
                    continue;
                }
                running.until = entry.as_ref().map(|entry| entry.at);
            }
            let Some(landing) = landing else { continue };
            let thing = Thing::from(&live);
            let was_rolled_back = entry.is_some_and(|entry| entry.effect == Effect::RolledBack);
            let another = replaced.is_some_and(|replaced| !replaced.is_same(&thing));
            let came_back = live.change == Some(Change::Rollback) || (was_rolled_back && another);
            let restores = bands.iter().rev().skip(1).find(|band| Thing::from(&band.live).is_same(&thing));
            let restores = restores.filter(|_| came_back).and_then(|band| band.live.since);
            if let Some(replaced) = bands.last_mut().filter(|band| came_back && band.until == live.since) {
                replaced.undone = true;
            }
            bands.push(Band { live, landing, until: None, undone: false, came_back, restores });
        }
        for band in &mut bands {
            let of_it = |key: &&LogKey| Some(&key.deployment_id) == band.live.deployment_id.as_ref();
            band.undone |= self.undone.iter().filter(of_it).any(|undoing| *undoing > band.landing);
        }
        // What ended before all of it was told is not told.
        let from = self.from;
        bands.retain(|band| band.until.is_none_or(|until| until > from));
        Timeline { from, bands, endings: self.endings }
    }
}

/// Whether nothing changed.
fn is_one(before: &Live, now: &Live) -> bool {
    let of = |live: &Live| (live.since, live.deployment_id.clone(), live.version.clone(), live.commit.clone());
    of(before) == of(now)
}

impl Timeline {
    /// What ran at a time.
    #[must_use]
    pub fn at(&self, time: Timestamp) -> Option<&Band> {
        self.bands.iter().rfind(|band| {
            band.live.since.is_some_and(|since| since <= time) && band.until.is_none_or(|until| until > time)
        })
    }

    /// The band that an ending began.
    #[must_use]
    pub fn begun_by(&self, ending: &Entry) -> Option<&Band> {
        let key = LogKey::of(ending);
        self.bands.iter().find(|band| band.landing == key)
    }
}
