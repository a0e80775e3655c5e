//! The keys of lists by release and by artifact, and of declared releases.
//!
//! | partition | sort key | what |
//! | --- | --- | --- |
//! | `RELEASE#<release>` | `<number>` | a version of its declaration (history) |
//! | `RELEASE#<release>` | `<time>#<id>` | a deployment of a release |
//! | `ARTIFACT#<artifact>` | `<time>#<id>` | a deployment of an artifact |
//! | `RELEASES` | `<day>#<release>` | a day on which a release was deployed or declared |
//! | `DECLARED#<service>#<version>` | `<release>` | a release that is declared to have this version |
//! | `NAMED#<service>#VERSION#<version>`, `…#COMMIT#<commit>` | `<release>` | a release that a deployment of it named |

use domain::identifiers::key_part;
use domain::listings::Listing;
use domain::live::ThingKey;
use domain::{DeploymentId, Label, Service, Timestamp, Version};

use super::Key;
use crate::position::timed_key;

/// The partition of the days of releases.
pub const RELEASE_DAYS: &str = "RELEASES";
/// How the partitions of releases begin, in both tables.
pub const RELEASE: &str = "RELEASE#";

/// The partition of a release: in the history its declarations, in the state its deployments.
#[must_use]
pub fn release_partition(release: &Label) -> String {
    format!("{RELEASE}{}", key_part::escape(release.as_str()))
}

/// The partition of the deployments of an artifact.
#[must_use]
pub fn artifact_partition(artifact: &Label) -> String {
    format!("ARTIFACT#{}", key_part::escape(artifact.as_str()))
}

/// The partition of the releases that are declared to have this version of a service.
#[must_use]
pub fn declared_partition(service: &Service, version: &Version) -> String {
    format!("DECLARED#{}", key_part::join(&[service.as_str(), version.as_str()]))
}

/// The key of the note that a release is declared to have this version of a service.
#[must_use]
pub fn declared_key(service: &Service, version: &Version, release: &Label) -> Key {
    Key::new(declared_partition(service, version), key_part::bounded(release.as_str()))
}

/// The partition of the releases that deployments of this thing of a service named.
#[must_use]
pub fn named_partition(service: &Service, key: &ThingKey) -> String {
    let (kind, name) = match key {
        ThingKey::Commit(commit) => ("COMMIT", commit.as_str()),
        ThingKey::Version(version) => ("VERSION", version.as_str()),
    };
    format!("NAMED#{}#{kind}#{}", key_part::escape(service.as_str()), key_part::bounded(name))
}

/// The key of a version of a declaration: its number, in twelve digits.
#[must_use]
pub fn declaration_key(release: &Label, number: u64) -> Key {
    Key::new(release_partition(release), format!("{number:012}"))
}

/// The key of a line of a list.
#[must_use]
pub fn listing_key(listing: &Listing) -> Key {
    let timed = |at: &Timestamp, id: &DeploymentId| timed_key(*at, id);
    match listing {
        Listing::OfRelease(release, at, id) => Key::new(release_partition(release), timed(at, id)),
        Listing::OfArtifact(artifact, at, id) => Key::new(artifact_partition(artifact), timed(at, id)),
        Listing::ReleaseDay(day, release) => {
            Key::new(RELEASE_DAYS, format!("{day}#{}", key_part::bounded(release.as_str())))
        }
        Listing::ReleaseOf(service, key, release) => {
            Key::new(named_partition(service, key), key_part::bounded(release.as_str()))
        }
    }
}
