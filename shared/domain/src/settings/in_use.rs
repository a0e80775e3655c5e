//! The settings that questions are answered by.

use super::{HealthBounds, Names, Path, Settings};
use crate::FieldError;
use crate::fields::Unknown;
use crate::live::Place;

/// The settings that questions are answered by.
#[derive(Debug)]
pub struct SettingsInUse {
    /// The settings.
    pub settings: Settings,
    /// What names mean.
    pub names: Names,
    /// The order of environments.
    pub path: Path,
}

impl SettingsInUse {
    /// Reads them from the text of a document.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn read(document: &str) -> Result<Self, Vec<FieldError>> {
        let document = crate::json::parse(document.as_bytes());
        let document = document.map_err(|error| vec![FieldError::new("", error.to_string())])?;
        Settings::read(document, Unknown::Ignored).map(Self::from)
    }

    /// What tells good from bad in a place, under whatever names.
    #[must_use]
    pub fn bounds(&self, place: &Place) -> HealthBounds {
        let environment = self.names.environments.resolve(&place.environment);
        self.settings.health_bounds(environment, self.names.services.resolve(&place.service))
    }
}

impl From<Settings> for SettingsInUse {
    fn from(settings: Settings) -> Self {
        Self { names: settings.names(), path: settings.path(), settings }
    }
}

impl Default for SettingsInUse {
    fn default() -> Self {
        Self::from(Settings::default())
    }
}
