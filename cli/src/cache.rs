//! What is worth remembering between calls, in the user's folder for caches: where the API is, and
//! the names that completion offers. Losing it costs a request; so failing to write it is no failure.

use std::path::PathBuf;
use std::time::Duration;

use etcetera::BaseStrategy as _;

/// A file of the cache, and how long what stands in it is worth something.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kept {
    name: &'static str,
    age: Duration,
}

/// The API's address, as the stack's parameter had it.
pub(crate) const API_URL: Kept = Kept { name: "api-url", age: Duration::from_hours(1) };
/// The names of environments and services.
pub(crate) const CATALOG: Kept = Kept { name: "catalog", age: Duration::from_mins(5) };

/// What was written under this key, unless it is too old.
pub(crate) fn read(kept: Kept, key: &str) -> Option<String> {
    let path = path(kept, key)?;
    let age = std::fs::metadata(&path).ok()?.modified().ok()?.elapsed().ok()?;
    let text = std::fs::read_to_string(path).ok().filter(|_| age < kept.age)?;
    // The file's name is a hash of the key, so the key itself stands in its first line.
    text.strip_prefix(&first_line(key)).map(str::to_owned)
}

/// Writes what is worth remembering.
pub(crate) fn write(kept: Kept, key: &str, text: &str) {
    let Some(path) = path(kept, key) else { return };
    let Some(folder) = path.parent() else { return };
    if std::fs::create_dir_all(folder).is_err() {
        return;
    }
    // Written aside and moved, so that nobody reads half of it.
    let aside = path.with_extension(std::process::id().to_string());
    if std::fs::write(&aside, first_line(key) + text).is_ok() {
        let _ = std::fs::rename(aside, path);
    }
}

/// Forgets what was written under this key.
pub(crate) fn forget(kept: Kept, key: &str) {
    if let Some(path) = path(kept, key) {
        let _ = std::fs::remove_file(path);
    }
}

fn first_line(key: &str) -> String {
    format!("{}\n", key.escape_default())
}

fn path(kept: Kept, key: &str) -> Option<PathBuf> {
    let folder = etcetera::choose_base_strategy().ok()?.cache_dir().join("deployment-status");
    Some(folder.join(format!("{}-{}", kept.name, &domain::json::sha256_hex(key)[..16])))
}
