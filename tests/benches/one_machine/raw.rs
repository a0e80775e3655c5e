//! The same rows, written with nothing around.

use std::path::Path;
use std::time::Instant;

use rusqlite::Connection;

/// The rows of one event, by table.
type Rows = Vec<(&'static str, String, String, String)>;

/// Writes the rows of each event of `file`, as they stand there in the end, in a transaction of its own to a new
/// file with the same tables; answers how many transactions a second that were.
pub(crate) fn transactions(file: &Path, new: &Path) -> f64 {
    let from = Connection::open(file).expect("the file of the server");
    let to = Connection::open(new).expect("a new file");
    let mode = to.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0));
    assert_eq!(mode.as_deref(), Ok("wal"));
    to.pragma_update(None, "synchronous", "FULL").expect("the mode of the server");
    for statement in column(&from, "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid") {
        to.execute_batch(&statement).expect("the tables of the server");
    }
    let events = events(&from);
    let before = Instant::now();
    for rows in &events {
        to.execute_batch("BEGIN IMMEDIATE").expect("a transaction");
        for (table, partition, sort, item) in rows {
            let put = format!(
                "INSERT INTO {table} (pk, sk, item) VALUES (?1, ?2, ?3) ON CONFLICT (pk, sk) DO UPDATE SET item = excluded.item"
            );
            to.prepare_cached(&put).and_then(|mut put| put.execute((partition, sort, item))).expect("a row");
        }
        to.execute_batch("COMMIT").expect("a commit");
    }
    #[expect(clippy::cast_precision_loss, reason = "thousands")]
    let count = events.len() as f64;
    count / before.elapsed().as_secs_f64()
}

/// The rows that each event wrote: itself, the summary of its deployment, and where it ended one the entry in the
/// live log with what is live there.
fn events(from: &Connection) -> Vec<Rows> {
    let mut history = from.prepare("SELECT pk, sk, item FROM history ORDER BY number").expect("history");
    let texts = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let history = history.query_map([], texts).and_then(Iterator::collect::<Result<Vec<(String, String, String)>, _>>);
    let mut of_deployment = from
        .prepare(
            "SELECT pk, sk, item FROM state WHERE pk = ?1 OR (?2 AND pk LIKE 'LIVE#production#%' AND sk LIKE ?3)
             OR (?2 AND pk = 'LIVE#production' AND sk = ?4)",
        )
        .expect("state");
    let mut events = Vec::new();
    for (partition, sort, item) in history.expect("history") {
        let id = partition.trim_start_matches("DEPLOYMENT#").to_owned();
        let ends = item.contains("COMPLETED");
        let service =
            item.split("\\\"service\\\":\\\"").nth(1).and_then(|rest| rest.split('\\').next()).unwrap_or_default();
        let values = (&partition, ends, format!("%#{id}#%"), service);
        let state = of_deployment.query_map(values, texts).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let state =
            state.expect("state").into_iter().map(|(pk, sk, item): (String, String, String)| ("state", pk, sk, item));
        events.push(std::iter::once(("history", partition.clone(), sort, item)).chain(state).collect());
    }
    events
}

fn column(from: &Connection, sql: &str) -> Vec<String> {
    let mut statement = from.prepare(sql).expect("a statement");
    let texts = statement.query_map([], |row| row.get(0)).and_then(Iterator::collect);
    texts.expect("texts")
}
