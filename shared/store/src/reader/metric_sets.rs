//! Which sets of dimensions have metrics.

use domain::follows::metric_sets::{Day, of_key};
use domain::follows::metrics::Dimensions;

use super::Reader;
use crate::StoreError;
use crate::items::from_item;
use crate::items::metric_sets::{MetricCountItem, MetricSetItem};
use crate::keys::{METRIC_SETS, METRICS, metric_count_key, text};
use crate::port::ReadItems;
use crate::query::Query;
use crate::tables::{SORT, Table};

/// What is noted of sets of dimensions.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct NotedSets {
    /// Each with the day on which it was noted last.
    pub sets: Vec<(Dimensions, Day)>,
    /// How many were new; none where none was ever noted.
    pub count: Option<MetricCountItem>,
}

impl<S: ReadItems> Reader<S> {
    /// The sets of dimensions that have metrics.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn metric_sets(&self) -> Result<NotedSets, StoreError> {
        let mut noted = NotedSets::default();
        let count = metric_count_key();
        let mut pages = self.pages(Query::of(Table::State, METRICS).consistent());
        while let Some(page) = pages.next().await? {
            for item in page.items {
                let Some(sort) = text(&item, SORT) else { continue };
                if sort == count.sort {
                    noted.count = Some(from_item(item)?);
                } else if let Some(set) = sort.strip_prefix(METRIC_SETS).and_then(of_key) {
                    noted.sets.push((set, from_item::<MetricSetItem>(item)?.day));
                }
            }
        }
        Ok(noted)
    }
}
