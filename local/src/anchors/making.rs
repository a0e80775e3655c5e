//! Making an anchor: once a day by the server's clock, and on request.

use std::collections::BTreeSet;
use std::error::Error;
use std::ffi::OsString;
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::Timestamp;
use domain::anchors::{Anchor, AnchorRecord, Extent, Series, next};
use sqlite::Sqlite;
use store::reader::chains::is_chain;
use store::{Reader, StoreError, Table};

use crate::output::print;

/// An anchor that was made, and its file.
pub type Made = (Anchor, PathBuf);

/// Makes the anchor of the days that are closed by now; none where they are anchored already.
///
/// # Errors
/// When the history can't be read, the anchors before it are not what was written, or it can't be written.
pub async fn of_closed_days(store: &Sqlite, folder: &Path, now: Timestamp) -> Result<Option<Made>, Box<dyn Error>> {
    make(store, folder, Extent::of_closed_days(now), now).await
}

/// Makes an anchor that reaches up to now.
///
/// # Errors
/// As of closed days.
pub async fn up_to_now(store: &Sqlite, folder: &Path, now: Timestamp) -> Result<Option<Made>, Box<dyn Error>> {
    make(store, folder, Extent::up_to(now), now).await
}

/// Anchors a file up to now, and says so.
///
/// # Errors
/// When there is no such file, or it can't be anchored.
pub async fn run(data: Option<&Path>) -> Result<(), Box<dyn Error>> {
    let file = data.filter(|file| file.exists()).ok_or("anchor needs --data with an existing file")?;
    let store = Sqlite::open_as_it_is(file)?;
    match up_to_now(&store, &super::beside(file), lambda::now()).await? {
        Some((anchor, path)) => {
            let AnchorRecord { number, size, root, .. } = &anchor.record;
            print(format_args!("Anchor {number}, of {size} chains that changed: {}", path.display()));
            print(format_args!("root {root}"));
            print(format_args!("Keep a copy of it where nobody can write who can write {}.", file.display()));
        }
        None => print("The history is anchored up to now already."),
    }
    Ok(())
}

/// Anchors what is served, day by day, for ever: at the start what was not anchored since, and then whenever a day is
/// closed. What fails is said in the log, and tried again.
pub async fn daily(store: &Sqlite, data: Option<&Path>) {
    let Some(folder) = data.map(super::beside) else { return };
    let mut minutes = tokio::time::interval(Duration::from_mins(5));
    let mut closed = None;
    loop {
        minutes.tick().await;
        let now = lambda::now();
        let day = Extent::of_closed_days(now).closed_until;
        // Years of anchors are read once for each day.
        if closed == Some(day) {
            continue;
        }
        match of_closed_days(store, &folder, now).await {
            Ok(made) => {
                closed = Some(day);
                if let Some((_, path)) = made {
                    tracing::info!(file = %path.display(), "anchored");
                }
            }
            Err(error) => tracing::error!(%error, "the history is not anchored"),
        }
    }
}

async fn make(store: &Sqlite, folder: &Path, extent: Extent, now: Timestamp) -> Result<Option<Made>, Box<dyn Error>> {
    let _alone = alone(folder).await?;
    let (series, mut wrong) = super::read(folder)?;
    wrong.extend(series.problems());
    if let Some(wrong) = wrong.first() {
        return Err(format!("the anchors in {} are not what was written: {}", folder.display(), wrong.what).into());
    }
    if series.last().is_some_and(|last| last.record.closed_until >= extent.closed_until) {
        return Ok(None);
    }
    let reader = Reader::new(store.clone());
    let chains = reader.chains(changed(store, &reader, &series, now).await?).await?;
    let Some(anchor) = next(&series, &chains, extent) else { return Ok(None) };
    let path = super::write(folder, &anchor)?;
    Ok(Some((anchor, path)))
}

/// Waits until nobody else makes an anchor in this folder, whatever process that is in: two would take one number. Nobody
/// else does while the file that is answered, which stands beside the folder, is open.
async fn alone(folder: &Path) -> io::Result<File> {
    let mut beside = OsString::from(folder);
    beside.push(".lock");
    let lock = File::create(beside)?;
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(lock),
            Err(TryLockError::WouldBlock) => tokio::time::sleep(Duration::from_millis(50)).await,
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

/// The chains that can have changed since the last anchor.
async fn changed(
    store: &Sqlite,
    reader: &Reader<Sqlite>,
    series: &Series,
    now: Timestamp,
) -> Result<BTreeSet<String>, StoreError> {
    match series.last() {
        Some(last) => reader.recorded_on(last.record.closed_until.days_to(now)).await,
        None => Ok(store.keys(Table::History)?.into_iter().map(|key| key.partition).filter(|p| is_chain(p)).collect()),
    }
}
