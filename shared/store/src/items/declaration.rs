//! A version of the declaration of a release in the history.

use domain::settings::version::Version;
use domain::{Label, Timestamp};
use serde::{Deserialize, Serialize};

use crate::keys::listings::declaration_key;

/// A version of a declaration as it is stored. It never expires.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeclarationItem {
    pk: String,
    sk: String,
    number: u64,
    document: String,
    /// By it the history's index of days finds what was declared.
    recorded_day: String,
    recorded_at: i64,
    recorded_by: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    previous_hash: String,
    hash: String,
}

impl DeclarationItem {
    /// The item of a version of a release's declaration.
    #[must_use]
    pub fn new(release: &Label, version: &Version) -> Self {
        let key = declaration_key(release, version.number);
        Self {
            pk: key.partition,
            sk: key.sort,
            number: version.number,
            document: version.document.clone(),
            recorded_day: version.recorded_at.day(),
            recorded_at: version.recorded_at.millis(),
            recorded_by: version.recorded_by.clone(),
            previous_hash: version.previous_hash.clone(),
            hash: version.hash.clone(),
        }
    }
}

impl From<DeclarationItem> for Version {
    fn from(item: DeclarationItem) -> Self {
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
