//! What the history says: each chain judged, and what the state must be by those that are whole.

use std::collections::{BTreeMap, BTreeSet};

use domain::anchors::{ChainEntry, Judging, Kept, Wrong};
use domain::catalog::{self, CatalogEntry};
use domain::identifiers::Identifier as _;
use domain::listings::Listing;
use domain::live::Place;
use domain::live::replay::{Replayed, replay, replay_as_it_stands};
use domain::release::Declaration;
use domain::settings::Names;
use domain::settings::version::{self, Version};
use domain::{DeploymentId, Label, Timestamp};
use store::items::listing::ListingItem;
use store::items::observed::ObservedItem;
use store::items::summary::SummaryItem;
use store::keys::listings::{RELEASE, listing_key, release_partition};
use store::keys::{SETTINGS, catalog_key, deployment_partition, id_of_partition, log_sort_key, summary_key, text};
use store::query::Query;
use store::tables::{BY_DAY, PARTITION};
use store::{Key, ReadItems, StoreError, Table, Trail};

use crate::compare::{self, SortedLog, is_whole};
use crate::rebuilder::Rebuilder;
use crate::rebuilt::{Broken, Rebuilt};
use crate::releases::declared_notes;

/// What must be, by the history, and what may be.
#[derive(Default)]
pub(crate) struct Expected {
    /// The log of each place in which anything ended.
    pub(crate) logs: BTreeMap<Place, SortedLog>,
    /// What exists.
    pub(crate) shown: BTreeSet<CatalogEntry>,
    /// The lines of lists.
    pub(crate) listed: Vec<ListingItem>,
    /// What was observed.
    pub(crate) observed: Vec<ObservedItem>,
    /// What else may stand, since it is never taken back.
    pub(crate) may_stand: BTreeSet<Key>,
    /// The deployments whose state was recomputed.
    pub(crate) recomputed: BTreeSet<DeploymentId>,
    /// Those whose state is left as it is.
    pub(crate) left_alone: BTreeSet<DeploymentId>,
}

/// Whose history there is.
#[derive(Default)]
pub(crate) struct Recorded {
    pub(crate) deployments: BTreeSet<DeploymentId>,
    pub(crate) releases: BTreeSet<Label>,
    /// Partitions that are nothing of ours.
    pub(crate) foreign: Vec<String>,
}

