//! A copy of a file while it is served.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::backup::Backup;

use crate::file::connect::connect_to_read;
use crate::file::header::{self, Kind};
use crate::file::whole::{beside, sync_folder};
use crate::not_opened::NotOpened;

/// How many pages are copied at once, and how long others have the file for themselves then.
const PAGES: i32 = 1000;
const PAUSE: Duration = Duration::from_millis(1);

/// Copies a file, as it is at one moment, to where nothing is yet. A server may write meanwhile.
///
/// # Errors
/// When there is no such file, when something is at `to`, or when one can't be read or the other written.
pub fn backup(from: &Path, to: &Path) -> Result<(), NotOpened> {
    if header::kind(from)? != Kind::Ours {
        let found = "there is nothing of this version to copy";
        return Err(NotOpened::Foreign { path: from.to_owned(), found });
    }
    if fs::exists(to).map_err(|error| NotOpened::io(to, error))? {
        return Err(NotOpened::io(to, io::ErrorKind::AlreadyExists.into()));
    }
    let new = beside(to, "new");
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new);
    let file = file.map_err(|error| NotOpened::io(&new, error))?;
    let copied = (|| {
        let source = connect_to_read(from)?;
        // One moment: what is written meanwhile would make the copy begin again, and never end.
        source.execute_batch("BEGIN; SELECT count(*) FROM sqlite_master;")?;
        let mut copy = Connection::open(&new)?;
        Backup::new(&source, &mut copy)?.run_to_completion(PAGES, PAUSE, None)?;
        // It is whole without a log, and says so: beside where it is copied back to there may be another's.
        copy.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(()))?;
        copy.close().map_err(|(_, error)| error)
    })();
    copied.map_err(|error| NotOpened::database(from, &error))?;
    file.sync_all().map_err(|error| NotOpened::io(&new, error))?;
    fs::rename(&new, to).map_err(|error| NotOpened::io(to, error))?;
    sync_folder(to)
}
