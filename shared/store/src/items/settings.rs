//! A version of the settings in the history.

use domain::Timestamp;
use domain::settings::version::Version;
use serde::{Deserialize, Serialize};

use crate::keys::settings_key;

/// A version of the settings as it is stored. It never expires.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SettingsItem {
    pk: String,
    sk: String,
    number: u64,
    document: String,
    recorded_at: i64,
    recorded_by: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    previous_hash: String,
    hash: String,
}

impl From<&Version> for SettingsItem {
    fn from(version: &Version) -> Self {
        let key = settings_key(version.number);
        Self {
            pk: key.partition,
            sk: key.sort,
            number: version.number,
            document: version.document.clone(),
            recorded_at: version.recorded_at.millis(),
            recorded_by: version.recorded_by.clone(),
            previous_hash: version.previous_hash.clone(),
            hash: version.hash.clone(),
        }
    }
}

impl From<SettingsItem> for Version {
    fn from(item: SettingsItem) -> Self {
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
