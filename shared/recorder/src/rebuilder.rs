//! Rebuilding: state recomputed from history alone, and compared with what is stored. What differs is
//! reported, together with the write that would mend it (see `repair`).
//!
//! Events may be recorded meanwhile. What counts its changes, a summary or a cell, is read before the
//! history that it is compared with: a write that is made only while the count is still that one can't
//! undo what history did not yet say when it was read.
//!
//! Where retention is on, history is not all there was: a deployment with events missing can't be
//! recomputed. Its state is taken as it stands, its entries in live logs too.

use std::collections::{BTreeMap, BTreeSet};

use domain::identifiers::Identifier as _;
use domain::listings::{self, Listing};
use domain::live::Place;
use domain::live::replay::replay;
use domain::release::Declaration;
use domain::settings::Names;
use domain::{DeploymentId, Environment, Label, Moment, Retention, Timestamp, catalog};
use store::items::cell::CellItem;
use store::items::listing::ListingItem;
use store::items::summary::SummaryItem;
use store::items::to_item;
use store::keys::listings::RELEASE;
use store::keys::{catalog_key, id_of_partition, log_sort_key, rejected_day_key, summary_key, text};
use store::query::Query;
use store::tables::{BY_DAY, PARTITION};
use store::{Key, ReadItems, Reader, StoreError, Table};

use crate::compare::{self, SortedLog, StoredPlace, is_whole};
use crate::rebuilt::Rebuilt;
use crate::releases::declared_notes;

/// Recomputes the state of a store, compares it with what is stored, and repairs it.
#[derive(Debug)]
pub struct Rebuilder<S> {
    pub(crate) reader: Reader<S>,
    retention: Retention,
}

impl<S> Rebuilder<S> {
    /// Rebuilds in this store, where history is kept for so long.
    pub fn new(store: S, retention: Retention) -> Self {
        Self { reader: Reader::new(store), retention }
    }
}

impl<S: ReadItems> Rebuilder<S> {
    /// What reads the store.
    #[must_use]
    pub fn reader(&self) -> &Reader<S> {
        &self.reader
    }

