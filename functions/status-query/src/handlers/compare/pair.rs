//! A service in two environments: which part of one is compared with which of the other, and what comes of it.

use std::collections::BTreeMap;

use api::{Compared, ComparedChange, ComparedRegion, ComparedService, ComparedThing};
use domain::live::log_key::LogKey;
use domain::live::thing::Thing;
use domain::live::{Entry, Live, Place, Shown};
use domain::questions::compare::{Counted, Part, Related, Relation, Side, note, parts, relate, running};
use domain::{DeploymentId, Region, Service, State, Timestamp};
use futures_util::future::try_join_all;
use store::ReadItems;
use store::reader::landed::{Asked, Landed};

use super::{Environs, live_cell};
use crate::StatusQuery;
use crate::answer::Unanswered;
use crate::handlers::at::Standing;

/// How many deployments are told of a service that the question does not name.
const CHANGES: usize = 10;

/// A service in two environments.
pub(in crate::handlers) struct Pair<'p> {
    from: Half<'p>,
    to: Half<'p>,
    /// Whether the promotion path leads from one to the other.
    leads: bool,
    parts: Vec<Part>,
}

/// It in one of them.
struct Half<'p> {
    environs: &'p Environs,
    standing: &'p Standing,
    place: Place,
    shown: Option<Shown>,
}

/// What came of it.
pub(in crate::handlers) struct ComparedPair<'p> {
    pair: &'p Pair<'p>,
    parts: Vec<ComparedPart<'p>>,
}

struct ComparedPart<'p> {
    part: &'p Part,
    relation: Relation,
    counted: Option<(usize, bool, Option<Timestamp>)>,
    landings: Vec<Entry>,
}

impl<'p> Half<'p> {
    fn new(service: &Service, (environs, standing): (&'p Environs, &'p Standing)) -> Self {
        let place = Place { environment: environs.environment.clone(), service: service.clone() };
        Self { environs, standing, place, shown: running(&standing.then) }
    }

    fn asked(&self, things: Vec<Thing>) -> Asked<'_> {
        let up_to = self.environs.as_of.unwrap_or(Timestamp::MAX);
        Asked { place: &self.place, cell: &self.standing.now, things, up_to }
    }
}

impl<'p> Pair<'p> {
    /// A service in two environments, of which the promotion path may lead from one to the other.
    pub(in crate::handlers) fn new(
        service: &Service,
        from: (&'p Environs, &'p Standing),
        to: (&'p Environs, &'p Standing),
        leads: bool,
    ) -> Self {
        let (from, to) = (Half::new(service, from), Half::new(service, to));
        let parts = parts(&from.standing.then, &to.standing.then);
        Self { from, to, leads, parts }
    }

    fn half(&self, side: Side) -> &Half<'p> {
        match side {
            Side::From => &self.from,
            Side::To => &self.to,
        }
    }

    /// What runs in either where something else does in the other.
    fn things(&self) -> Vec<Thing> {
        let running = self.parts.iter().filter(|part| part.from.is_running() && part.to.is_running());
        let things = running.map(|part| [Thing::from(&part.from), Thing::from(&part.to)]);
        things.filter(|[from, to]| !from.is_same(to)).flatten().collect()
    }
}

fn related(part: &Part, [from, to]: &[Landed; 2], leads: bool) -> Option<Related> {
    let region = part.region.as_ref();
    let in_from = |thing: &Thing| -> Option<LogKey> { from.first(thing, region) };
    let in_to = |thing: &Thing| -> Option<LogKey> { to.first(thing, region) };
    relate((&part.from, &in_from), (&part.to, &in_to), leads)
}

fn of_side([from, to]: &[Landed; 2], side: Side) -> &Landed {
    match side {
        Side::From => from,
        Side::To => to,
    }
}

