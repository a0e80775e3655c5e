//! The tables and indexes of the file, as `store::tables` declares them.

use std::collections::BTreeMap;

use store::Table;
use store::tables::{Index, KeyAttribute, KeyKind};

/// The table of a table's items.
pub(crate) fn name(table: Table) -> &'static str {
    match table {
        Table::History => "history",
        Table::State => "state",
    }
}

/// The attributes, besides the key of the table, that are keys of its indexes: each is a column.
pub(crate) fn indexed(table: Table) -> impl Iterator<Item = KeyAttribute> {
    let keys = table.definition().indexes.iter().flat_map(|index| index.keys);
    keys.map(|key| (key.name, key)).collect::<BTreeMap<_, _>>().into_values()
}

/// The name of an index, which no two tables share.
pub(crate) fn index_name(table: Table, index: &Index) -> String {
    format!("{} {}", name(table), index.name)
}

/// What creates everything in an empty database.
///
/// Rows are found through an index of both keys and not kept in its order (`WITHOUT ROWID`): they are
/// larger than what that is made for. Their number is the order in which they were written first, and
/// since nothing leaves the history, one number says how far it is published.
pub(crate) fn create() -> String {
    let tables = Table::ALL.into_iter().flat_map(|table| {
        let columns: Vec<String> =
            indexed(table).map(|key| format!(", {} {}", quoted(key.name), kind(key.kind))).collect();
        let columns = columns.concat();
        let items = format!(
            "CREATE TABLE {} (number INTEGER PRIMARY KEY, pk TEXT NOT NULL, sk TEXT NOT NULL, item TEXT NOT NULL\
             {columns}, UNIQUE (pk, sk)) STRICT;",
            name(table)
        );
        std::iter::once(items).chain(table.definition().indexes.iter().map(move |index| create_index(table, index)))
    });
    let published = "CREATE TABLE published (number INTEGER NOT NULL) STRICT; INSERT INTO published VALUES (0);";
    tables.chain([published.to_owned()]).collect::<Vec<_>>().join("\n")
}

/// An index is sparse: a row without one of its attributes does not stand in it.
fn create_index(table: Table, index: &Index) -> String {
    let [partition, sort] = index.keys.map(|key| quoted(key.name));
    format!(
        "CREATE INDEX {} ON {} ({partition}, {sort}, pk, sk) WHERE {partition} IS NOT NULL AND {sort} IS NOT NULL;",
        quoted(&index_name(table, index)),
        name(table)
    )
}

fn kind(kind: KeyKind) -> &'static str {
    match kind {
        KeyKind::Text => "TEXT",
        // As it comes, whole or not: the two compare by their value.
        KeyKind::Number => "ANY",
    }
}

/// A name as an identifier. None of ours has a quote in it.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}
