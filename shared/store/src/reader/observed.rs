//! What was observed, of deployments and of places.

use std::collections::BTreeSet;

use domain::ledger::observed::{Object, Observed};
use domain::{DeploymentId, Subject, Timestamp};

use super::Reader;
use crate::StoreError;
use crate::items::observed::ObservedItem;
use crate::keys::observed::{Lines, observed_between, observed_partition};
use crate::keys::{OBSERVED_MONTHS, text};
use crate::port::ReadItems;
use crate::position::{deployment_at, list_partition};
use crate::query::Query;
use crate::tables::{BY_ENVIRONMENT, Table};

impl<S: ReadItems> Reader<S> {
    /// These lines of what was observed of this from one time to another, both included, the earliest first.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn observed(
        &self,
        object: &Object,
        lines: Lines,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<Vec<Observed>, StoreError> {
        if to < from {
            return Ok(Vec::new());
        }
        let (first, last) = observed_between(lines, from, to);
        let query = Query::of(Table::State, observed_partition(object)).between(first, last).consistent();
        let (mut pages, mut observed) = (self.pages(query), Vec::new());
        while let Some(page) = pages.next().await? {
            for item in page.items {
                observed.push(ObservedItem::observed(item)?);
            }
        }
        Ok(observed)
    }

    /// Whether anything was observed of this from one time to another, both included.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn has_observed(&self, object: &Object, from: Timestamp, to: Timestamp) -> Result<bool, StoreError> {
        if to < from {
            return Ok(false);
        }
        let (measured, alarms) =
            (observed_between(Lines::Measured, from, to), observed_between(Lines::Alarms, from, to));
        // Mostly nothing at all is found, or something that was measured: that takes one call.
        for (first, last) in [(&measured.0, &alarms.1), (&alarms.0, &alarms.1)] {
            let query = Query::of(Table::State, observed_partition(object)).between(first.clone(), last.clone());
            let found = self.store().query(&query.consistent().limit(1)).await?.items.pop();
            let Some(found) = found else { return Ok(false) };
            let row = ObservedItem::observed(found)?;
            if (from..=to).contains(&row.moment.at) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The histories of observations that began in these months (`yyyy-mm`), both included, wherever that was. The
    /// index is a moment behind what was recorded.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn observed_histories(&self, first: &str, last: &str) -> Result<BTreeSet<DeploymentId>, StoreError> {
        let mut histories = BTreeSet::new();
        for of_month in self.catalog(OBSERVED_MONTHS).await? {
            let within = of_month.rsplit_once('#').is_some_and(|(_, month)| (first..=last).contains(&month));
            if !within {
                continue;
            }
            let partition = list_partition(Subject::Observations, &of_month);
            let mut pages = self.pages(Query::of_index(Table::State, BY_ENVIRONMENT, partition));
            while let Some(page) = pages.next().await? {
                let [_, started] = BY_ENVIRONMENT.keys;
                for key in page.items.iter().filter_map(|item| text(item, started.name)) {
                    histories.insert(deployment_at(key)?);
                }
            }
        }
        Ok(histories)
    }
}
