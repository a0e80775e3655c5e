//! How long deployments take in a place, or in an environment: one query of the newest.

use domain::identifiers::Environment;
use domain::live::Place;
use domain::questions::expected::Expected;
use domain::questions::previous::{Before, Landed};
use domain::{DeploymentId, Figures, Summary, Timestamp};

use super::Reader;
use super::figures::ended;
use super::log::{Series, of_log};
use crate::StoreError;
use crate::items::from_item;
use crate::items::log::LogItem;
use crate::port::ReadItems;
use crate::position::month_partition;
use crate::query::Query;
use crate::tables::{BY_FINISHED, Table};

/// What is expected of a deployment, and what landed before it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outlook {
    /// How long it should take; none where too little is known.
    pub expected: Option<Expected>,
    /// The landing before it; none where nothing had landed there.
    pub previous: Option<domain::live::Entry>,
}

impl<S: ReadItems> Reader<S> {
    /// What is expected of a deployment, and what landed before it in its place: as of a time, and as it was known at
    /// one. One query, and one or two more where the place has too few landings.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn outlook(
        &self,
        summary: &Summary,
        as_of: Timestamp,
        known_at: Option<Timestamp>,
    ) -> Result<Outlook, StoreError> {
        let Some(before) = Before::of(summary, as_of) else { return Ok(Outlook::default()) };
        let landed = self.newest_landings(&before.place, before.up_to, known_at).await?;
        let previous = before.previous(summary, &landed).cloned();
        let own = Some(&summary.deployment_id);
        let expected = match Expected::of_place(&landed, own) {
            // What ended in an environment is known as it is now.
            None if known_at.is_none() => {
                let finished = self.newest_finished(&before.place.environment, before.up_to).await?;
                Expected::of_environment(&finished, own)
            }
            expected => expected,
        };
        Ok(Outlook { expected, previous })
    }

    /// The newest entries that changed what runs in a place, up to a time, that included, the newest first. One query.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn newest_landings(
        &self,
        place: &Place,
        up_to: Timestamp,
        known_at: Option<Timestamp>,
    ) -> Result<Vec<Landed>, StoreError> {
        // One more, because the deployment that asks is left out.
        let query = of_log(place, Series::Landings, up_to).limit(Expected::NEWEST + 1);
        let page = self.store().query(&query).await?;
        let mut landed = Vec::new();
        for item in page.items {
            let (_, stored) = from_item::<LogItem>(item)?.into_entry();
            if stored.holds(known_at) {
                landed.push((stored.entry, stored.timing));
            }
        }
        landed.sort_unstable_by(|(one, _), (other, _)| other.cmp(one));
        Ok(landed)
    }

    /// What ended last in an environment, up to a time, that included, the newest first: of the month of that time, and
    /// of the one before where that is not enough. One query, or two.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn newest_finished(
        &self,
        environment: &Environment,
        up_to: Timestamp,
    ) -> Result<Vec<(DeploymentId, Figures)>, StoreError> {
        let mut finished = Vec::new();
        for month in [Some(up_to.month()), up_to.month_before()].into_iter().flatten() {
            let left = (Expected::NEWEST + 1).saturating_sub(finished.len());
            if left == 0 {
                break;
            }
            let query = Query::of_index(Table::State, BY_FINISHED, month_partition(environment, &month))
                .between("0", format!("{}~", up_to.sort_key()))
                .descending()
                .limit(left);
            for item in self.store().query(&query).await?.items {
                finished.push(ended(&item)?);
            }
        }
        Ok(finished)
    }
}
