//! What was observed, of deployments and of places.

use domain::Timestamp;
use domain::ledger::observed::{Object, Observed};

use super::Reader;
use crate::StoreError;
use crate::items::observed::ObservedItem;
use crate::keys::observed::{Lines, observed_between, observed_partition};
use crate::port::ReadItems;
use crate::query::Query;
use crate::tables::Table;

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
}
