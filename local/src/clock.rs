//! A clock that was ahead.

use domain::Timestamp;
use sqlite::Sqlite;
use store::items::history::HistoryItem;

/// By how much clocks are corrected all the time.
const USUAL_MILLIS: i64 = 1000;

/// When the newest record was recorded, if that is still to come. Where it can't be read others say so.
#[must_use]
pub fn newest_to_come(store: &Sqlite, now: Timestamp) -> Option<Timestamp> {
    let newest = HistoryItem::of(store.newest().ok()??).ok()?;
    let recorded_at = match newest {
        HistoryItem::Recorded(record) => record.recorded_at,
        HistoryItem::Settings(version) | HistoryItem::Declared(version) => version.recorded_at,
        HistoryItem::Rejected(item) => Timestamp::from_millis(item.recorded_at),
    };
    (recorded_at > now.plus_millis(USUAL_MILLIS)).then_some(recorded_at)
}
