//! Which page stands at which path.

use crate::assets::{self, Asset};

/// What the path of a deployment's page begins with; its id follows, with all its slashes.
pub const DEPLOYMENT: &str = "/deployments/";

/// The path of the page on which a version is called bad, or cleared.
pub const MARK_BAD: &str = "/bad/mark";

/// What is at a path.
#[derive(Debug, Clone, Copy)]
pub enum Route {
    /// What is wrong now, and what is under way.
    Overview,
    /// The matrix.
    Live,
    /// Two environments beside each other.
    Compare,
    /// Deployments, the newest first.
    Deployments,
    /// One deployment, by what follows in the path.
    Deployment,
    /// The form of a deployment that is recorded by hand.
    Record,
    /// The form in which a version is called bad, or cleared.
    MarkBad,
    /// A file that pages load.
    Asset(&'static Asset),
}

impl Route {
    /// What is at this path, decoded; none where no page is.
    #[must_use]
    pub fn find(path: &str) -> Option<Self> {
        match path {
            "/" => Some(Self::Overview),
            "/live" => Some(Self::Live),
            "/compare" => Some(Self::Compare),
            "/deployments" => Some(Self::Deployments),
            "/record" => Some(Self::Record),
            MARK_BAD => Some(Self::MarkBad),
            path if path.strip_prefix(DEPLOYMENT).is_some_and(|id| !id.is_empty()) => Some(Self::Deployment),
            path => assets::find(path).map(Self::Asset),
        }
    }

    /// The parameters that it knows.
    #[must_use]
    pub fn parameters(&self) -> &'static [&'static str] {
        match self {
            Self::Live => &["asOf", "knownAt", "environment", "filter", "only"],
            Self::Compare => &["asOf", "knownAt", "from", "to", "service"],
            Self::Deployments => &["service", "environment", "version", "status", "cursor"],
            Self::Record => &["what", "service", "version", "environment"],
            Self::MarkBad => &["outcome", "service", "version", "commit"],
            Self::Overview | Self::Deployment | Self::Asset(_) => &[],
        }
    }
}
