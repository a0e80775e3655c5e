use std::collections::BTreeMap;

use domain::live::Entry;
use domain::questions::expected::{self, Of, Usual};
use domain::questions::pace;
use serde::{Deserialize, Serialize};

/// What is expected of a deployment, how it goes beside that, and what landed before it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Outlook {
    /// How long it should take, by the newest deployments that completed in its place, itself left out; null where
    /// too few are known, and of a removal.
    #[serde(default)]
    pub expected: Option<Expected>,
    /// How it goes; null once it has ended.
    #[serde(default)]
    pub pace: Option<Pace>,
    /// The deployment that landed before it in its place, in its region where it has one; null where none is among
    /// the newest fifty.
    #[serde(default)]
    pub previous: Option<Previous>,
}

/// How long a deployment should take.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Expected {
    /// The median, in seconds, by nearest rank.
    pub seconds: f64,
    /// What nineteen of twenty took at most, in seconds.
    pub p95: f64,
    /// Of how many deployments.
    pub from: u64,
    /// Whether these are of its service in its environment, or of the whole environment because those are too few.
    pub of: Of,
    /// The same of each stage that enough of these deployments had, by its name.
    #[serde(default)]
    pub stages: BTreeMap<String, ExpectedStage>,
}

/// How long a stage should take.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExpectedStage {
    /// The median, in seconds, by nearest rank.
    pub seconds: f64,
    /// What nineteen of twenty took at most, in seconds.
    pub p95: f64,
    /// Of how many deployments.
    pub from: u64,
}

/// How a deployment goes that has not ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Pace {
    /// `ON_TIME`; `SLOW` where it takes too long and still reports; `STALLED` where it was silent for too long
    /// besides.
    pub state: pace::Pace,
    /// After how many seconds of work it takes too long; null where nothing is expected.
    pub slow_after_seconds: Option<f64>,
    /// After how many seconds without a report it was silent for too long; null while it waits.
    pub silent_after_seconds: Option<f64>,
    /// The stage that it is in, as far as that is known.
    pub stage: Option<String>,
}

/// The deployment that landed before another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Previous {
    /// Its id.
    pub deployment_id: String,
    /// Its version.
    pub version: Option<String>,
    /// Its commit.
    pub commit: Option<String>,
    /// When it landed; RFC 3339.
    pub landed_at: String,
}

impl Outlook {
    /// What is expected, how it goes, and the landing before it.
    #[must_use]
    pub fn new(
        expected: Option<&expected::Expected>,
        progress: Option<&pace::Progress>,
        previous: Option<&Entry>,
    ) -> Self {
        Self {
            expected: expected.map(Expected::from),
            pace: progress.map(Pace::from),
            previous: previous.map(Previous::from),
        }
    }
}

impl From<&expected::Expected> for Expected {
    fn from(expected: &expected::Expected) -> Self {
        let Usual { seconds, p95, from, .. } = expected.whole;
        let stages = expected.stages.iter().map(|(name, usual)| (name.to_string(), ExpectedStage::from(usual)));
        Self { seconds, p95, from: from as u64, of: expected.of, stages: stages.collect() }
    }
}

impl From<&Usual> for ExpectedStage {
    fn from(usual: &Usual) -> Self {
        Self { seconds: usual.seconds, p95: usual.p95, from: usual.from as u64 }
    }
}

impl From<&pace::Progress> for Pace {
    fn from(progress: &pace::Progress) -> Self {
        Self {
            state: progress.pace,
            slow_after_seconds: progress.slow_after,
            silent_after_seconds: progress.silent_after,
            stage: progress.stage.as_ref().map(|(stage, _)| stage.to_string()),
        }
    }
}

impl From<&Entry> for Previous {
    fn from(entry: &Entry) -> Self {
        Self {
            deployment_id: entry.deployment_id.to_string(),
            version: entry.version.as_ref().map(ToString::to_string),
            commit: entry.commit.as_ref().map(ToString::to_string),
            landed_at: entry.at.to_string(),
        }
    }
}