    /// Recomputes the state of all deployments that have an event recorded from `first_day` to
    /// `last_day`, and compares it with what is stored. Only reads.
    ///
    /// # Errors
    /// When a table can't be read.
    pub async fn rebuild(&self, first_day: Timestamp, last_day: Timestamp) -> Result<Rebuilt, StoreError> {
        let mut found = Rebuilt::default();
        let mut logs: BTreeMap<Place, SortedLog> = BTreeMap::new();
        let (mut shown, mut listed, mut recomputed) = (BTreeSet::new(), Vec::new(), BTreeSet::new());
        let mut cells = self.all_cells().await?;
        let recorded = self.recorded(first_day, last_day).await?;
        for id in recorded.deployments {
            let stored: Option<SummaryItem> = self.reader.get(Table::State, &summary_key(&id)).await?;
            let records = self.reader.trail(&id).await?.whole()?;
            if self.retention.ends() && !is_whole(stored.as_ref(), &records) {
                found.left += 1;
                continue;
            }
            found.deployments += 1;
            found.events += records.len();
            let Some(replayed) = replay(&records) else { continue };
            for (place, log) in replayed.logs {
                let entries = log.0.into_iter().map(|(key, entry)| (log_sort_key(&key), entry));
                logs.entry(place).or_default().extend(entries);
            }
            shown.extend(catalog::entries(&replayed.state.summary));
            listed.extend(listings::entries(&replayed.state.summary).iter().map(ListingItem::from));
            if let Some(difference) = compare::summary(&id, stored.as_ref(), &replayed.state)? {
                found.add(difference);
            }
            recomputed.insert(id);
        }
        let mut retired: BTreeMap<Environment, Vec<Moment>> = BTreeMap::new();
        for (place, mut log) in logs {
            let stored = self.reader.whole_log(&place).await?;
            let of_others = |id: &DeploymentId| !recomputed.contains(id);
            for (sort, value) in stored.iter().filter(|(_, value)| of_others(&value.entry.deployment_id)) {
                if self.retention.ends() || self.has_history(&value.entry.deployment_id).await? {
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
        for key in shown.iter().map(catalog_key) {
            if self.reader.get::<Key>(Table::State, &key).await?.is_none() {
                found.add(compare::missing(&key, key.clone().into()));
            }
        }
        for release in &recorded.releases {
            listed.extend(self.declared_lines(release).await?);
        }
        for line in listed {
            if self.reader.get::<ListingItem>(Table::State, &line.key).await?.as_ref() != Some(&line) {
                found.add(compare::missing(&line.key, to_item(&line)?));
            }
        }
        for day in self.unlisted_rejected_days(first_day, last_day).await? {
            let key = rejected_day_key(&day);
            found.add(compare::missing(&key, key.clone().into()));
        }
        Ok(found)
    }

    /// When an environment was retired, in the order in which that was recorded; where some of its events have
    /// expired, the earliest first.
    async fn retirements(&self, environment: &Environment) -> Result<Vec<Moment>, StoreError> {
        let recorded = self.reader.retirements_known_at(environment, Timestamp::MAX).await?;
        let kept = self.reader.retirements(environment).await?;
        Ok(if recorded.len() < kept.len() { kept } else { recorded })
    }

    /// The days on which something was refused and that the state does not list, as it should, so that a
    /// reader need not look at each day.
    async fn unlisted_rejected_days(&self, first: Timestamp, last: Timestamp) -> Result<Vec<String>, StoreError> {
        let listed = self.reader.rejected_days(&first.day(), &last.day()).await?;
        let listed: BTreeSet<String> = listed.into_iter().collect();
        let mut unlisted = Vec::new();
        for day in days(first, last).filter(|day| !listed.contains(day)) {
            if !self.reader.rejected(&day, None, 1).await?.0.is_empty() {
                unlisted.push(day);
            }
        }
        Ok(unlisted)
    }

    /// Whether anything stands of a deployment's history. The index of days lags behind, and lists what
    /// was just recorded a little later.
    async fn has_history(&self, id: &DeploymentId) -> Result<bool, StoreError> {
        let trail = self.reader.trail(id).await?;
        Ok(!trail.records.is_empty() || !trail.unreadable.is_empty())
    }

    /// Every cell of the environments that the catalog knows.
    async fn all_cells(&self) -> Result<BTreeMap<Place, CellItem>, StoreError> {
        let mut cells = BTreeMap::new();
        for environment in self.reader.environments().await? {
            cells.extend(self.reader.cell_items(&environment).await?);
        }
        Ok(cells)
    }

    /// The lines that the declarations of a release stand in.
    async fn declared_lines(&self, release: &Label) -> Result<Vec<ListingItem>, StoreError> {
        let mut lines = Vec::new();
        for version in self.reader.declarations(release).await? {
            lines.push(ListingItem::from(&Listing::day(release.clone(), version.recorded_at)));
            // By the names that were recorded: what an alias stands for now is another thing.
            let declaration = Declaration::recorded(&version.document, &Names::default())
                .map_err(|errors| StoreError::unreadable("declaration", domain::fields::one_line(&errors)))?;
            lines.extend(declared_notes(&declaration));
        }
        Ok(lines)
    }

    /// What was recorded from the first to the last day.
    async fn recorded(&self, first: Timestamp, last: Timestamp) -> Result<RecordedOf, StoreError> {
        let mut recorded = RecordedOf::default();
        for day in days(first, last) {
            let mut pages = self.reader.pages(Query::of_index(Table::History, BY_DAY, day));
            while let Some(page) = pages.next().await? {
                for item in &page.items {
                    let partition = text(item, PARTITION).unwrap_or_default();
                    if let Some(release) = partition.strip_prefix(RELEASE) {
                        let release = Label::from_key_part(release);
                        recorded.releases.insert(release.map_err(|e| StoreError::unreadable("partition", e))?);
                    } else {
                        recorded.deployments.insert(id_of_partition(partition)?);
                    }
                }
            }
        }
        Ok(recorded)
    }
}

/// What was recorded in a time.
#[derive(Default)]
struct RecordedOf {
    deployments: BTreeSet<DeploymentId>,
    releases: BTreeSet<Label>,
}

/// Each day from the first to the last, as keys name it.
fn days(first: Timestamp, last: Timestamp) -> impl Iterator<Item = String> {
    const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;
    let days = std::iter::successors(Some(first), |day| Some(day.plus_millis(DAY_MILLIS)));
    days.map(Timestamp::day).take_while(move |day| *day <= last.day())
}
