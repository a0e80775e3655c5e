//! A file that was copied to where another was.

use std::fs;
use std::path::{Path, PathBuf};

use crate::file::header::{self, Kind};
use crate::file::whole::{beside, sync_folder};
use crate::not_opened::NotOpened;

/// Whether there is a log beside a file that has none: it is that of the file that was here before.
pub(super) fn has_log_of_another(path: &Path) -> Result<bool, NotOpened> {
    let log = log(path);
    let exists = fs::exists(&log).map_err(|error| NotOpened::io(&log, error))?;
    Ok(exists && header::kind(path)? == Kind::Ours && header::is_whole(path)?)
}

/// Sets such a log aside: it would undo the copy.
pub(super) fn set_aside_log(path: &Path) -> Result<(), NotOpened> {
    if !has_log_of_another(path)? {
        return Ok(());
    }
    let log = log(path);
    let aside = beside(&log, "aside");
    fs::rename(&log, &aside).map_err(|error| NotOpened::io(&log, error))?;
    let aside = aside.display();
    tracing::warn!(%aside, "the log of the file that was here before the copy is set aside");
    sync_folder(path)
}

fn log(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}
