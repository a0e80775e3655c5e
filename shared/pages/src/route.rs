//! Which page stands at which path.

use crate::assets::{self, Asset};

/// What the path of a deployment's page begins with; its id follows, with all its slashes.
pub const DEPLOYMENT: &str = "/deployments/";

/// What the path of a service's page begins with; its name follows, with all its slashes.
pub const SERVICE: &str = "/services/";
/// What the path of an environment's page begins with; its name follows, with all its slashes.
pub const ENVIRONMENT: &str = "/environments/";
/// The parameter that has the name where no path can: a browser takes `.` and `..` as steps.
pub const NAME: &str = "name";
/// The path at which something is looked for.
pub const SEARCH: &str = "/search";

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
    /// One service, by what follows in the path.
    Service,
    /// One environment, by what follows in the path.
    Environment,
    /// What has a name, a version or a commit.
    Search,
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
            path if path.strip_prefix(DEPLOYMENT).is_some_and(|id| !id.is_empty()) => Some(Self::Deployment),
            SEARCH => Some(Self::Search),
            path if path.starts_with(SERVICE) => Some(Self::Service),
            path if path.starts_with(ENVIRONMENT) => Some(Self::Environment),
            path => assets::find(path).map(Self::Asset),
        }
    }

    /// The parameters that it knows.
    #[must_use]
    pub fn parameters(&self) -> &'static [&'static str] {
        match self {
            Self::Live => &["asOf", "knownAt", "environment", "filter", "only"],
            Self::Compare => &["asOf", "knownAt", "from", "to", "service"],
            Self::Deployments => &["service", "environment", "version", "release", "status", "cursor"],
            Self::Deployment => &["asOf", "knownAt"],
            Self::Service => &["asOf", "knownAt", "days", NAME],
            Self::Environment => &["asOf", "knownAt", NAME],
            Self::Search => &["q"],
            Self::Overview | Self::Asset(_) => &[],
        }
    }
}
