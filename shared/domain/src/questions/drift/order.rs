//! The order of findings: the worst first; of one severity in the order of environments, and what has been so for the
//! longest first.

use std::cmp::Reverse;

use super::{Finding, Kind, Severity};
use crate::Timestamp;
use crate::identifiers::{Environment, Identifier, Label, Service, key_part};
use crate::settings::Path;
use crate::settings::path::Standing;

/// Where a finding stands in the list, as it is kept between two pages of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    severity: Severity,
    environment: Option<Environment>,
    since: Option<Timestamp>,
    kind: Kind,
    service: Option<Service>,
    release: Option<Label>,
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
        let Finding { severity, environment, since, kind, service, release, .. } = finding.clone();
        Self { severity, environment, since, kind, service, release }
    }

    /// What it is sorted by. What is about no environment comes last, and so does what is since an unknown time.
    #[must_use]
    pub fn order(&self, path: &Path) -> Order {
        let text = |name: Option<&str>| name.map(str::to_owned);
        (
            self.severity,
            self.environment.is_none(),
            self.environment.as_ref().map(|name| path.order(name)),
            Reverse(self.since.map(Reverse)),
            self.kind,
            text(self.service.as_ref().map(Service::as_str)),
            text(self.release.as_ref().map(Label::as_str)),
        )
    }

    /// As text, for a cursor.
    #[must_use]
    pub fn text(&self) -> String {
        let since = self.since.map(|since| since.millis().to_string()).unwrap_or_default();
        key_part::join(&[
            self.severity.as_str(),
            self.kind.as_str(),
            &since,
            self.environment.as_ref().map_or("", Environment::as_str),
            self.service.as_ref().map_or("", Service::as_str),
            self.release.as_ref().map_or("", Label::as_str),
        ])
    }

    /// The position of this text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('#').collect();
        let [severity, kind, since, environment, service, release] = parts[..] else { return None };
        let severity =
            [Severity::High, Severity::Medium, Severity::Low].into_iter().find(|s| s.as_str() == severity)?;
        let since = if since.is_empty() { None } else { Some(Timestamp::from_millis(since.parse().ok()?)) };
        Some(Self {
            severity,
            kind: Kind::parse(kind)?,
            since,
            environment: name(environment)?,
            service: name(service)?,
            release: name(release)?,
        })
    }
}

/// A name in a position; none where it is empty, and nothing at all where it is no name.
#[expect(clippy::option_option, reason = "no name, or a wrong one")]
fn name<T: Identifier>(part: &str) -> Option<Option<T>> {
    if part.is_empty() { Some(None) } else { T::from_key_part(part).ok().map(Some) }
}
