//! A line of a list by release or artifact.

use domain::listings::Listing;
use domain::{Label, Service, Version};
use serde::{Deserialize, Serialize};

use crate::Key;
use crate::keys::listings::{declared_key, listing_key};

/// A line as it is stored. Where its key can't lead back to the release, because that can be too long for a part of
/// a key, it names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListingItem {
    /// Its key.
    #[serde(flatten)]
    pub key: Key,
    /// The release that it is about; none in a list of deployments, of which the key says all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<Label>,
}

impl ListingItem {
    /// The item of a note that a release is declared to have this version of a service.
    #[must_use]
    pub fn declared(service: &Service, version: &Version, release: &Label) -> Self {
        Self { key: declared_key(service, version, release), release: Some(release.clone()) }
    }
}

impl From<&Listing> for ListingItem {
    fn from(listing: &Listing) -> Self {
        let release = match listing {
            Listing::OfRelease(..) | Listing::OfArtifact(..) => None,
            Listing::ReleaseDay(_, release) | Listing::ReleaseOf(.., release) => Some(release.clone()),
        };
        Self { key: listing_key(listing), release }
    }
}
