//! What is worth remembering between calls, in the user's folder for caches: where the API is, and
//! the names that completion offers. Losing it costs a request; so failing to write it is no failure.

use std::path::PathBuf;
use std::time::Duration;

use etcetera::BaseStrategy as _;

/// No file of ours is larger.
const MOST_BYTES: u64 = 4 * 1024 * 1024;

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
/// The latest deployments.
pub(crate) const DEPLOYMENTS: Kept = Kept { name: "deployments", age: Duration::from_secs(10) };

impl Kept {
    /// The same, for whom an old one is better than none.
    pub(crate) fn of_any_age(self) -> Self {
        Self { age: Duration::MAX, ..self }
    }
}

/// What was written under this key, unless it is too old.
pub(crate) fn read(kept: Kept, key: &str) -> Option<String> {
    let path = path(kept, key)?;
    // Whatever else somebody put there may never end.
    let file = std::fs::metadata(&path).ok().filter(|file| file.is_file() && file.len() <= MOST_BYTES)?;
    let age = file.modified().ok()?.elapsed().ok()?;
    let text = std::fs::read_to_string(path).ok().filter(|_| age < kept.age)?;
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
    let written = std::fs::write(&aside, first_line(key) + text).and_then(|()| std::fs::rename(&aside, path));
    if written.is_err() {
        let _ = std::fs::remove_file(aside);
    }
}

/// Forgets what was written under this key.
pub(crate) fn forget(kept: Kept, key: &str) {
    if let Some(path) = path(kept, key) {
        let _ = std::fs::remove_file(path);
    }
}

/// The file's name has only a part of the key's hash; all of it stands in its first line. The key itself
/// can have in it who asks.
fn first_line(key: &str) -> String {
    format!("{}\n", domain::json::sha256_hex(key))
}

fn path(kept: Kept, key: &str) -> Option<PathBuf> {
    let folder = etcetera::choose_base_strategy().ok()?.cache_dir().join("deployment-status");
    Some(folder.join(format!("{}-{}", kept.name, &domain::json::sha256_hex(key)[..16])))
}
