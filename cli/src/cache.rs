//! A cache between calls, in the user's cache folder: the API's address, and the names that completion
//! offers. A lost entry costs one request, so an error while writing is ignored.

use std::path::PathBuf;
use std::time::Duration;

use etcetera::BaseStrategy as _;

/// The largest file that is read: ours are smaller.
const MOST_BYTES: u64 = 4 * 1024 * 1024;

/// A kind of cache entry, and how long it is valid.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    name: &'static str,
    age: Duration,
}

/// The API's address, from the stack's parameter.
pub(crate) const API_URL: Entry = Entry { name: "api-url", age: Duration::from_hours(1) };
/// The names of environments and services.
pub(crate) const CATALOG: Entry = Entry { name: "catalog", age: Duration::from_mins(5) };
/// The latest deployments.
pub(crate) const DEPLOYMENTS: Entry = Entry { name: "deployments", age: Duration::from_secs(10) };

impl Entry {
    /// The same entry, valid at any age: an old one is better than none.
    pub(crate) fn of_any_age(self) -> Self {
        Self { age: Duration::MAX, ..self }
    }
}

/// What was written under this key, unless it is too old.
pub(crate) fn read(entry: Entry, key: &str) -> Option<String> {
    let path = path(entry, key)?;
    // Something else at this path, such as a pipe, might never end.
    let file = std::fs::metadata(&path).ok().filter(|file| file.is_file() && file.len() <= MOST_BYTES)?;
    let age = file.modified().ok()?.elapsed().ok()?;
    let text = std::fs::read_to_string(path).ok().filter(|_| age < entry.age)?;
    text.strip_prefix(&first_line(key)).map(str::to_owned)
}

/// Writes an entry.
pub(crate) fn write(entry: Entry, key: &str, text: &str) {
    let Some(path) = path(entry, key) else { return };
    let Some(folder) = path.parent() else { return };
    if std::fs::create_dir_all(folder).is_err() {
        return;
    }
    // Written to another file and renamed, so that no reader sees half of it.
    let aside = path.with_extension(std::process::id().to_string());
    let written = std::fs::write(&aside, first_line(key) + text).and_then(|()| std::fs::rename(&aside, path));
    if written.is_err() {
        let _ = std::fs::remove_file(aside);
    }
}

/// Removes what was written under this key.
pub(crate) fn forget(entry: Entry, key: &str) {
    if let Some(path) = path(entry, key) {
        let _ = std::fs::remove_file(path);
    }
}

/// The whole hash of the key: the file's name has only a part of it. Not the key itself, which can contain
/// an access key id.
fn first_line(key: &str) -> String {
    format!("{}\n", domain::json::sha256_hex(key))
}

fn path(entry: Entry, key: &str) -> Option<PathBuf> {
    let folder = etcetera::choose_base_strategy().ok()?.cache_dir().join("deployment-status");
    Some(folder.join(format!("{}-{}", entry.name, &domain::json::sha256_hex(key)[..16])))
}
