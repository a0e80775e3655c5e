//! Which finding is which, from look to look.

use super::{Finding, Kind};
use crate::identifiers::{Environment, Identifier, Label, Service, key_part};

/// Which finding it is, from look to look: its kind, and what it is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FindingId {
    /// What is wrong.
    pub kind: Kind,
    /// Where.
    pub environment: Option<Environment>,
    /// The service.
    pub service: Option<Service>,
    /// The release.
    pub release: Option<Label>,
}

impl FindingId {
    /// Which finding it is.
    #[must_use]
    pub fn of(finding: &Finding) -> Self {
        let Finding { kind, environment, service, release, .. } = finding.clone();
        Self { kind, environment, service, release }
    }

    /// As a part of keys and ids.
    #[must_use]
    pub fn text(&self) -> String {
        key_part::join(&[
            self.kind.as_str(),
            self.environment.as_ref().map_or("", Environment::as_str),
            self.service.as_ref().map_or("", Service::as_str),
            self.release.as_ref().map_or("", Label::as_str),
        ])
    }

    /// The finding of this text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('#').collect();
        let [kind, environment, service, release] = parts[..] else { return None };
        Some(Self {
            kind: Kind::parse(kind)?,
            environment: name(environment)?,
            service: name(service)?,
            release: name(release)?,
        })
    }

    /// What it is about, in words.
    pub(crate) fn about(&self) -> String {
        let release = self.release.as_ref().map(|release| format!("release {}", release.as_str()));
        let service = self.service.as_ref().map(|service| service.as_str().to_owned());
        service.or(release).unwrap_or_else(|| "names".to_owned())
    }
}

/// A name in a text; none where it is empty, and nothing at all where it is no name.
#[expect(clippy::option_option, reason = "no name, or a wrong one")]
fn name<T: Identifier>(part: &str) -> Option<Option<T>> {
    if part.is_empty() { Some(None) } else { T::from_key_part(part).ok().map(Some) }
}
