//! What metrics need of the deployments and incidents that ended in a window of time: one index has it, so
//! no summary is read.

use std::sync::atomic::{AtomicUsize, Ordering};

use domain::Environment;
use domain::questions::delivery::{Ended, Window};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};

use super::Reader;
use crate::keys::text;
use crate::port::ReadItems;
use crate::position::{deployment_at, month_partition};
use crate::query::Query;
use crate::tables::{BY_FINISHED, Table};
use crate::{Item, StoreError};

/// How many partitions are read at once.
const AT_ONCE: usize = 16;
/// The attribute that has them.
const FIGURES: &str = "figures";

impl<S: ReadItems> Reader<S> {
    /// The figures of the deployments and incidents of these environments that ended in `window`, in no
    /// particular order; none when there are more than `most`, as soon as that is known. The index is a
    /// moment behind what was recorded.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn finished(
        &self,
        environments: &[Environment],
        window: &Window,
        most: usize,
    ) -> Result<Option<Vec<Ended>>, StoreError> {
        let read = AtomicUsize::new(0);
        let months = window.months();
        let partitions: Vec<String> = environments
            .iter()
            .flat_map(|environment| months.iter().map(move |month| month_partition(environment, month)))
            .collect();
        let reads = partitions.into_iter().map(|partition| self.finished_in(partition, window, &read, most));
        let mut pages = stream::iter(reads).buffer_unordered(AT_ONCE);
        let mut finished = Vec::new();
        while let Some(figures) = pages.try_next().await? {
            finished.extend(figures);
            if read.load(Ordering::Relaxed) > most {
                return Ok(None);
            }
        }
        Ok(Some(finished))
    }

    /// Those of one partition. `read` counts how many were read in all partitions: past `most` there is
    /// nothing to go on for.
    async fn finished_in(
        &self,
        partition: String,
        window: &Window,
        read: &AtomicUsize,
        most: usize,
    ) -> Result<Vec<Ended>, StoreError> {
        // A key is longer than the time that it begins with: what ended at `from` is in, at `to` is not.
        let query = Query::of_index(Table::State, BY_FINISHED, partition)
            .between(window.from().sort_key(), window.to().sort_key());
        let (mut finished, mut pages) = (Vec::new(), self.pages(query));
        while let Some(page) = pages.next().await? {
            for item in &page.items {
                finished.push(ended(item)?);
            }
            if read.fetch_add(page.count, Ordering::Relaxed) + page.count > most {
                break;
            }
        }
        Ok(finished)
    }
}

/// What ended, as the index has it.
pub(super) fn ended(item: &Item) -> Result<Ended, StoreError> {
    let [_, finished_at] = BY_FINISHED.keys;
    let place = text(item, finished_at.name).ok_or_else(|| StoreError::unreadable("index entry", "no key"))?;
    let figures = text(item, FIGURES).ok_or_else(|| StoreError::unreadable("figures", "not a text"))?;
    let figures = serde_json::from_str(figures).map_err(|e| StoreError::unreadable("figures", e))?;
    Ok((deployment_at(place)?, figures))
}
