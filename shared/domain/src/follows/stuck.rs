//! What is stuck: a deployment that has stalled ([`Pace::Stalled`]). People are told once, and once when it goes on.
//!
//! [`Pace::Stalled`]: crate::questions::pace::Pace::Stalled

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::follows::notifications::{Notification, NotifyRules, Transition};
use crate::identifiers::{DeploymentId, Environment, StageName};
use crate::questions::pace::Progress;
use crate::time::as_millis;
use crate::{State, Status, Timestamp};

/// The latest time at which a deployment can have been reported last, to be silent for so long by `now`.
#[must_use]
pub fn silent_since(now: Timestamp, silence: Duration) -> Timestamp {
    let millis = i64::try_from(silence.as_millis()).unwrap_or(i64::MAX);
    now.plus_millis(-millis)
}

/// Whether a deployment is silent: it has not ended, and its latest event happened at this time or before.
#[must_use]
pub fn is_silent(state: &State, silent_since: Timestamp) -> bool {
    state.summary.is_active() && state.summary.updated_at <= silent_since
}

/// In what a deployment stalled, and since when.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stall {
    /// The stage that it is in, as far as that is known.
    pub stage: Option<StageName>,
    /// How long that stage usually takes, in seconds, as far as that is known.
    pub usual_seconds: Option<f64>,
    /// When it was heard of last.
    pub since: Timestamp,
}

impl Stall {
    /// What is said of it in a line: `in BUILD, which usually takes 120 s, silent since 2026-03-01T12:00:00.000Z`.
    #[must_use]
    pub fn in_words(&self) -> String {
        let stage = self.stage.as_ref().map_or(String::new(), |stage| {
            let usual = self.usual_seconds.map_or(String::new(), |usual| format!(", which usually takes {usual:.0} s"));
            format!("in {stage}{usual}, ")
        });
        format!("{stage}silent since {}", self.since)
    }
}

/// That people were told that a deployment stalled, until it goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Told {
    /// The deployment.
    pub deployment_id: DeploymentId,
    /// In whose list it stood.
    pub environment: Environment,
    /// When it was heard of last by then.
    #[serde(with = "as_millis")]
    pub since: Timestamp,
}

/// What became of a deployment of which people were told that it stalled.
#[derive(Debug, Clone, PartialEq)]
pub enum Since {
    /// Nothing: it is silent still.
    Nothing,
    /// It goes on, or ended, and people are told.
    GoesOn(Box<Notification>),
    /// It is over, and that is told as such, or was concluded here: nothing more is said.
    Over,
}

impl Told {
    /// That people were told of this one, in whose environment's list it stood.
    #[must_use]
    pub fn of(state: &State, environment: Environment) -> Self {
        let (deployment_id, since) = (state.summary.deployment_id.clone(), state.summary.updated_at);
        Self { deployment_id, environment, since }
    }

    /// What became of it, by its state as it is now.
    #[must_use]
    pub fn since(&self, state: Option<&State>, rules: &NotifyRules) -> Since {
        let Some(state) = state else { return Since::Over };
        let summary = &state.summary;
        let concluded = summary.outcome.as_ref().is_some_and(|outcome| outcome.order.is_concluded());
        if !summary.is_active() {
            let status = summary.status();
            let is_told = Transition::of(status).is_some_and(|of| rules.notifies(&summary.environment(), of));
            if is_told || (concluded && status == Status::Cancelled) {
                return Since::Over;
            }
        } else if summary.updated_at <= self.since {
            return Since::Nothing;
        }
        let stall = Stall { stage: None, usual_seconds: None, since: self.since };
        Since::GoesOn(Box::new(Notification { stall: Some(stall), ..about(state, Transition::Resumed) }))
    }
}

/// The notification that a deployment has stalled. It is of the time of the latest event, so that it is the
/// same one for as long as the silence lasts.
#[must_use]
pub fn notification(state: &State, progress: &Progress) -> Notification {
    let within = progress.stage.as_ref();
    let stall = Stall {
        stage: within.map(|(name, _)| name.clone()),
        usual_seconds: within.and_then(|(_, usual)| *usual).map(|usual| usual.seconds),
        since: state.summary.updated_at,
    };
    Notification { stall: Some(stall), ..about(state, Transition::Stuck) }
}

/// A notification of a deployment as it stands.
pub(super) fn about(state: &State, transition: Transition) -> Notification {
    let summary = &state.summary;
    Notification {
        transition,
        deployment_id: summary.deployment_id.clone(),
        service: summary.service(),
        environment: summary.environment(),
        version: summary.version(),
        commit: summary.commit(),
        attempt: summary.attempt(),
        at: summary.updated_at,
        status: summary.status(),
        error: None,
        failed_stage: None,
        stall: None,
        judged: None,
        record: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::received::Received;
    use crate::ledger::recording::record;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::parse("2026-03-01T12:00:00Z").unwrap().plus_millis(seconds * 1000)
    }

    fn reported(events: &[(&str, Timestamp)]) -> State {
        let mut state = None;
        for (status, at) in events {
            let event = serde_json::json!({"deploymentId": "d-1", "status": status, "occurredAt": at});
            let event = crate::event::read(event, *at).unwrap();
            state = Some(record(state.as_ref(), Received::new(&event, *at, "test").unwrap(), *at).unwrap().1);
        }
        state.unwrap()
    }

    #[test]
    fn what_is_under_way_is_silent_once_it_was_for_as_long_as_that_and_what_has_ended_never() {
        let by = |millis| silent_since(at(0).plus_millis(millis), Duration::from_mins(1));
        assert!(!is_silent(&reported(&[("IN_PROGRESS", at(0))]), by(59_999)));
        assert!(is_silent(&reported(&[("IN_PROGRESS", at(0))]), by(60_000)));
        assert!(!is_silent(&reported(&[("COMPLETED", at(0))]), by(60_000)));
        assert_eq!(silent_since(at(0), Duration::MAX), Timestamp::MIN);
    }

    #[test]
    fn that_it_goes_on_is_told_once_anything_was_reported_unless_its_end_is_told_as_such() {
        let began = [("IN_PROGRESS", at(0))];
        let told = Told::of(&reported(&began), Environment::unknown());
        let then = |status: &'static str| reported(&[began[0], (status, at(900))]);
        for (state, rules, goes_on) in [
            (reported(&began), NotifyRules::DEFAULT, None),
            (then("VALIDATING"), NotifyRules::DEFAULT, Some(true)),
            (then("COMPLETED"), NotifyRules::DEFAULT, Some(false)),
            (then("COMPLETED"), "*:STUCK", Some(true)),
            (then("CANCELLED"), NotifyRules::DEFAULT, Some(true)),
        ] {
            let since = told.since(Some(&state), &NotifyRules::parse(rules).unwrap());
            let found = match &since {
                Since::Nothing => None,
                Since::GoesOn(_) => Some(true),
                Since::Over => Some(false),
            };
            assert_eq!(found, goes_on, "{} {rules}", state.summary.status());
            if let Since::GoesOn(notification) = since {
                assert_eq!(notification.dedupe_id(), format!("d-1#1#RESUMED#{}", at(0).millis()));
            }
        }
        assert_eq!(told.since(None, &NotifyRules::parse("").unwrap()), Since::Over);
    }
}
