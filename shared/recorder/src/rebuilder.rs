//! Rebuilding: state recomputed from history alone, and compared with what is stored, from both sides. What differs
//! is reported, together with the write that would mend it (see `repair`).
//!
//! The history is judged first. State follows only from a chain that is whole and, where there are anchors, is what
//! they say; of any other deployment the state is left as it is, unless its owner accepts the chain as it stands.
//!
//! Events may be recorded meanwhile. What counts its changes, a summary or a cell, is read before the
//! history that it is compared with: a write that is made only while the count is still that one can't
//! undo what history did not yet say when it was read. And what is found is looked for again: only what is still the
//! same the second time is reported.
//!
//! Where retention is on, history is not all there was: a deployment with events missing can't be
//! recomputed. Its state is taken as it stands, its entries in live logs too.

use std::collections::BTreeSet;

use domain::anchors::{Kept, Series};
use domain::{DeploymentId, Retention, Timestamp};
use store::{Key, ReadItems, Reader, StoreError, Table};

use crate::rebuilt::Rebuilt;

/// What lists the keys of all items of a table, where a database can.
type ListKeys = Box<dyn Fn(Table) -> Result<BTreeSet<Key>, StoreError> + Send + Sync>;

/// Recomputes the state of a store, compares it with what is stored, and repairs it.
pub struct Rebuilder<S> {
    pub(crate) reader: Reader<S>,
    pub(crate) retention: Retention,
    /// What lists everything; none where only what lists and indexes name can be found.
    pub(crate) keys: Option<ListKeys>,
    pub(crate) anchors: Series,
    pub(crate) accepted: BTreeSet<DeploymentId>,
    /// How many days before the first and behind the last are looked at besides.
    pub(crate) margin_days: i64,
}

impl<S> Rebuilder<S> {
    /// Rebuilds in this store, where history is kept for so long.
    pub fn new(store: S, retention: Retention) -> Self {
        let (keys, anchors, accepted) = (None, Series::default(), BTreeSet::new());
        Self { reader: Reader::new(store), retention, keys, anchors, accepted, margin_days: 0 }
    }

    /// The same of a store that can list the keys of all its items.
    #[must_use]
    pub fn listing(self, keys: impl Fn(Table) -> Result<BTreeSet<Key>, StoreError> + Send + Sync + 'static) -> Self {
        Self { keys: Some(Box::new(keys)), ..self }
    }

    /// The same, which looks for what stands so many days before the first day and behind the last one.
    #[must_use]
    pub fn looking_beyond(self, margin_days: i64) -> Self {
        Self { margin_days, ..self }
    }

    /// The same, and the history must be what these anchors say.
    #[must_use]
    pub fn anchored(self, anchors: Series) -> Self {
        Self { anchors, ..self }
    }

    /// The same, and the histories of these deployments are taken as they stand.
    #[must_use]
    pub fn accepting(self, accepted: BTreeSet<DeploymentId>) -> Self {
        Self { accepted, ..self }
    }
}

impl<S: ReadItems> Rebuilder<S> {
    /// What reads the store.
    #[must_use]
    pub fn reader(&self) -> &Reader<S> {
        &self.reader
    }

    /// Judges the history, recomputes the state of all deployments that have an event recorded from `first_day` to
    /// `last_day` or that anything else names, and compares it with what is stored. Only reads.
    ///
    /// # Errors
    /// When a table can't be read.
    pub async fn rebuild(&self, first_day: Timestamp, last_day: Timestamp) -> Result<Rebuilt, StoreError> {
        let kept = Kept { retention: self.retention, now: last_day };
        let mut found = Box::pin(self.look((first_day, last_day), kept)).await?;
        if !found.is_right() {
            let before = found;
            found = Box::pin(self.look((first_day, last_day), kept)).await?;
            found.keep_what_was_found(&before);
        }
        Ok(found)
    }
}
