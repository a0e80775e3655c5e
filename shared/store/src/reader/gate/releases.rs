//! The releases that a version belongs to, and how they stand in the environment before.
//!
//! Notes say which releases may have it: they are written with each declaration and with each deployment, are read
//! consistently, and are never taken back. So each release is looked at, whether it has the version still. Without
//! a note nothing more is read.

use std::collections::BTreeSet;

use domain::listings::brings;
use domain::live::ThingKey;
use domain::live::thing::Thing;
use domain::questions::gate::OfRelease;
use domain::settings::{Names, Path};
use domain::{Environment, Label, State};
use futures_util::future::{try_join, try_join_all};

use super::{GateQuestion, Reader};
use crate::StoreError;
use crate::items::from_item;
use crate::items::listing::ListingItem;
use crate::keys::listings::{declared_partition, named_partition};
use crate::port::ReadItems;
use crate::query::Query;
use crate::reader::declarations::Declared;
use crate::reader::release::ReleaseQuestion;
use crate::tables::Table;

/// How many releases that the version belongs to are looked at.
const RELEASES: usize = 50;
/// How many notes of each name and key are read.
const NOTES: usize = 200;
/// How many releases are read at once.
const AT_ONCE: usize = 10;

/// A release that the version belongs to.
struct Belonging<'r> {
    asked: ReleaseQuestion<'r>,
    /// What it is declared to be.
    declared: Option<Declared>,
    /// The deployments that name it, where they imply it.
    deployments: Vec<State>,
    /// Whether there are more of them.
    more: bool,
}

impl<S: ReadItems> Reader<S> {
    /// The releases that it belongs to: those that are declared to have this version for the environment, and those
    /// that a deployment of it names, wherever that was. And whether there may be more.
    pub(super) async fn releases_of(
        &self,
        question: GateQuestion<'_>,
        before: &Environment,
        names: &Names,
        path: &Path,
    ) -> Result<(Vec<OfRelease>, bool), StoreError> {
        let GateQuestion { place, thing, as_of, known_at, .. } = question;
        let services = names.services.same(&place.service);
        let versions = thing.version.iter();
        let declared =
            versions.flat_map(|version| services.iter().map(move |service| declared_partition(service, version)));
        let keys: Vec<ThingKey> = thing.keys();
        let deployed = keys.iter().flat_map(|key| services.iter().map(move |service| named_partition(service, key)));
        let ((declared, more_declared), (deployed, more_deployed)) =
            try_join(self.noted(declared.collect()), self.noted(deployed.collect())).await?;
        let all: Vec<&Label> = declared.union(&deployed).collect();
        let mut belonging: Vec<Belonging<'_>> = Vec::new();
        for some in all.chunks(AT_ONCE) {
            let of_each = some.iter().map(|release| {
                let asked = ReleaseQuestion { release, environment: before, as_of, known_at, names, path };
                Box::pin(self.belonging(asked, question, deployed.contains(*release)))
            });
            belonging.extend(try_join_all(of_each).await?.into_iter().flatten());
            if belonging.len() > RELEASES {
                break;
            }
        }
        let more = more_declared || more_deployed || belonging.len() > RELEASES;
        let standings = belonging.into_iter().take(RELEASES).map(|belonging| Box::pin(self.of_release(belonging)));
        Ok((try_join_all(standings).await?, more))
    }

    /// The releases that stand in these lists of notes, and whether there are more.
    async fn noted(&self, partitions: Vec<String>) -> Result<(BTreeSet<Label>, bool), StoreError> {
        let pages = try_join_all(partitions.into_iter().map(|partition| async move {
            let query = Query::of(Table::State, partition).limit(NOTES + 1).consistent();
            self.store().query(&query).await
        }));
        let (mut releases, mut more) = (BTreeSet::new(), false);
        for page in pages.await? {
            // A page that is full is not known to be the last one.
            more |= page.items.len() > NOTES || page.next.is_some();
            for item in page.items.into_iter().take(NOTES) {
                releases.extend(from_item::<ListingItem>(item)?.release);
            }
        }
        Ok((releases, more))
    }

    /// What is known of a noted release, if what the gate is asked about belongs to it.
    async fn belonging<'r>(
        &self,
        asked: ReleaseQuestion<'r>,
        GateQuestion { place, thing, .. }: GateQuestion<'_>,
        is_named: bool,
    ) -> Result<Option<Belonging<'r>>, StoreError> {
        let declared = self.declared(asked.release, asked.recorded_by(), asked.names).await?;
        let has = declared.as_ref().is_some_and(|declared| {
            let declaration = &declared.declaration;
            let has = |version| declaration.has(&place.service, version) && declaration.concerns(&place.environment);
            thing.version.as_ref().is_some_and(has)
        });
        let (deployments, more) =
            if is_named && !has { self.deployments_naming(asked).await? } else { (Vec::new(), false) };
        let of_it = |state: &State| {
            let summary = &state.summary;
            asked.names.services.resolve(&summary.service()) == &place.service
                && brings(summary)
                && thing.is_same(&Thing::of(summary))
        };
        // Among those that were not read there may be one of it.
        let belongs = has || more || deployments.iter().any(of_it);
        Ok(belongs.then_some(Belonging { asked, declared, deployments, more }))
    }

    /// How a release stands.
    async fn of_release(&self, belonging: Belonging<'_>) -> Result<OfRelease, StoreError> {
        let Belonging { asked, declared, deployments, more } = belonging;
        let standing = match declared {
            Some(declared) => self.declared_standing(declared, asked).await?,
            None => self.implied_standing(&deployments, more, asked).await?,
        };
        Ok(OfRelease {
            services: standing.services.into_iter().map(|of| (of.expected.service, of.state)).collect(),
            more: standing.more,
            release: asked.release.clone(),
        })
    }
}
