//! A question to a table, as data.

use crate::Item;
use crate::keys::{Key, text};
use crate::tables::{Index, SORT, Table};

/// Items of one partition, of a table or of an index, in the order of their sort keys.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// The table.
    pub table: Table,
    /// The index of it, or none for the table itself.
    pub index: Option<Index>,
    /// The partition key.
    pub partition: String,
    /// Which sort keys.
    pub range: Range,
    /// In which direction.
    pub direction: Direction,
    /// How many items are read at most for one page; none for as many as a page holds.
    pub limit: Option<usize>,
    /// Where to go on: behind the item with this key, in the direction of the query. It is what
    /// [`Page::next`] was, or a key of one's own: [`Query::after`].
    pub start: Option<Item>,
    /// Whether everything that was written before is seen. An index can lag behind, so there it is not
    /// asked for.
    pub consistent: bool,
    /// What is given of each item.
    pub select: Select,
}

/// Which sort keys a query is about. Ranges are over keys that are texts, and compare UTF-8 bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Range {
    /// All.
    All,
    /// Those that begin with this text.
    Prefix(String),
    /// From the first to the second, both included. The second is not less than the first.
    Between(String, String),
}

/// The order of a query's items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The least sort key first.
    Ascending,
    /// The greatest sort key first.
    Descending,
}

/// What a query gives of each item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Select {
    /// All attributes; of an index those that it has.
    Items,
    /// Only this attribute.
    Attribute(&'static str),
    /// Nothing: only how many there are.
    Count,
}

/// A page of the answer to a query.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// The items; none when they were only counted.
    pub items: Vec<Item>,
    /// How many items this page has, or counted.
    pub count: usize,
    /// The key of the last item read, to go on behind it; none when nothing is left. There can be a next
    /// page that turns out to be empty.
    pub next: Option<Item>,
}

impl Query {
    /// All items of a partition of a table, in ascending order.
    #[must_use]
    pub fn of(table: Table, partition: impl Into<String>) -> Self {
        Self {
            table,
            index: None,
            partition: partition.into(),
            range: Range::All,
            direction: Direction::Ascending,
            limit: None,
            start: None,
            consistent: false,
            select: Select::Items,
        }
    }

    /// All items of a partition of an index, in ascending order.
    #[must_use]
    pub fn of_index(table: Table, index: Index, partition: impl Into<String>) -> Self {
        Self { index: Some(index), ..Self::of(table, partition) }
    }

    /// Only items whose sort key begins so.
    #[must_use]
    pub fn prefix(self, prefix: impl Into<String>) -> Self {
        Self { range: Range::Prefix(prefix.into()), ..self }
    }

    /// Only items whose sort key is one of these or stands between them.
    #[must_use]
    pub fn between(self, from: impl Into<String>, to: impl Into<String>) -> Self {
        Self { range: Range::Between(from.into(), to.into()), ..self }
    }

    /// The greatest sort key first.
    #[must_use]
    pub fn descending(self) -> Self {
        Self { direction: Direction::Descending, ..self }
    }

    /// At most so many items a page.
    #[must_use]
    pub fn limit(self, limit: usize) -> Self {
        Self { limit: Some(limit), ..self }
    }

    /// Only items behind this sort key, in the direction of the query; of a table, not of an index. There
    /// need not be an item with this key.
    #[must_use]
    pub fn after(self, sort: Option<&str>) -> Self {
        let start = sort.map(|sort| Key::new(self.partition.as_str(), sort).into());
        Self { start, ..self }
    }

    /// Everything that was written before is seen.
    #[must_use]
    pub fn consistent(self) -> Self {
        Self { consistent: true, ..self }
    }

    /// What is given of each item.
    #[must_use]
    pub fn select(self, select: Select) -> Self {
        Self { select, ..self }
    }
}

impl Page {
    /// The sort key, in the table, of the last item read; none when nothing is left.
    #[must_use]
    pub fn next_sort_key(&self) -> Option<&str> {
        text(self.next.as_ref()?, SORT)
    }
}
