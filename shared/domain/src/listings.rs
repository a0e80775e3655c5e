//! The lists that a deployment stands in for what it names: those of its release and of its artifact; on which days
//! releases were deployed, so that they can be listed; and which releases a thing was deployed with.

use std::collections::BTreeSet;

use crate::identifiers::{DeploymentId, Label, Service};
use crate::ledger::summary::Summary;
use crate::live::thing::{Thing, ThingKey};
use crate::{Subject, Timestamp};

/// One line of a list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Listing {
    /// A deployment of a release, by when it was created.
    OfRelease(Label, Timestamp, DeploymentId),
    /// A deployment of an artifact, by when it was created.
    OfArtifact(Label, Timestamp, DeploymentId),
    /// A day (`yyyy-mm-dd`) on which a deployment of the release was created, or on which the release was declared.
    ReleaseDay(String, Label),
    /// A release that a deployment of this thing of a service named.
    ReleaseOf(Service, ThingKey, Label),
}

impl Listing {
    /// The day of a release.
    #[must_use]
    pub fn day(release: Label, at: Timestamp) -> Self {
        Self::ReleaseDay(at.day(), release)
    }

    /// Whether it is of one deployment alone, and goes with it. A day is that of any deployment of a release, and so
    /// is what it has of a service. These are never taken back: who reads them looks whether they still hold.
    #[must_use]
    pub fn is_of_one(&self) -> bool {
        match self {
            Self::OfRelease(..) | Self::OfArtifact(..) => true,
            Self::ReleaseDay(..) | Self::ReleaseOf(..) => false,
        }
    }
}

/// How the lists change with a deployment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListingChange {
    /// The lines that it stands in from now on.
    pub added: BTreeSet<Listing>,
    /// The lines that it no longer stands in.
    pub removed: BTreeSet<Listing>,
}

impl ListingChange {
    /// How many writes it takes.
    #[must_use]
    pub fn writes(&self) -> usize {
        self.added.len() + self.removed.len()
    }
}

/// How the lists change between two states of a deployment.
#[must_use]
pub fn changes(before: Option<&Summary>, after: &Summary) -> ListingChange {
    let (old, new) = (before.map(entries).unwrap_or_default(), entries(after));
    ListingChange {
        added: new.difference(&old).cloned().collect(),
        removed: old.difference(&new).filter(|listing| listing.is_of_one()).cloned().collect(),
    }
}

/// The lines that a deployment stands in. What names neither release nor artifact stands in none.
#[must_use]
pub fn entries(summary: &Summary) -> BTreeSet<Listing> {
    match summary.deployment_id.subject() {
        Subject::Deployment => {}
        Subject::Incident | Subject::Environment | Subject::Verdicts | Subject::Observations => return BTreeSet::new(),
    }
    let named = summary.named();
    let (created, id) = (summary.created_at(), &summary.deployment_id);
    let mut listings = BTreeSet::new();
    if let Some(release) = named.release {
        listings.insert(Listing::OfRelease(release.clone(), created, id.clone()));
        listings.insert(Listing::day(release.clone(), created));
        let keys = if brings(summary) { Thing::of(summary).keys() } else { Vec::new() };
        listings.extend(keys.into_iter().map(|key| Listing::ReleaseOf(summary.service(), key, release.clone())));
    }
    listings.extend(named.artifact.map(|artifact| Listing::OfArtifact(artifact, created, id.clone())));
    listings
}

/// Whether a deployment brings a service something that can belong to the release it names. A removal brings nothing.
#[must_use]
pub fn brings(summary: &Summary) -> bool {
    !summary.is_removal() && summary.service() != Service::unknown()
}
