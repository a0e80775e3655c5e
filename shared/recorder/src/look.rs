//! One look at everything: what history says beside what is stored.

use std::collections::{BTreeMap, BTreeSet};

use domain::anchors::{Judging, Kept, Span};
use domain::live::Place;
use domain::{DeploymentId, Environment, Moment, Timestamp};
use store::items::cell::CellItem;
use store::items::listing::ListingItem;
use store::items::observed::ObservedItem;
use store::items::to_item;
use store::keys::catalog_key;
use store::{Key, ReadItems, StoreError, Table};

use crate::compare::{self, StoredPlace};
use crate::history::Expected;
use crate::rebuilder::Rebuilder;
use crate::rebuilt::{Broken, Rebuilt};

impl<S: ReadItems> Rebuilder<S> {
    /// Looks at everything that was recorded in these days, from the first to the last, or that anything names.
    pub(crate) async fn look(&self, (first, last): (Timestamp, Timestamp), kept: Kept) -> Result<Rebuilt, StoreError> {
        let (mut found, mut expected) = (Rebuilt::default(), Expected::default());
        let mut judging = Judging::new(&self.anchors, Span::WHOLE, kept);
        // The state first: what is recorded after it was read is not its concern.
        let mut cells = self.all_cells().await?;
        let stored = self.stored_keys(&cells).await?;
        let margin = self.margin_days * 24 * 60 * 60 * 1000;
        let recorded = self.recorded(first.plus_millis(-margin).days_to(last.plus_millis(margin))).await?;
        let nothing_of_ours = "nothing is recorded under such a key".to_owned();
        found.broken.extend(recorded.foreign.into_iter().map(|partition| Broken {
            subject: partition,
            since: None,
            problems: vec![nothing_of_ours.clone()],
        }));
        let deployments = recorded.deployments.into_iter().chain(stored.deployments.iter().cloned());
        for id in deployments.collect::<BTreeSet<_>>() {
            Box::pin(self.follow(&id, (&mut expected, &mut found), (&mut judging, kept))).await?;
        }
        for release in &recorded.releases {
            self.follow_release(release, (&mut expected, &mut found), &mut judging).await?;
        }
        self.follow_settings(&mut found, &mut judging).await?;
        for place in &stored.places {
            expected.logs.entry(place.clone()).or_default();
        }
        self.compare_places(&mut expected, &mut cells, &mut found).await?;
        for key in expected.shown.iter().map(catalog_key) {
            if self.reader.get::<Key>(Table::State, &key).await?.is_none() {
                found.add(compare::missing(&key, key.clone().into()));
            }
            expected.may_stand.insert(key);
        }
        for line in std::mem::take(&mut expected.listed) {
            if self.reader.get::<ListingItem>(Table::State, &line.key).await?.as_ref() != Some(&line) {
                found.add(compare::missing(&line.key, to_item(&line)?));
            }
            expected.may_stand.insert(line.key);
        }
        for line in std::mem::take(&mut expected.observed) {
            if self.reader.get::<ObservedItem>(Table::State, line.key()).await?.as_ref() != Some(&line) {
                found.add(compare::missing(line.key(), to_item(&line)?));
            }
            expected.may_stand.insert(line.key().clone());
        }
        self.compare_rejected_days((first, last), &stored, &mut found).await?;
        self.find_strays(&stored, &expected, &mut found);
        Box::pin(self.compare_days(&mut found)).await?;
        found.unanchored.extend(judging.end());
        found.unanchored.extend(self.anchors.problems());
        found.unanchored.sort();
        Ok(found)
    }

    /// Compares what is stored of each place with what its log, as it should be, says.
    async fn compare_places(
        &self,
        expected: &mut Expected,
        cells: &mut BTreeMap<Place, CellItem>,
        found: &mut Rebuilt,
    ) -> Result<(), StoreError> {
        let mut retired: BTreeMap<Environment, Vec<Moment>> = BTreeMap::new();
        for (place, mut log) in std::mem::take(&mut expected.logs) {
            let stored = self.reader.whole_log(&place).await?;
            let of_others = |id: &DeploymentId| !expected.recomputed.contains(id);
            for (sort, value) in stored.iter().filter(|(_, value)| of_others(&value.entry.deployment_id)) {
                let id = &value.entry.deployment_id;
                if expected.left_alone.contains(id) || self.retention.ends() || self.has_history(id).await? {
                    log.insert(sort.clone(), value.clone());
                }
            }
            let cell = cells.remove(&place);
            // One that is new, or in an environment that the catalog lost: compared the next time.
            if cell.is_none() && self.reader.cell_item(&place).await?.is_some() {
                continue;
            }
            let landings = self.reader.all_landings(&place).await?;
            let retirements = match retired.get(&place.environment) {
                Some(retirements) => retirements.clone(),
                None => self.retirements(&place.environment).await?,
            };
            let undone = self.reader.all_undone(&place).await?;
            let stored = StoredPlace { cell, log: stored, landings, undone };
            let difference = compare::place(&place, &stored, (&log, &retirements))?;
            retired.insert(place.environment, retirements);
            if let Some(difference) = difference {
                found.add(difference);
            }
        }
        Ok(())
    }

    /// When an environment was retired, in the order in which that was recorded; where some of its events have
    /// expired, the earliest first.
    async fn retirements(&self, environment: &Environment) -> Result<Vec<Moment>, StoreError> {
        let recorded = self.reader.retirements_known_at(environment, Timestamp::MAX).await?;
        let kept = self.reader.retirements(environment).await?;
        Ok(if recorded.len() < kept.len() { kept } else { recorded })
    }

    /// Whether anything stands of a deployment's history. The index of days lags behind, and lists what
    /// was just recorded a little later.
    async fn has_history(&self, id: &DeploymentId) -> Result<bool, StoreError> {
        let trail = self.reader.trail(id).await?;
        Ok(!trail.records.is_empty() || !trail.unreadable.is_empty())
    }
}
