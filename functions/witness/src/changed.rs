//! The chains that changed in a time.

use std::collections::BTreeSet;

use domain::Timestamp;
use domain::anchors::{Chains, FIRST_DAY};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use publisher::Publisher;
use store::keys::SETTINGS;
use store::reader::chains::is_chain;
use store::{ReadItems, StoreError};

use crate::Witness;

/// How many days or chains are read at once.
const AT_ONCE: usize = 32;

impl<S: ReadItems, P: Publisher> Witness<S, P> {
    /// The chains of which anything was recorded from the day of `from` on to that of `until`, whole.
    pub(crate) async fn changed(&self, from: Timestamp, until: Timestamp) -> Result<Chains, StoreError> {
        let days = stream::iter(from.days_to(until).collect::<Vec<_>>());
        let days: Vec<BTreeSet<String>> =
            days.map(|day| self.reader.recorded_on([day])).buffer_unordered(AT_ONCE).try_collect().await?;
        let subjects: BTreeSet<String> = days.into_iter().flatten().filter(|subject| is_chain(subject)).collect();
        let chains = stream::iter(subjects).map(|subject| self.reader.chains([subject])).buffer_unordered(AT_ONCE);
        chains
            .try_fold(Chains::new(), |mut all, chains| async move {
                all.extend(chains);
                Ok(all)
            })
            .await
    }

    /// The beginning of the first day on which anything was recorded, or `otherwise` where nothing was.
    pub(crate) async fn first_day(&self, otherwise: Timestamp, now: Timestamp) -> Result<Timestamp, StoreError> {
        let first = Timestamp::parse(FIRST_DAY).unwrap_or(otherwise);
        for day in first.days_to(now) {
            // The settings are in it whatever the day is.
            let subjects = self.reader.recorded_on([day.clone()]).await?;
            if subjects.iter().any(|subject| subject != SETTINGS) {
                return Ok(Timestamp::parse(&format!("{day}T00:00:00Z")).unwrap_or(otherwise));
            }
        }
        Ok(otherwise)
    }
}
