//! What to go back to from a version that is bad.

use domain::Timestamp;
use domain::health::suggestion::{Suggestion, candidates};
use domain::health::verdict::{Reason, State as Judged};
use domain::health::watched::landing;
use domain::ledger::summary::Summary;
use domain::live::log::removals;
use domain::live::thing::Thing;
use domain::live::undone::brought;
use domain::live::{Cell, Entry, Place};
use domain::questions::gate::{Asked, Question, against};
use futures_util::future::try_join;

use super::super::Reader;
use super::super::gate::GateQuestion;
use super::super::when::When;
use super::{InUse, place_of};
use crate::StoreError;
use crate::port::ReadItems;

impl<S: ReadItems> Reader<S> {
    /// What is suggested instead of what a deployment brought, in the place where it runs.
    ///
    /// # Errors
    /// When what is kept of the place can't be read.
    pub async fn suggestion(
        &self,
        summary: &Summary,
        when: When,
        in_use: InUse<'_>,
        now: Timestamp,
    ) -> Result<Suggestion, StoreError> {
        if landing(summary).is_none() {
            return Ok(Suggestion::none("it has not landed there"));
        }
        let Some(cell) = self.cell_with_tail(summary, when).await? else {
            return Ok(Suggestion::none("nothing runs there"));
        };
        let (region, thing) = (summary.region(), Thing::of(summary));
        let candidates = match candidates(&cell, (&summary.deployment_id, &thing, region.as_ref())) {
            Ok(candidates) => candidates,
            Err(why) => return Ok(Suggestion::none(why)),
        };
        let place = place_of(summary, in_use.0);
        let mut newest = None;
        for candidate in &candidates {
            match Box::pin(self.speaks_against(candidate, &place, when, in_use, now)).await? {
                None => return Ok(Suggestion::to(candidate, (&place.service, &place.environment), &in_use.0.settings)),
                Some(why) => newest = newest.or(Some(why)),
            }
        }
        Ok(Suggestion::none_of(&candidates, newest.as_deref()))
    }

    /// What ran in the place of a deployment, with the newest of what landed there.
    async fn cell_with_tail(&self, summary: &Summary, when: When) -> Result<Option<Cell>, StoreError> {
        let place = Place { environment: summary.environment(), service: summary.service() };
        let (cell, retirements) = try_join(self.cell(&place), self.retirements(&place.environment)).await?;
        let Some(cell) = cell else { return Ok(None) };
        if when.is_now() {
            return Ok(Some(Box::pin(self.cell_now(&place, cell, &retirements)).await?));
        }
        let as_of = when.as_of.unwrap_or(Timestamp::MAX);
        let mut log = self.entries(&place, as_of, when.known_at).await?;
        log.extend(removals(&place.environment, &retirements).filter(|removal| removal.at <= as_of));
        Ok(Some(Cell::of_log(&log).0))
    }

    /// What speaks against going back to what a landing brought; none where nothing does.
    async fn speaks_against(
        &self,
        candidate: &Entry,
        place: &Place,
        when: When,
        in_use: InUse<'_>,
        now: Timestamp,
    ) -> Result<Option<String>, StoreError> {
        let id = &candidate.deployment_id;
        let summary = if when.is_now() {
            self.state(id).await?.map(|state| state.summary)
        } else {
            self.summary_then(id, when, when.as_of.unwrap_or(now)).await?
        };
        let judged = match &summary {
            Some(summary) => Box::pin(self.judged_on(summary, when, in_use, now)).await?,
            None => None,
        };
        if let Some(bad) = judged.filter(|verdict| verdict.state == Judged::Bad) {
            let why = bad.reasons.first().map(Reason::words).unwrap_or_default();
            return Ok(Some(format!("{id} is bad: {why}")));
        }
        let (settings, _) = in_use;
        let thing = brought(candidate);
        let asked = Asked::to_go_back(&place.environment, &settings.settings, &settings.path);
        let When { as_of, known_at } = when;
        let asking = GateQuestion { place, thing: &thing, deployment_id: None, as_of, known_at };
        let mut facts = Box::pin(self.gate_facts(asking, &asked, &settings.names, &settings.path)).await?;
        facts.measured = Box::pin(self.measured_badly((&thing, &facts), when, in_use, now)).await?;
        let Place { environment, service } = place.clone();
        let question = Question { service, environment, thing, at: as_of.unwrap_or(now) };
        Ok(against(&question, &asked, &settings.settings, (&settings.names, &settings.path), &facts))
    }
}
