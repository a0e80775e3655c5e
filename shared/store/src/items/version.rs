//! A version of a document in the history: of the settings, or of the declaration of a release.

use domain::settings::version::Version;
use domain::{Label, Timestamp};
use serde::{Deserialize, Serialize};

use crate::keys::listings::declaration_key;
use crate::keys::{Key, settings_key};

/// A version of a document as it is stored. It never expires.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VersionItem {
    pk: String,
    sk: String,
    number: u64,
    document: String,
    /// Of a declaration: by it the history's index of days finds what was declared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    recorded_day: Option<String>,
    recorded_at: i64,
    recorded_by: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    previous_hash: String,
    hash: String,
}

impl VersionItem {
    /// The item of a version of the settings.
    #[must_use]
    pub fn of_settings(version: &Version) -> Self {
        Self::new(settings_key(version.number), version, None)
    }

    /// The item of a version of a release's declaration.
    #[must_use]
    pub fn of_declaration(release: &Label, version: &Version) -> Self {
        Self::new(declaration_key(release, version.number), version, Some(version.recorded_at.day()))
    }

    fn new(key: Key, version: &Version, recorded_day: Option<String>) -> Self {
        Self {
            pk: key.partition,
            sk: key.sort,
            number: version.number,
            document: version.document.clone(),
            recorded_day,
            recorded_at: version.recorded_at.millis(),
            recorded_by: version.recorded_by.clone(),
            previous_hash: version.previous_hash.clone(),
            hash: version.hash.clone(),
        }
    }
}

impl From<VersionItem> for Version {
    fn from(item: VersionItem) -> Self {
        Self {
            number: item.number,
            document: item.document,
            recorded_at: Timestamp::from_millis(item.recorded_at),
            recorded_by: item.recorded_by,
            previous_hash: item.previous_hash,
            hash: item.hash,
        }
    }
}
