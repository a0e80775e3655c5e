//! What is sent to whoever puts earlier versions back by themselves: `Rollback Suggested`.
//!
//! It follows from what people are told: a deployment that is told to be bad for the first time, in an environment that
//! asks for it, with something to go back to. It is recorded before it is sent. What was recorded stays as it is, so
//! what is sent again is the same, under the same id.

use serde::{Deserialize, Serialize};

use crate::follows::notifications::Transition;
use crate::health::verdict::{Reason, State, Verdict};
use crate::identifiers::{Commit, DeploymentId, Environment, Region, Service, Version};
use crate::ledger::summary::Summary;
use crate::settings::SettingsInUse;
use crate::{Timestamp, one_line};

/// What kind of event it is on a bus.
pub const DETAIL_TYPE: &str = "Rollback Suggested";

/// That something should be put back: the detail of the event, as it is recorded and sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Suggested {
    /// The same however often it is sent: of a deployment it is suggested once.
    pub suggestion_id: String,
    /// The deployment that is bad.
    pub deployment_id: DeploymentId,
    /// What it brought, by the name that settings have.
    pub service: Service,
    /// Where, by the name that settings have.
    pub environment: Environment,
    /// In which part of it, where it is only one.
    pub region: Option<Region>,
    /// The version that is bad.
    pub version: Option<Version>,
    /// Its commit.
    pub commit: Option<Commit>,
    /// Why it is bad, a sentence for each rule.
    pub reasons: Vec<String>,
    /// What to go back to.
    pub suggested: WayBack,
    /// The command that puts it back, where the settings say one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback_command: Option<String>,
    /// The link by which it is put back, where the settings say one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback_link: Option<String>,
    /// When it was suggested.
    pub at: Timestamp,
}

/// What to go back to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WayBack {
    /// The deployment that brought it.
    #[schemars(with = "String")]
    pub deployment_id: DeploymentId,
    /// Its version.
    #[schemars(with = "Option<String>")]
    pub version: Option<Version>,
    /// Its commit.
    #[schemars(with = "Option<String>")]
    pub commit: Option<Commit>,
}

/// What is kept of a suggestion: that it was recorded, and whether it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeptSuggestion {
    /// What is sent.
    pub detail: Suggested,
    /// When it was sent; none where it was not, or not yet.
    pub sent_at: Option<Timestamp>,
}

/// That it was suggested to put something back, as a verdict shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WasSuggested {
    /// By which whoever got it knows it again.
    pub suggestion_id: String,
    /// When it was recorded.
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// When it was sent to the bus; null where it was not.
    #[schemars(with = "Option<String>")]
    pub sent_at: Option<Timestamp>,
    /// What to go back to.
    pub to: WayBack,
}

impl Suggested {
    /// What follows from this news of a deployment with this verdict; none where nothing is to be sent: it is told
    /// something else than that it is bad, its environment does not ask for it, or there is nothing to go back to.
    #[must_use]
    pub fn of(
        summary: &Summary,
        (news, verdict): (Transition, &Verdict),
        settings: &SettingsInUse,
        at: Timestamp,
    ) -> Option<Self> {
        let environment = settings.names.environments.resolve(&summary.environment()).clone();
        let asks = settings.settings.is_rolled_back_by_itself(&environment);
        if !asks || news != Transition::Bad || verdict.state != State::Bad {
            return None;
        }
        let suggestion = verdict.suggestion.as_ref()?;
        let suggested = WayBack {
            deployment_id: suggestion.deployment_id.clone()?,
            version: suggestion.version.clone(),
            commit: suggestion.commit.clone(),
        };
        if suggested.version.is_none() && suggested.commit.is_none() {
            return None;
        }
        Some(Self {
            suggestion_id: format!("{}##ROLLBACK_SUGGESTED", summary.deployment_id),
            deployment_id: summary.deployment_id.clone(),
            service: settings.names.services.resolve(&summary.service()).clone(),
            environment,
            region: summary.region(),
            version: summary.version(),
            commit: summary.commit(),
            reasons: verdict.reasons.iter().map(Reason::words).map(|words| one_line(&words, 1000)).collect(),
            suggested,
            rollback_command: suggestion.command.clone(),
            rollback_link: suggestion.link.clone(),
            at,
        })
    }
}

impl KeptSuggestion {
    /// What is still to be sent, where this is suggested now: nothing where it was sent, nor where another thing is to
    /// be gone back to since. What was recorded is sent as it is, or not at all.
    #[must_use]
    pub fn to_send(&self, now: &Suggested) -> Option<Suggested> {
        let is_open = self.sent_at.is_none() && self.detail.suggested == now.suggested;
        is_open.then(|| self.detail.clone())
    }

    /// It as it was known at a time; none where it was not recorded yet.
    #[must_use]
    pub fn known_at(&self, at: Timestamp) -> Option<WasSuggested> {
        let Suggested { suggestion_id, suggested, at: recorded, .. } = &self.detail;
        (*recorded <= at).then(|| WasSuggested {
            suggestion_id: suggestion_id.clone(),
            at: *recorded,
            sent_at: self.sent_at.filter(|sent| *sent <= at),
            to: suggested.clone(),
        })
    }
}

impl WasSuggested {
    /// It as a line: `2026-03-01T12:00:00.000Z as c-2##ROLLBACK_SUGGESTED, to go back to 1 (c-1)`.
    #[must_use]
    pub fn in_words(&self) -> String {
        let WayBack { deployment_id, version, commit } = &self.to;
        let what = crate::label(version.as_ref().map(Version::as_str), commit.as_ref().map(Commit::as_str));
        let what = what.map_or_else(|| deployment_id.to_string(), |what| format!("{what} ({deployment_id})"));
        format!("{} as {}, to go back to {what}", self.at, self.suggestion_id)
    }

    /// Whether it went to the bus: `sent at 2026-03-01T12:00:00.000Z`, or `not sent`.
    #[must_use]
    pub fn sent(&self) -> String {
        self.sent_at.map_or_else(|| "not sent".to_owned(), |at| format!("sent at {at}"))
    }
}

#[cfg(test)]
mod tests;