impl<S: ReadItems> StatusQuery<S> {
    /// Compares. What the cells don't say is read in one round trip for all of them, and a page of the log of each
    /// place where there is more to count. What was known at a time only the whole logs say. Where the same runs in
    /// both, nothing is looked up.
    pub(in crate::handlers) async fn compared<'p>(
        &self,
        pairs: &'p [Pair<'p>],
        known_at: Option<Timestamp>,
    ) -> Result<Vec<ComparedPair<'p>>, Unanswered> {
        let things: Vec<Vec<Thing>> = pairs.iter().map(Pair::things).collect();
        let asked = pairs.iter().zip(&things).filter(|(_, things)| !things.is_empty());
        let asked: Vec<Asked<'_>> =
            asked.flat_map(|(pair, things)| [pair.from.asked(things.clone()), pair.to.asked(things.clone())]).collect();
        let landed = match known_at {
            None => self.reader.landed(&asked).await?,
            Some(known) => {
                let of_log = asked.iter().map(|asked| self.reader.landed_as_known(asked.place, asked.up_to, known));
                try_join_all(of_log).await?
            }
        };
        let mut landed = landed.into_iter();
        let mut compared = Vec::with_capacity(pairs.len());
        for (pair, things) in pairs.iter().zip(&things) {
            let mut next = || if things.is_empty() { Some(Landed::unread()) } else { landed.next() };
            let (Some(from), Some(to)) = (next(), next()) else { break };
            compared.push(self.compared_pair(pair, [from, to]));
        }
        try_join_all(compared).await
    }

    async fn compared_pair<'p>(
        &self,
        pair: &'p Pair<'p>,
        mut landed: [Landed; 2],
    ) -> Result<ComparedPair<'p>, Unanswered> {
        let related: Vec<(&Part, Related)> =
            pair.parts.iter().filter_map(|part| Some((part, related(part, &landed, pair.leads)?))).collect();
        for (side, of) in [Side::From, Side::To].into_iter().zip(&mut landed) {
            let between = related.iter().filter_map(|(_, related)| related.between.as_ref());
            if between.filter(|between| between.side == side).any(|between| !of.reaches(between)) {
                // In a box: there is a future for each pair, and few of them read.
                *of = Box::pin(self.reader.landed_further(&pair.half(side).place, of.clone())).await?;
            }
        }
        let parts = related.into_iter().map(|(part, Related { relation, between })| {
            let Some(between) = between else {
                return ComparedPart { part, relation, counted: None, landings: Vec::new() };
            };
            let (newest_first, whole) = of_side(&landed, between.side).newest_first(part.region.as_ref());
            let Counted { by, more, since, landings } = between.count(&newest_first, whole);
            let landings = landings.into_iter().cloned().collect();
            ComparedPart { part, relation, counted: Some((by, more, since)), landings }
        });
        Ok(ComparedPair { pair, parts: parts.collect() })
    }
}

impl ComparedPair<'_> {
    /// Whether anything runs in either.
    fn runs(&self) -> bool {
        self.pair.from.shown.is_some() || self.pair.to.shown.is_some()
    }

    /// How what runs in the later environment stands to the other, in one region if one is named; none where it does
    /// not run in both.
    pub(in crate::handlers) fn compared(self, region: Option<&Region>, at: Timestamp) -> Option<Compared> {
        let Self { pair, parts } = self;
        pair.from.shown.as_ref().and(pair.to.shown.as_ref())?;
        let in_parts = parts.iter().any(|compared| compared.part.region.is_some());
        if in_parts && region.is_none() {
            return Some(Compared::of(Relation::Mixed));
        }
        let part = parts.into_iter().find(|compared| !in_parts || compared.part.region.as_ref() == region)?;
        Some(part.shown(at, None)).filter(|compared| !matches!(compared.relation, Relation::Missing | Relation::Extra))
    }

    /// The deployments that stand between.
    pub(super) fn deployments(&self) -> impl Iterator<Item = &DeploymentId> {
        self.parts.iter().flat_map(|part| part.landings.iter().map(|entry| &entry.deployment_id))
    }

    /// As it is answered, at a time; none where it runs in neither. Where the question names one service, all
    /// deployments are told, each with what is known of it.
    pub(super) fn shown(
        self,
        at: Timestamp,
        states: Option<&BTreeMap<DeploymentId, State>>,
    ) -> Option<ComparedService> {
        if !self.runs() {
            return None;
        }
        let Pair { from, to, .. } = self.pair;
        let service = &from.place.service;
        let cell = |half: &Half<'_>| half.shown.clone().map(|shown| live_cell(half.environs, service, shown));
        let thing = |live: &Live| live.is_running().then(|| ComparedThing::from(Thing::from(live)));
        let (mut whole, mut regions) = (Compared::of(Relation::Mixed), Vec::new());
        for part in self.parts {
            let Part { region, from, to } = part.part;
            let compared = part.shown(at, states);
            match region {
                None => whole = compared,
                Some(region) => regions.push(ComparedRegion {
                    region: region.to_string(),
                    from: thing(from),
                    to: thing(to),
                    compared,
                }),
            }
        }
        Some(ComparedService { service: service.to_string(), compared: whole, from: cell(from), to: cell(to), regions })
    }
}

impl ComparedPart<'_> {
    fn shown(self, at: Timestamp, states: Option<&BTreeMap<DeploymentId, State>>) -> Compared {
        let Self { part, relation, counted, landings } = self;
        let (by, more, since) = counted.map_or((None, false, None), |(by, more, since)| (Some(by), more, since));
        let most = if states.is_some() { usize::MAX } else { CHANGES };
        Compared {
            by,
            more,
            since: since.map(String::from),
            for_seconds: since.map(|since| at.seconds_since(since).max(0.0)),
            changes: landings.iter().take(most).map(|entry| change(entry, states)).collect(),
            note: note(relation, &part.from, &part.to),
            ..Compared::of(relation)
        }
    }
}

fn change(entry: &Entry, states: Option<&BTreeMap<DeploymentId, State>>) -> ComparedChange {
    let thing = Thing::from(entry);
    let summary = states.and_then(|states| states.get(&entry.deployment_id)).map(|state| &state.summary);
    ComparedChange {
        deployment_id: entry.deployment_id.to_string(),
        version: thing.version.map(String::from),
        commit: thing.commit.map(String::from),
        at: entry.at.to_string(),
        actor: summary.and_then(|summary| summary.named().triggered_by?.actor),
        links: summary.map(|summary| summary.latest.links()),
    }
}
