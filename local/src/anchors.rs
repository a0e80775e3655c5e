//! The anchors of a file: in a folder beside it, a file for each. What they are, says [`domain::anchors`].
//!
//! An anchor is written once and never again. They prove as much as is sure of where they stand: copy them to where
//! nobody can write who can write the file.

pub mod making;

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use domain::anchors::{Anchor, Series, Wrong};

/// The folder beside a file of data.
#[must_use]
pub fn beside(data: &Path) -> PathBuf {
    let mut name = OsString::from(data);
    name.push(".anchors");
    name.into()
}

/// The anchors in a folder, and which of its files are none. Where there is no folder there are none.
///
/// # Errors
/// When the folder or one of its files can't be read.
pub fn read(folder: &Path) -> io::Result<(Series, Vec<Wrong>)> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Default::default()),
        Err(error) => return Err(error),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.push((name, String::from_utf8_lossy(&fs::read(&path)?).into_owned()));
        }
    }
    files.sort();
    Ok(Series::read(files))
}

/// Writes an anchor into a folder, whole or not at all, and never over another.
///
/// # Errors
/// When it can't be written, or is there already.
pub fn write(folder: &Path, anchor: &Anchor) -> io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let path = folder.join(anchor.file_name());
    let unfinished = tempfile::NamedTempFile::new_in(folder)?;
    let mut file: &File = unfinished.as_file();
    file.write_all(anchor.text().as_bytes())?;
    file.sync_all()?;
    unfinished.persist_noclobber(&path).map_err(|error| error.error)?;
    Ok(path)
}
