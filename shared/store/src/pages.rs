//! Answers that come in pages: the one place that knows how to go on.

use crate::StoreError;
use crate::port::ReadItems;
use crate::query::{Page, Query};

/// The pages of the answer to a query, one after the other.
#[derive(Debug)]
pub struct Pages<'s, S> {
    store: &'s S,
    /// The query of the next page; none when the last page was read.
    query: Option<Query>,
}

impl<'s, S: ReadItems> Pages<'s, S> {
    /// The pages of this query's answer. Nothing is read yet.
    pub fn new(store: &'s S, query: Query) -> Self {
        Self { store, query: Some(query) }
    }

    /// From now on pages have up to this many items.
    pub fn grow(&mut self, limit: usize) {
        self.query = self.query.take().map(|query| query.limit(limit));
    }

    /// Whether the last page was read.
    #[must_use]
    pub fn is_at_end(&self) -> bool {
        self.query.is_none()
    }

    /// Reads the next page; none when there is none.
    ///
    /// # Errors
    /// When it can't be read.
    pub async fn next(&mut self) -> Result<Option<Page>, StoreError> {
        let Some(query) = &mut self.query else { return Ok(None) };
        let page = self.store.query(query).await?;
        match &page.next {
            Some(next) => query.start = Some(next.clone()),
            None => self.query = None,
        }
        Ok(Some(page))
    }
}