impl<S: ReadItems> Rebuilder<S> {
    /// Judges the history of a deployment, and adds what follows from it.
    pub(crate) async fn follow(
        &self,
        id: &DeploymentId,
        (expected, found): (&mut Expected, &mut Rebuilt),
        (judging, kept): (&mut Judging<'_>, Kept),
    ) -> Result<(), StoreError> {
        let subject = format!("deployment {id}");
        let (stored, trail) = match self.stored_and_trail(id).await {
            Ok(read) => read,
            Err(error) if error.busy => return Err(error),
            Err(error) => {
                found.broken.push(Broken {
                    subject,
                    since: None,
                    problems: vec![format!("it can't be read: {error}")],
                });
                expected.left_alone.insert(id.clone());
                return Ok(());
            }
        };
        let is_empty = trail.records.is_empty() && trail.unreadable.is_empty();
        if is_empty && (stored.is_none() || self.retention.ends()) {
            expected.left_alone.extend(stored.map(|_| id.clone()));
            return Ok(());
        }
        let judged = trail.adoptable(id, stored.as_ref().map(SummaryItem::stated), kept);
        let wrong = if is_empty { Vec::new() } else { judging.chain(&deployment_partition(id), &trail.chain()) };
        let accepted = self.accepted.contains(id);
        let mut problems = judged.problems;
        if is_empty {
            problems = vec!["it has a summary and no events".to_owned()];
        }
        problems.extend(wrong.iter().map(|wrong| wrong.what.clone()));
        let since = judged.since.or(stored.as_ref().map(|stored| stored.stated().recorded_at));
        found.unanchored.extend(wrong);
        if !problems.is_empty() && !accepted {
            found.broken.push(Broken { subject, since, problems });
            expected.left_alone.insert(id.clone());
            return Ok(());
        }
        if self.retention.ends() && !accepted && !is_whole(stored.as_ref(), &trail.records) {
            found.left += 1;
            expected.left_alone.insert(id.clone());
            return Ok(());
        }
        found.deployments += 1;
        found.events += trail.records.len();
        let replayed = if accepted { replay_as_it_stands(&trail.records) } else { replay(&trail.records) };
        expected.recomputed.insert(id.clone());
        match (replayed, stored) {
            (Some(replayed), stored) => {
                if let Some(difference) = compare::summary(id, stored.as_ref(), &replayed.state)? {
                    found.add(difference);
                }
                let lines = replayed.observed.iter().map(ObservedItem::new);
                expected.observed.extend(lines.collect::<Result<Vec<_>, _>>()?);
                expected.add(replayed);
            }
            (None, Some(_)) => found.add(compare::stray(&summary_key(id), "its events are gone, which was accepted")),
            (None, None) => {}
        }
        Ok(())
    }

    /// The summary first: what is recorded after it was read is not its concern.
    async fn stored_and_trail(&self, id: &DeploymentId) -> Result<(Option<SummaryItem>, Trail), StoreError> {
        let stored = self.reader.get(Table::State, &summary_key(id)).await;
        let trail = self.reader.trail(id).await?;
        // A summary that is none is made anew, if the history is right.
        let stored = match stored {
            Err(error) if error.busy || trail.records.is_empty() => return Err(error),
            stored => stored.unwrap_or_default(),
        };
        Ok((stored, trail))
    }

    /// Judges the declarations of a release, and adds the lines that they stand in.
    pub(crate) async fn follow_release(
        &self,
        release: &Label,
        (expected, found): (&mut Expected, &mut Rebuilt),
        judging: &mut Judging<'_>,
    ) -> Result<(), StoreError> {
        let versions = self.reader.declarations(release).await?;
        judge_versions(format!("release {release}"), &release_partition(release), &versions, found, judging);
        for version in versions {
            expected.listed.push(ListingItem::from(&Listing::day(release.clone(), version.recorded_at)));
            // By the names that were recorded: what an alias stands for now is another thing.
            let declaration = Declaration::recorded(&version.document, &Names::default())
                .map_err(|errors| StoreError::unreadable("declaration", domain::fields::one_line(&errors)))?;
            expected.listed.extend(declared_notes(&declaration));
        }
        Ok(())
    }

    /// Judges the versions of the settings.
    pub(crate) async fn follow_settings(
        &self,
        found: &mut Rebuilt,
        judging: &mut Judging<'_>,
    ) -> Result<(), StoreError> {
        let versions = self.reader.versions_in(SETTINGS).await?;
        judge_versions("the settings".to_owned(), SETTINGS, &versions, found, judging);
        Ok(())
    }

    /// What was recorded from the first to the last day, or stands anywhere, where everything can be listed.
    pub(crate) async fn recorded(&self, days: impl Iterator<Item = String>) -> Result<Recorded, StoreError> {
        let mut partitions: BTreeSet<String> = BTreeSet::new();
        if let Some(keys) = &self.keys {
            partitions.extend(keys(Table::History)?.into_iter().map(|key| key.partition));
        } else {
            for day in days {
                let mut pages = self.reader.pages(Query::of_index(Table::History, BY_DAY, day));
                while let Some(page) = pages.next().await? {
                    partitions.extend(page.items.iter().filter_map(|item| text(item, PARTITION)).map(str::to_owned));
                }
            }
        }
        let mut recorded = Recorded::default();
        for partition in partitions {
            if partition == SETTINGS || partition.starts_with("REJECTED#") {
                continue;
            }
            let release = partition.strip_prefix(RELEASE).and_then(|release| Label::from_key_part(release).ok());
            match (release, id_of_partition(&partition)) {
                (Some(release), _) => {
                    recorded.releases.insert(release);
                }
                (None, Ok(id)) => {
                    recorded.deployments.insert(id);
                }
                (None, Err(_)) => recorded.foreign.push(partition),
            }
        }
        Ok(recorded)
    }
}

impl Expected {
    fn add(&mut self, replayed: Replayed) {
        for (place, log) in replayed.logs {
            let entries = log.0.into_iter().map(|(key, entry)| (log_sort_key(&key), entry));
            self.logs.entry(place).or_default().extend(entries);
        }
        self.shown.extend(catalog::entries(&replayed.state.summary));
        self.may_stand.extend(replayed.shown.iter().map(catalog_key));
        let listed = domain::listings::entries(&replayed.state.summary);
        self.listed.extend(listed.iter().map(ListingItem::from));
        self.may_stand.extend(replayed.listed.iter().map(listing_key));
    }
}

fn judge_versions(
    subject: String,
    partition: &str,
    versions: &[Version],
    found: &mut Rebuilt,
    judging: &mut Judging<'_>,
) {
    if versions.is_empty() {
        return;
    }
    let entry = |version: &Version| ChainEntry {
        sequence: version.number,
        recorded_at: version.recorded_at,
        hash: version.hash.clone(),
    };
    let wrong: Vec<Wrong> = judging.chain(partition, &versions.iter().map(entry).collect::<Vec<_>>());
    let mut problems = version::problems(versions, true);
    problems.extend(wrong.iter().map(|wrong| wrong.what.clone()));
    found.unanchored.extend(wrong);
    if !problems.is_empty() {
        let since: Option<Timestamp> = versions.last().map(|version| version.recorded_at);
        found.broken.push(Broken { subject, since, problems });
    }
}
