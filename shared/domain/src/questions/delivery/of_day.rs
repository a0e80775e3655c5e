//! What happened in an environment on one day: all that figures are counted from, so that what it was made of need not
//! be read again.
//!
//! These are facts and not figures: for how long something is suspected, whether a rollback is a failure, and what was
//! cleared since, is decided where they are read.

use serde::{Deserialize, Serialize};

use super::Ended;
use super::failures::{Against, How};
use crate::identifiers::{DeploymentId, Environment, Service};
use crate::json::sha256_hex;
use crate::live::Place;
use crate::settings::SettingsInUse;
use crate::time::as_millis;
use crate::{Day, Timestamp};

/// What happened in an environment on one day.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct OfDay {
    /// The deployments and incidents that ended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ended: Vec<Ended>,
    /// The deployments in whose stead something was deployed anew that had landed before them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaced: Vec<Replaced>,
    /// The incidents that began, as far as anything had landed where they did.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub incidents: Vec<Blaming>,
    /// What was measured against the deployments that ended, whether it was cleared or not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measured: Vec<MeasuredBad>,
}

impl OfDay {
    /// Adds what else happened.
    pub fn add(&mut self, other: Self) {
        let Self { ended, replaced, incidents, measured } = other;
        self.ended.extend(ended);
        self.replaced.extend(replaced);
        self.incidents.extend(incidents);
        self.measured.extend(measured);
    }

    /// The same in two parts; none where there is nothing to part.
    #[must_use]
    pub fn halves(&self) -> Option<(Self, Self)> {
        fn halves<T: Clone>(all: &[T]) -> (Vec<T>, Vec<T>) {
            let (one, other) = all.split_at(all.len().div_ceil(2));
            (one.to_vec(), other.to_vec())
        }
        let (ended, replaced) = (halves(&self.ended), halves(&self.replaced));
        let (incidents, measured) = (halves(&self.incidents), halves(&self.measured));
        let one = Self { ended: ended.0, replaced: replaced.0, incidents: incidents.0, measured: measured.0 };
        let other = Self { ended: ended.1, replaced: replaced.1, incidents: incidents.1, measured: measured.1 };
        (other != Self::default()).then_some((one, other))
    }
}

/// That something that had landed before was deployed anew in the place of a deployment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Replaced {
    /// The deployment.
    pub of: DeploymentId,
    /// What was deployed anew.
    pub by: DeploymentId,
    /// When that landed.
    #[serde(with = "as_millis")]
    pub at: Timestamp,
}

/// An incident, and the deployment that it counts against if that is suspected for long enough.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Blaming {
    /// The incident.
    pub incident: DeploymentId,
    /// When it began.
    #[serde(with = "as_millis")]
    pub at: Timestamp,
    /// When it was resolved.
    #[serde(default, with = "as_millis::option", skip_serializing_if = "Option::is_none")]
    pub over_at: Option<Timestamp>,
    /// Of which service it is.
    pub service: Service,
    /// Where.
    pub environment: Environment,
    /// What ran there.
    pub suspect: DeploymentId,
    /// When that had landed.
    #[serde(with = "as_millis")]
    pub landed: Timestamp,
}

/// A deployment that was bad by what was measured of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MeasuredBad {
    /// The deployment.
    pub of: DeploymentId,
    /// Of which service it is.
    pub service: Service,
    /// Since when.
    #[serde(with = "as_millis")]
    pub since: Timestamp,
}

/// What days are made by: with another basis they are made again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basis {
    /// What names mean, as a hash.
    pub names: String,
    /// For how many hours something is suspected at most.
    #[serde(rename = "suspectHours")]
    pub suspect_hours: u32,
}

impl Basis {
    /// What days are made by with these settings. None where something is watched for longer than
    /// [days are kept after](Day::LONGEST_WATCH_MILLIS): then what is measured can still change any of them.
    #[must_use]
    pub fn of(settings: &SettingsInUse) -> Option<Self> {
        let longest = settings.settings.longest_bounds();
        let watched = i64::from(longest.watch_minutes) * 60 * 1000;
        let names = sha256_hex(&settings.names.text());
        (watched <= Day::LONGEST_WATCH_MILLIS).then_some(Self { names, suspect_hours: longest.suspect_hours })
    }
}

impl Replaced {
    /// What it says against the deployment.
    #[must_use]
    pub fn against(self) -> Against {
        Against { deployment_id: self.of, how: How::Undone, at: self.at, over_at: None, by: self.by }
    }
}

impl Blaming {
    /// Where it began.
    #[must_use]
    pub fn place(&self) -> Place {
        Place { environment: self.environment.clone(), service: self.service.clone() }
    }

    /// What it says against the deployment; nothing where that landed longer before it than things are suspected.
    #[must_use]
    pub fn against(self, suspect_hours: u32) -> Option<Against> {
        let suspected_until = self.landed.plus_millis(i64::from(suspect_hours) * 60 * 60 * 1000);
        let Self { incident: by, at, over_at, suspect: deployment_id, .. } = self;
        (at <= suspected_until).then_some(Against { deployment_id, how: How::Incident, at, over_at, by })
    }
}

impl MeasuredBad {
    /// What it says against the deployment, unless it was cleared.
    #[must_use]
    pub fn against(self) -> Against {
        Against { by: self.of.clone(), deployment_id: self.of, how: How::JudgedBad, at: self.since, over_at: None }
    }
}
