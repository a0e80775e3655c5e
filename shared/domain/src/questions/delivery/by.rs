//! By what deployments are grouped.

use crate::ledger::figures::Figures;
use crate::settings::Names;
use crate::{Service, Settings};

/// By what deployments are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// By what was deployed.
    Service,
    /// By where it went.
    Environment,
    /// By whose the service is, as the settings say.
    Team,
    /// By the release that it is part of.
    Release,
}

impl By {
    /// As they stand in a query.
    pub const NAMES: [&'static str; 4] = ["service", "environment", "team", "release"];

    /// Reads the exact name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let all = [Self::Service, Self::Environment, Self::Team, Self::Release];
        Self::NAMES.iter().zip(all).find(|(name, _)| **name == text).map(|(_, by)| by)
    }

    /// The group of a deployment or an incident, by the names that settings have; none where it is in none.
    #[must_use]
    pub fn group(self, figures: &Figures, settings: &Settings, names: &Names) -> Option<String> {
        let service = names.services.resolve(&figures.service);
        match self {
            Self::Service => Some(service.to_string()),
            Self::Environment => Some(names.environments.resolve(&figures.environment).to_string()),
            Self::Team => team(settings, service),
            Self::Release => figures.release.as_ref().map(ToString::to_string),
        }
    }
}

fn team(settings: &Settings, service: &Service) -> Option<String> {
    let of_service = settings.services.iter().find(|entry| entry.name == *service)?;
    of_service.team.as_ref().map(ToString::to_string)
}
