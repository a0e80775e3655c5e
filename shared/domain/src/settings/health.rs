//! What tells good from bad, and what is to be done then: for all, for an environment, or for a service.

use super::bounds::DAYS;
use super::rollback_command::{self, RollbackCommand};
use crate::fields::Fields;
use crate::live::undone::Undone;

/// What one part of the settings says of good and bad; what it leaves out, another one says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HealthSettings {
    watch_minutes: Option<u32>,
    suspect_hours: Option<u32>,
    health_score: Option<f64>,
    error_rate: Option<f64>,
    latency_factor: Option<f64>,
    rollback_is_failure: Option<bool>,
    pub(super) rollback_command: Option<RollbackCommand>,
}

/// What tells good from bad in one place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HealthBounds {
    /// For how long a deployment is watched once it has landed.
    pub watch_minutes: u32,
    /// For how long what goes wrong afterwards is suspected to come from it.
    pub suspect_hours: u32,
    /// A health score below it is bad.
    pub health_score: f64,
    /// An error rate above it, in percent, is bad.
    pub error_rate: f64,
    /// A latency above so many times its baseline is bad.
    pub latency_factor: f64,
    /// Whether what was rolled back is bad.
    pub rollback_is_failure: bool,
}

impl Default for HealthBounds {
    fn default() -> Self {
        Self {
            watch_minutes: 30,
            suspect_hours: 24,
            health_score: 80.0,
            error_rate: 5.0,
            latency_factor: 1.2,
            rollback_is_failure: true,
        }
    }
}

impl HealthBounds {
    /// Whether what was undone so is bad by that: what was put back by hand only where a rollback is a failure.
    #[must_use]
    pub fn is_failure(&self, how: Undone) -> bool {
        self.rollback_is_failure || how == Undone::FailedAfterCompleting
    }

    /// These, as long as one part of the settings says where that is longer.
    pub(super) fn longer(self, said: &HealthSettings) -> Self {
        Self {
            watch_minutes: self.watch_minutes.max(said.watch_minutes.unwrap_or_default()),
            suspect_hours: self.suspect_hours.max(said.suspect_hours.unwrap_or_default()),
            ..self
        }
    }

    /// These, with what one part of the settings says instead.
    #[must_use]
    pub fn with(self, said: &HealthSettings) -> Self {
        Self {
            watch_minutes: said.watch_minutes.unwrap_or(self.watch_minutes),
            suspect_hours: said.suspect_hours.unwrap_or(self.suspect_hours),
            health_score: said.health_score.unwrap_or(self.health_score),
            error_rate: said.error_rate.unwrap_or(self.error_rate),
            latency_factor: said.latency_factor.unwrap_or(self.latency_factor),
            rollback_is_failure: said.rollback_is_failure.unwrap_or(self.rollback_is_failure),
        }
    }
}

/// Reads `health` and `rollbackCommand`.
pub(super) fn read(from: &mut Fields<'_>) -> HealthSettings {
    let rollback_command = rollback_command::read(from);
    let Some((path, object)) = from.object(&["health"]) else {
        return HealthSettings { rollback_command, ..HealthSettings::default() };
    };
    let mut health = from.nested(path, object);
    let settings = HealthSettings {
        watch_minutes: health.count(&["watchMinutes"], 1.0, DAYS * 24.0 * 60.0),
        suspect_hours: health.count(&["suspectHours"], 1.0, DAYS * 24.0),
        health_score: health.number(&["healthScore"], 0.0, 100.0),
        error_rate: health.number(&["errorRate"], 0.0, 100.0),
        latency_factor: health.number(&["latencyFactor"], 1.0, 1000.0),
        rollback_is_failure: health.flag(&["rollbackIsFailure"]),
        rollback_command,
    };
    health.finish("known are watchMinutes, suspectHours, healthScore, errorRate, latencyFactor and rollbackIsFailure");
    settings
}
