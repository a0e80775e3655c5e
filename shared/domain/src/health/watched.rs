//! When a deployment was watched, and what its own events say of how it went.

use crate::ledger::summary::Summary;
use crate::live::log::{Effect, Entry, entries};
use crate::live::undone::{Undone, how, undoings};
use crate::settings::HealthBounds;
use crate::{Moment, Status, Timestamp};

use super::piece::{Piece, Rule, Says, Scope, measured};

/// From when to when something concerns a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watched {
    /// When its current attempt began.
    pub begun: Timestamp,
    /// When it landed, if it did.
    pub landed: Option<Timestamp>,
    /// Until when it was what ran in its place; none while it does, or where that is of no concern.
    pub until: Option<Timestamp>,
    /// For how long it is watched from its landing, in minutes.
    pub watch_minutes: u32,
    /// For how long it is suspected from its landing, in hours.
    pub suspect_hours: u32,
}

impl Watched {
    /// When a deployment is watched, by the bounds of when it landed. What took its place is not known of it alone.
    #[must_use]
    pub fn of(summary: &Summary, bounds: &HealthBounds) -> Self {
        let landing = landing(summary);
        let landed = landing.as_ref().map(|entry| entry.at);
        let attempt = summary.attempts.get(&summary.attempt());
        let begun = attempt.and_then(|attempt| attempt.began).unwrap_or_else(|| summary.created_at());
        let begun = landed.map_or(begun, |landed| begun.min(landed));
        let (_, endings) = entries(summary);
        let after = |entry: &&Entry| {
            landing.as_ref().is_some_and(|landing| entry.moment() > landing.moment()) && entry.effect.changes_live()
        };
        let until = endings.iter().filter(after).map(|entry| entry.at).min();
        let HealthBounds { watch_minutes, suspect_hours, .. } = *bounds;
        Self { begun, landed, until, watch_minutes, suspect_hours }
    }

    /// The same of what ran until then, if that was before it ended by itself.
    #[must_use]
    pub fn until(self, until: Option<Timestamp>) -> Self {
        Self { until: [self.until, until].into_iter().flatten().min(), ..self }
    }

    /// When the watch ends, of what has landed.
    #[must_use]
    pub fn watch_ends(&self) -> Option<Timestamp> {
        self.landed.map(|landed| landed.plus_millis(i64::from(self.watch_minutes) * 60 * 1000))
    }

    /// Until when it is suspected, of what has landed.
    #[must_use]
    pub fn suspicion_ends(&self) -> Option<Timestamp> {
        self.landed.map(|landed| landed.plus_millis(i64::from(self.suspect_hours) * 60 * 60 * 1000))
    }

    /// Whether a piece of evidence concerns it.
    #[must_use]
    pub fn concerns(&self, piece: &Piece) -> bool {
        let at = piece.at();
        let ran = self.landed.is_some_and(|landed| landed <= at) && self.until.is_none_or(|until| at < until);
        match piece.scope {
            Scope::Deployment => self.begun <= at && self.watch_ends().is_none_or(|end| at <= end),
            Scope::Place => ran && self.watch_ends().is_some_and(|end| at <= end),
            Scope::Suspected => ran && self.suspicion_ends().is_some_and(|end| at <= end),
            Scope::DeploymentSuspected => self.begun <= at && self.suspicion_ends().is_none_or(|end| at <= end),
            Scope::AnyTime => true,
        }
    }
}

/// The latest landing of a deployment, whatever became of it.
#[must_use]
pub fn landing(summary: &Summary) -> Option<Entry> {
    let (_, endings) = entries(summary);
    endings.into_iter().rfind(|entry| entry.effect == Effect::Completed)
}

/// What the events of a deployment itself say of it: the health checks and metrics of its current attempt, and that it
/// was undone.
#[must_use]
pub fn of_its_own(summary: &Summary, bounds: &HealthBounds) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let attempt = summary.attempt();
    let own = |rule, moment: Moment, key: &str| Piece {
        moment,
        rule,
        says: Says::Bad,
        scope: Scope::Deployment,
        figure: None,
        history: summary.deployment_id.clone(),
        key: key.to_owned(),
        by: None,
        reason: None,
    };
    for row in summary.stage_rows() {
        let failed = row.attempt == attempt && row.status == Status::Failed && is_health_check(row.stage.as_str());
        if let Some(at) = row.finished_at.filter(|_| failed) {
            let reason = row.error.as_ref().map(crate::event::Failure::in_words);
            pieces.push(Piece { reason, ..own(Rule::HealthCheck, at.into(), row.stage.as_str()) });
        }
    }
    for (order, metrics) in summary.latest.measured().filter(|(order, _)| order.attempt() == attempt) {
        for (rule, says, figure) in measured(&metrics, &crate::event::Metrics::default(), bounds) {
            let own = own(rule, order.moment(), order.key().as_str());
            pieces.push(Piece { says, figure: Some(figure), ..own });
        }
    }
    let (_, endings) = entries(summary);
    for undoing in undoings(&endings) {
        let rule = match how(undoing) {
            Undone::RolledBack => Rule::RolledBack,
            Undone::FailedAfterCompleting | Undone::ReplacedByRollback => Rule::FailedAfterCompleting,
        };
        if rule != Rule::RolledBack || bounds.rollback_is_failure {
            let own = own(rule, undoing.moment(), undoing.effect.as_str());
            pieces.push(Piece { scope: Scope::AnyTime, ..own });
        }
    }
    pieces
}

/// Whether the events of a deployment say anything of it that some bounds could call bad.
#[must_use]
pub fn may_speak_against(summary: &Summary) -> bool {
    let strictest = HealthBounds { health_score: 100.0, error_rate: 0.0, ..HealthBounds::default() };
    let own = of_its_own(summary, &strictest);
    own.iter().any(|piece| piece.says == Says::Bad && piece.scope == Scope::Deployment)
}

/// Whether a stage is called a health check, however that is written.
#[must_use]
pub fn is_health_check(stage: &str) -> bool {
    let letters: String = stage.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_lowercase()).collect();
    letters.contains("healthcheck")
}
