//! For which environments a gauge is above zero.

use std::collections::BTreeSet;

use domain::Environment;
use domain::identifiers::Identifier as _;

use super::Reader;
use super::catalog::sort_keys;
use crate::StoreError;
use crate::keys::GAUGES;
use crate::port::ReadItems;
use crate::query::Query;
use crate::tables::Table;

impl<S: ReadItems> Reader<S> {
    /// The environments whose gauges were last published above zero.
    ///
    /// # Errors
    /// When they can't be read.
    pub async fn gauged(&self) -> Result<BTreeSet<Environment>, StoreError> {
        let mut gauged = BTreeSet::new();
        let mut pages = self.pages(Query::of(Table::State, GAUGES).consistent().limit(1000));
        while let Some(page) = pages.next().await? {
            gauged.extend(sort_keys(&page).filter_map(|name| Environment::from_key_part(name).ok()));
        }
        Ok(gauged)
    }
}
