//! What metrics need of the deployments and incidents that ended in a window of time: one index has it, so no summary
//! is read.

use std::sync::atomic::{AtomicUsize, Ordering};

use domain::questions::delivery::Window;
use domain::{Environment, Figures};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use serde::Deserialize;

use super::Store;
use super::items::{from_item, month_pk};
use super::tables::BY_FINISHED;
use crate::StoreError;

/// How many partitions are read at once.
const AT_ONCE: usize = 16;

#[derive(Deserialize)]
struct Entry {
    figures: String,
}

impl Store {
    /// The figures of the deployments and incidents of these environments that ended in `window`, in no particular
    /// order; none when there are more than `most`, as soon as that is known. The index is a moment
    /// behind what was recorded.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn finished(
        &self,
        environments: &[Environment],
        window: &Window,
        most: usize,
    ) -> Result<Option<Vec<Figures>>, StoreError> {
        let read = AtomicUsize::new(0);
        let months = window.months();
        let partitions: Vec<String> = environments
            .iter()
            .flat_map(|environment| months.iter().map(move |month| month_pk(environment, month)))
            .collect();
        let reads = partitions.into_iter().map(|pk| self.finished_in(pk, window, &read, most));
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
        pk: String,
        window: &Window,
        read: &AtomicUsize,
        most: usize,
    ) -> Result<Vec<Figures>, StoreError> {
        let (from, to) = (window.from().sort_key(), window.to().sort_key());
        let (mut finished, mut start) = (Vec::new(), None);
        loop {
            // A key is longer than the time that it begins with: what ended at `from` is in, at `to` is not.
            let answer = self
                .index_range(BY_FINISHED, &pk, &from, &to)
                .projection_expression("figures")
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| StoreError::call("Query", error))?;
            for item in answer.items.into_iter().flatten() {
                let entry: Entry = from_item(item)?;
                let figures = serde_json::from_str(&entry.figures);
                finished.push(figures.map_err(|e| StoreError::unreadable("figures", e))?);
            }
            let count = usize::try_from(answer.count).unwrap_or(0);
            let so_far = read.fetch_add(count, Ordering::Relaxed) + count;
            start = answer.last_evaluated_key;
            if start.is_none() || so_far > most {
                return Ok(finished);
            }
        }
    }
}
