//! What told good from bad, at the times at which something was received.

use std::collections::{BTreeMap, BTreeSet};

use domain::Timestamp;
use domain::live::Place;
use domain::settings::version::Version;
use domain::settings::{HealthBounds, SettingsInUse};

use super::super::Reader;
use super::InUse;
use crate::StoreError;
use crate::port::ReadItems;

impl<S: ReadItems> Reader<S> {
    /// What told good from bad in a place at a time.
    pub(super) async fn bounds_at(
        &self,
        place: &Place,
        time: Timestamp,
        in_use: InUse<'_>,
    ) -> Result<HealthBounds, StoreError> {
        let then = Box::pin(self.bounds_of_each(place, BTreeSet::from([time]), in_use)).await?;
        Ok(then.into_values().next().unwrap_or_default())
    }

    /// The same at each of these times: before the first version of the settings the usual bounds.
    pub(super) async fn bounds_of_each(
        &self,
        place: &Place,
        times: BTreeSet<Timestamp>,
        (settings, version): InUse<'_>,
    ) -> Result<BTreeMap<Timestamp, HealthBounds>, StoreError> {
        let Some(latest) = times.last().copied().filter(|_| version > 0) else {
            // None was ever applied: these are what the process started with.
            let bounds = settings.settings.health_bounds(&place.environment, &place.service);
            return Ok(times.into_iter().map(|time| (time, bounds)).collect());
        };
        let mut then = self.settings_as_of(latest).await?;
        let mut bounds = BTreeMap::new();
        for time in times.into_iter().rev() {
            while let Some(current) = then.as_ref().filter(|current| current.recorded_at > time) {
                let before = current.number - 1;
                then = if before == 0 { None } else { self.settings_version(before).await? };
            }
            let of_then = match &then {
                Some(version) => bounds_in(version, place)?,
                None => HealthBounds::default(),
            };
            bounds.insert(time, of_then);
        }
        Ok(bounds)
    }
}

/// What told good from bad in a place by a version of the settings.
fn bounds_in(version: &Version, place: &Place) -> Result<HealthBounds, StoreError> {
    let settings = SettingsInUse::read(&version.document).map_err(|errors| {
        let errors = domain::fields::one_line(&errors);
        StoreError::unreadable("settings", format!("version {}: {errors}", version.number))
    })?;
    let environment = settings.names.environments.resolve(&place.environment);
    let service = settings.names.services.resolve(&place.service);
    Ok(settings.settings.health_bounds(environment, service))
}
