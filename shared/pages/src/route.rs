//! Which page stands at which path.

pub use domain::page_paths::{DEPLOYMENT, NAME};

use crate::address;
use crate::assets::{self, Asset};

/// What the path of a release's page begins with; its name follows.
pub const RELEASE: &str = "/releases/";
/// What the path of a service's page begins with; its name follows, with all its slashes.
pub const SERVICE: &str = "/services/";
/// What the path of an environment's page begins with; its name follows, with all its slashes.
pub const ENVIRONMENT: &str = "/environments/";
/// The path at which something is looked for.
pub const SEARCH: &str = "/search";
/// The path of what changed before something went wrong.
pub const SUSPECTS: &str = "/suspects";
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
    /// Releases.
    Releases,
    /// One release, by what follows in the path.
    Release,
    /// Where what runs is not what it should be.
    Drift,
    /// Bad versions.
    Bad,
    /// The settings.
    Settings,
    /// Figures about deployments.
    Metrics,
    /// Incidents.
    Incidents,
    /// What changed before something went wrong.
    Suspects,
    /// What was not recorded.
    Rejected,
    /// One service, by what follows in the path.
    Service,
    /// One environment, by what follows in the path.
    Environment,
    /// What has a name, a version or a commit.
    Search,
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
            "/releases" => Some(Self::Releases),
            path if address::release_at(path).is_some() => Some(Self::Release),
            "/drift" => Some(Self::Drift),
            "/bad" => Some(Self::Bad),
            "/settings" => Some(Self::Settings),
            "/metrics" => Some(Self::Metrics),
            "/incidents" => Some(Self::Incidents),
            SUSPECTS => Some(Self::Suspects),
            "/rejected" => Some(Self::Rejected),
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
            Self::Live => &["asOf", "knownAt", "environment", "filter", "only", "hide", "group", "wall"],
            Self::Compare => &["asOf", "knownAt", "from", "to", "service"],
            Self::Deployments => &["service", "environment", "version", "release", "status", "cursor"],
            Self::Deployment => &["asOf", "knownAt"],
            Self::Service => &["asOf", "knownAt", "days", NAME],
            Self::Environment => &["asOf", "knownAt", NAME],
            Self::Search => &["q"],
            Self::Overview | Self::Settings => &["asOf"],
            Self::Releases => &["asOf", "environment", "cursor"],
            Self::Release => &["asOf", "environment"],
            Self::Drift => &["asOf", "environment", "service", "kind", "severity", "cursor"],
            Self::Bad => &["asOf", "environment", "service", "cleared", "cursor"],
            Self::Metrics => &["asOf", "environment", "service", "team", "release", "hours", "by", "compareTo"],
            Self::Incidents => &["environment", "service", "from", "to", "cursor"],
            Self::Suspects => &["service", "at", "environment", "window", "cursor"],
            Self::Rejected => &["from", "to", "cursor"],
            Self::Asset(_) => &[],
            Self::Record => &["what", "service", "version", "environment"],
            Self::MarkBad => &["outcome", "service", "version", "commit"],
        }
    }
}
