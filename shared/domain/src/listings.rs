//! The lists that a deployment stands in for what it names: those of its release and of its artifact; and on which
//! days releases were deployed, so that they can be listed.

use std::collections::BTreeSet;

use crate::identifiers::{DeploymentId, Label};
use crate::ledger::summary::Summary;
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
}

impl Listing {
    /// The day of a release.
    #[must_use]
    pub fn day(release: Label, at: Timestamp) -> Self {
        Self::ReleaseDay(at.day(), release)
    }

    /// Whether it is of one deployment alone, and goes with it. A day is that of any deployment of a release, so it is
    /// never taken back: who reads it looks whether it is still one.
    fn is_of_one(&self) -> bool {
        match self {
            Self::OfRelease(..) | Self::OfArtifact(..) => true,
            Self::ReleaseDay(..) => false,
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
        Subject::Incident | Subject::Environment | Subject::Verdicts => return BTreeSet::new(),
    }
    let named = summary.named();
    let (created, id) = (summary.created_at(), &summary.deployment_id);
    let of_release = named
        .release
        .into_iter()
        .flat_map(|release| [Listing::OfRelease(release.clone(), created, id.clone()), Listing::day(release, created)]);
    let of_artifact = named.artifact.map(|artifact| Listing::OfArtifact(artifact, created, id.clone()));
    of_release.chain(of_artifact).collect()
}
