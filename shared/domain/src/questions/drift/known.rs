//! What is known of places, as far as it was read; and what a rule needs besides.

use std::collections::{BTreeMap, BTreeSet};

use crate::event::TriggerKind;
use crate::identifiers::{DeploymentId, Environment, Label, Region, Service};
use crate::live::log::{Entry, Place};
use crate::live::log_key::LogKey;
use crate::live::thing::{Landings, Thing, ThingKey};
use crate::live::{Cell, Live};
use crate::questions::release::ReleaseState;
use crate::{Summary, Timestamp};

/// How far back the log of a place was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read {
    /// What stands with the cell.
    Tail,
    /// A page of the log.
    Page,
    /// All of it.
    Whole,
}

/// A place at a time.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The place.
    pub place: Place,
    /// Its cell, as it was at the time.
    pub cell: Cell,
    /// The newest entries of its log that change what runs, up to the time, newest first; retirements are among them.
    pub landings: Vec<Entry>,
    /// How far back they were read.
    pub read: Read,
    /// The landings of each thing, where the log is whole.
    of_things: BTreeMap<ThingKey, Landings>,
}

/// What is known of a deployment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Deployed {
    /// Whether a person triggered it; not where nothing says who or what did.
    pub by_hand: bool,
    /// Its build, where that is a whole number.
    pub build: Option<u64>,
}

/// What is known.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The places, all of an environment or none.
    pub places: BTreeMap<Place, Seen>,
    /// The environments that were retired by then.
    pub retired: BTreeSet<Environment>,
    /// The landings of things in places that were looked up.
    pub landings: BTreeMap<(Place, ThingKey), Option<Landings>>,
    /// The deployments that were looked up.
    pub deployments: BTreeMap<DeploymentId, Option<Deployed>>,
}

/// A release that is not complete in an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncompleteRelease {
    /// The release.
    pub release: Label,
    /// Where it is not complete.
    pub environment: Environment,
    /// How its services stand there.
    pub services: Vec<(Service, ReleaseState)>,
    /// When it was first deployed there, or first declared for it.
    pub since: Timestamp,
    /// When what is expected of it was declared last; none where its deployments imply it.
    pub declared: Option<Timestamp>,
}

/// What has to be known for an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lacking {
    /// The landings of things in places.
    pub landings: BTreeSet<(Place, ThingKey)>,
    /// A page of the logs of places.
    pub pages: BTreeSet<Place>,
    /// The whole logs of places.
    pub logs: BTreeSet<Place>,
    /// Deployments.
    pub deployments: BTreeSet<DeploymentId>,
}

impl Seen {
    /// A place at a time, by its cell and the newest entries of its log, newest first.
    #[must_use]
    pub fn new(place: Place, cell: Cell, landings: Vec<Entry>, read: Read) -> Self {
        let of_things = if read == Read::Whole { Landings::of_log(&landings) } else { BTreeMap::new() };
        Self { place, cell, landings, read, of_things }
    }

    /// Whether the entries are all that there are.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.read == Read::Whole
    }

    /// Whether more can be read than was.
    pub(super) fn is_tail(&self) -> bool {
        self.read == Read::Tail
    }

    /// What runs, in each region where any is named; only where something does.
    pub(super) fn running(&self) -> Vec<(Option<Region>, Live)> {
        let Some(shown) = self.cell.shown() else { return Vec::new() };
        let regions = shown.regions.into_iter().map(|of| (Some(of.region), of.live));
        let all: Vec<_> = if self.cell.regions.is_empty() { vec![(None, shown.live)] } else { regions.collect() };
        all.into_iter().filter(|(_, live)| live.is_running()).collect()
    }
}

impl Deployed {
    /// What a deployment's summary says.
    #[must_use]
    pub fn of(summary: &Summary) -> Self {
        let named = summary.named();
        let by_hand = named.triggered_by.and_then(|trigger| trigger.kind) == Some(TriggerKind::Manual);
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let build = named.build_number.as_ref().map(Label::as_str);
        Self { by_hand, build: build.filter(|text| digits(text)).and_then(|text| text.parse().ok()) }
    }
}

impl Known {
    /// When a thing landed in a region of a place first; without a region, in any part of it. None where it never did.
    ///
    /// # Errors
    /// What has to be read to know it.
    pub(super) fn first(
        &self,
        seen: &Seen,
        thing: &Thing,
        region: Option<&Region>,
        at: Timestamp,
    ) -> Result<Option<LogKey>, Lacking> {
        let mut lacking = Lacking::default();
        if !seen.is_whole() && thing.is_known() {
            // By its version alone nothing is found where only landings of commits are kept; and nothing is kept
            // beside a cell of an earlier version.
            match seen.cell.kept {
                Some(kept) if thing.commit.is_some() || !kept.commits => {
                    let keys = thing.keys().into_iter().filter(|key| kept.has(key));
                    let keys = keys.map(|key| (seen.place.clone(), key));
                    lacking.landings.extend(keys.filter(|key| !self.landings.contains_key(key)));
                }
                _ => lacking.logs.extend([seen.place.clone()]),
            }
        }
        if !lacking.is_empty() {
            return Err(lacking);
        }
        let of_place = |key: &ThingKey| {
            if seen.is_whole() {
                return seen.of_things.get(key);
            }
            self.landings.get(&(seen.place.clone(), key.clone())).and_then(Option::as_ref)
        };
        let first = match region {
            Some(_) => Landings::first(thing, region, of_place),
            None => Landings::first_anywhere(thing, of_place),
        };
        Ok(first.filter(|first| first.moment.at <= at).cloned())
    }

    /// What is known of a deployment; none where there is none.
    ///
    /// # Errors
    /// That it has to be read.
    pub(super) fn deployment(&self, id: &DeploymentId) -> Result<Option<Deployed>, Lacking> {
        let unread = || Lacking { deployments: BTreeSet::from([id.clone()]), ..Lacking::default() };
        self.deployments.get(id).copied().ok_or_else(unread)
    }
}

impl Lacking {
    /// Whether nothing is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// A page of the log of a place.
    pub(super) fn page(place: &Place) -> Self {
        Self { pages: BTreeSet::from([place.clone()]), ..Self::default() }
    }

    /// These and others.
    pub(super) fn add(&mut self, other: Self) {
        self.landings.extend(other.landings);
        self.pages.extend(other.pages);
        self.logs.extend(other.logs);
        self.deployments.extend(other.deployments);
    }
}
