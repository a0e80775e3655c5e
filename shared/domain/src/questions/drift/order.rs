//! The order of findings: the worst first; of one severity in the order of environments, and what has been so for the
//! longest first.

use std::cmp::Reverse;

use super::{Finding, FindingId, Kind, Severity};
use crate::Timestamp;
use crate::identifiers::{Environment, Label, Service};
use crate::settings::Path;
use crate::settings::path::Standing;

/// Where a finding stands in the list, as it is kept between two pages of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    severity: Severity,
    since: Option<Timestamp>,
    id: FindingId,
}

/// What positions are sorted by.
pub type Order = (
    Severity,
    bool,
    Option<(Standing, usize, Environment)>,
    Reverse<Option<Reverse<Timestamp>>>,
    Kind,
    Option<String>,
    Option<String>,
);

impl Position {
    /// Where a finding stands.
    #[must_use]
    pub fn of(finding: &Finding) -> Self {
        Self { severity: finding.severity, since: finding.since, id: FindingId::of(finding) }
    }

    /// What it is sorted by. What is about no environment comes last, and so does what is since an unknown time.
    #[must_use]
    pub fn order(&self, path: &Path) -> Order {
        let FindingId { kind, environment, service, release } = &self.id;
        let text = |name: Option<&str>| name.map(str::to_owned);
        (
            self.severity,
            environment.is_none(),
            environment.as_ref().map(|name| path.order(name)),
            Reverse(self.since.map(Reverse)),
            *kind,
            text(service.as_ref().map(Service::as_str)),
            text(release.as_ref().map(Label::as_str)),
        )
    }

    /// As text, for a cursor.
    #[must_use]
    pub fn text(&self) -> String {
        let since = self.since.map(|since| since.millis().to_string()).unwrap_or_default();
        format!("{}#{since}#{}", self.severity.as_str(), self.id.text())
    }

    /// The position of this text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (severity, rest) = text.split_once('#')?;
        let (since, id) = rest.split_once('#')?;
        let severity =
            [Severity::High, Severity::Medium, Severity::Low].into_iter().find(|s| s.as_str() == severity)?;
        let since = if since.is_empty() { None } else { Some(Timestamp::from_millis(since.parse().ok()?)) };
        Some(Self { severity, since, id: FindingId::parse(id)? })
    }
}
