//! The two tables with their keys and indexes, as data: adapters create them from it, and a test compares
//! the template with it.

/// One of the two tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// The history. It only grows: an item is written where none stands, and never again.
    History,
    /// The state. All of it can be made again from the history.
    State,
}

impl Table {
    /// Both.
    pub const ALL: [Self; 2] = [Self::History, Self::State];

    /// The table as it must be.
    #[must_use]
    pub fn definition(self) -> Definition {
        match self {
            Self::History => HISTORY,
            Self::State => STATE,
        }
    }
}

/// The names of the two tables, where a database gives them names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableNames {
    /// The history's.
    pub history: String,
    /// The state's.
    pub state: String,
}

impl TableNames {
    /// The name of a table.
    #[must_use]
    pub fn of(&self, table: Table) -> &str {
        match table {
            Table::History => &self.history,
            Table::State => &self.state,
        }
    }
}

/// A table as it must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Definition {
    /// Partition key and sort key.
    pub keys: [KeyAttribute; 2],
    /// Its indexes.
    pub indexes: &'static [Index],
    /// Whether what is newly written is also delivered to whoever publishes it, in the order of writing:
    /// in `DynamoDB` a stream of new and old images, so that who watches sees what something was written over.
    pub stream: bool,
    /// The attribute by which a database may remove items whose time is over, where history is not kept
    /// for ever: a number, in seconds since 1970.
    pub expires: Option<&'static str>,
}

/// An attribute of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyAttribute {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub kind: KeyKind,
}

/// What an attribute of a key is, and so how it sorts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyKind {
    /// A text; sorts by its UTF-8 bytes.
    Text,
    /// A number; sorts by its value.
    Number,
}

/// An index of a table.
///
/// It is sparse: an item stands in it when it has both attributes of the index's key, and else not. Many
/// items can have the same key in an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: &'static str,
    /// Partition key and sort key.
    pub keys: [KeyAttribute; 2],
    /// Attributes that it has besides its own key and the table's key: a query of the index gives these
    /// and no others.
    pub includes: &'static [&'static str],
}

const fn text(name: &'static str) -> KeyAttribute {
    KeyAttribute { name, kind: KeyKind::Text }
}

const fn number(name: &'static str) -> KeyAttribute {
    KeyAttribute { name, kind: KeyKind::Number }
}

/// The attribute that is the partition key of both tables.
pub const PARTITION: &str = "pk";
/// The attribute that is the sort key of both tables.
pub const SORT: &str = "sk";
const KEYS: [KeyAttribute; 2] = [text(PARTITION), text(SORT)];

/// History events by the day of their recording: for rebuilding, for export.
pub const BY_DAY: Index = Index { name: "by-day", keys: [text("recordedDay"), number("recordedAt")], includes: &[] };
/// Deployments of an environment, and apart from them its incidents, by the month of their start.
pub const BY_ENVIRONMENT: Index = Index {
    name: "by-environment",
    keys: [text("environmentMonth"), text("startedKey")],
    includes: &["ended", "version"],
};
/// Deployments of a service to an environment, and apart from them its incidents there, by the year of
/// their start.
pub const BY_SERVICE: Index =
    Index { name: "by-service", keys: [text("serviceYear"), text("startedKey")], includes: &["ended", "version"] };
/// Deployments that have not ended.
pub const ACTIVE: Index = Index { name: "active", keys: [text("activeIn"), text("startedKey")], includes: &[] };
/// Deployments to an environment, and its incidents, that have ended, by the month of their end, with
/// what metrics need of them.
pub const BY_FINISHED: Index =
    Index { name: "by-finished", keys: [text("finishedMonth"), text("finishedKey")], includes: &["figures"] };

const HISTORY: Definition = Definition { keys: KEYS, indexes: &[BY_DAY], stream: true, expires: Some("expiresAt") };
const STATE: Definition = Definition {
    keys: KEYS,
    indexes: &[BY_ENVIRONMENT, BY_SERVICE, ACTIVE, BY_FINISHED],
    stream: false,
    expires: None,
};
